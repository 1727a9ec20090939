"""What is lent to a test and comes back when it ends."""

from collections.abc import Callable

_to_give_back: list[Callable[[], None]] = []


def at_the_end(give_back: Callable[[], None]) -> None:
    """Have `give_back` called when the test ends."""
    _to_give_back.append(give_back)


def the_test_has_ended() -> None:
    """Call them, the last one first."""
    while _to_give_back:
        _to_give_back.pop()()
