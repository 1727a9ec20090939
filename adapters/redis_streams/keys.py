"""The name of every key, and nothing else. Keys in one pair of braces share a hash slot.

A slash keeps what lies beside a stream apart from its entities, whose ids never have one.
"""

from typing import Final


def stream_key(stream: str) -> str:
    """The stream itself: exactly its name, so that any program finds it."""
    return stream


def entity_key(stream: str, entity: str) -> str:
    """Hash, event id -> position, packed: the entity's history. Its length is the entity's version."""
    return f"{{{stream}}}:{entity}"


def snapshots_key(stream: str) -> str:
    """Hash, entity -> its state."""
    return f"{{{stream}}}/snapshots"


def checkpoints_key(stream: str) -> str:
    """Hash, group -> the position below which it has acknowledged everything."""
    return f"{{{stream}}}/checkpoints"


def dead_letters_key(stream: str) -> str:
    """Stream of the deliveries that were set aside."""
    return f"{{{stream}}}/dead-letters"


def dead_letters_of_key(stream: str) -> str:
    """Hash, "group position" -> the dead letters of that delivery, oldest first, blanks between them."""
    return f"{{{stream}}}/dead-letters-of"


def failures_key(stream: str) -> str:
    """Stream of the newest failed attempts."""
    return f"{{{stream}}}/failures"


def dead_letter_counts_key(stream: str) -> str:
    """Hash, group -> how many of its deliveries are set aside."""
    return f"{{{stream}}}/dead-letter-counts"


def dead_letter_decisions_key(stream: str) -> str:
    """Hash, dead letter -> what an operator decided about it."""
    return f"{{{stream}}}/dead-letter-decisions"


REDRIVEN_IDLE_MS: Final = 7 * 24 * 3600 * 1000
"""How long that looks untouched: longer than any wait before a delivery is taken over."""


def redriven_key(stream: str, group: str) -> str:
    """Set of the positions that an operator has handed to a group again, until it has dealt with them."""
    return f"{{{stream}}}/redriven:{group}"


def deadlines_key(stream: str) -> str:
    """Sorted set, checkout id by the time it is due."""
    return f"{{{stream}}}/deadlines"


def open_checkouts_key(stream: str) -> str:
    """Sorted set, checkout id by the time it began, while it has not ended."""
    return f"{{{stream}}}/open"


def doubts_key(stream: str) -> str:
    """Sorted set, checkout id by the time a call of its came into doubt, until none is."""
    return f"{{{stream}}}/in-doubt"


def inbox_key(stream: str, group: str) -> str:
    """Sorted set of the positions that a group has dealt with since its checkpoint."""
    return f"{{{stream}}}/inbox:{group}"
