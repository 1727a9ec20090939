"""What must hold of every checkout when all is over. Each law names its offenders."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from domain.checkout.events import END_FACTS
from tests.chaos.evidence import Evidence, is_malformed

END_TYPES: Final = frozenset(fact.__name__ for fact in END_FACTS)


def ends(evidence: Evidence) -> Counter[str]:
    """Checkout -> its end facts on the stream."""
    return _counted(evidence, END_TYPES)


def started(evidence: Evidence) -> Counter[str]:
    """Checkout -> its first facts on the stream."""
    return _counted(evidence, frozenset({"CheckoutInitiated"}))


def _counted(evidence: Evidence, types: frozenset[str]) -> Counter[str]:
    counted = (e for e in evidence.events if e.type in types and not is_malformed(e))
    return Counter(str(entry.checkout_id) for entry in counted)


def lost(evidence: Evidence) -> list[str]:
    """Accepted, and nowhere on the stream."""
    return sorted(evidence.accepted - started(evidence).keys())


def without_an_end(evidence: Evidence) -> list[str]:
    """Accepted or not: what has begun must end."""
    return sorted((evidence.accepted | started(evidence).keys()) - ends(evidence).keys())


def with_two_ends(evidence: Evidence) -> list[str]:
    return sorted(id_ for id_, count in ends(evidence).items() if count > 1)


def started_twice(evidence: Evidence) -> list[str]:
    return sorted(id_ for id_, count in started(evidence).items() if count > 1)


def after_its_end(evidence: Evidence) -> list[str]:
    """Checkouts to which something was added after their end."""
    return sorted(
        id_
        for id_, history in evidence.histories.items()
        if any(recorded.type in END_TYPES for recorded in history[:-1])
    )


def successes(evidence: Evidence) -> list[str]:
    """Checkouts that succeeded, one for each time that they did."""
    succeeded = (e for e in evidence.events if e.type == "CheckoutSucceeded" and not is_malformed(e))
    return [str(entry.checkout_id) for entry in succeeded]


def left(evidence: Evidence) -> Iterator[str]:
    """Groups that have not dealt with everything."""
    for group, (waiting, pending) in evidence.left.items():
        if waiting or pending:
            yield f"{group}: {waiting} not handed out, {pending} not acknowledged"
