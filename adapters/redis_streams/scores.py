"""Positions as scores of sorted sets: exact while a millisecond has at most 1,024 entries, until 2248."""

from application.ports.positions import parse

PER_MILLISECOND = 1024


def score_of(position: str) -> int:
    """A number that orders as the positions do."""
    milliseconds, number = parse(position)
    return milliseconds * PER_MILLISECOND + min(number, PER_MILLISECOND - 1)


def position_of(score: float) -> str:
    """The position with that score."""
    milliseconds, number = divmod(int(score), PER_MILLISECOND)
    return f"{milliseconds}-{number}"
