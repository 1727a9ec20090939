"""The streams read once more, without the code under simulation: entries, and the story of each checkout."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Final

import attrs

from adapters.inmemory.log import StreamLog
from tests.simulation.laws import VERSIONS, hold

STOPPED_BY_HAND: Final = ("CheckoutCancelled", "CompensationForced", "CheckoutResolved")
NEXT: Final[Mapping[tuple[str, str], str]] = {
    **{
        (state, fact): "failing"
        for state in ("initiated", "stock held", "ordered")
        for fact in STOPPED_BY_HAND
    },
    ("failing", "CompensationFailed"): "stuck",
    ("stuck", "CompensationForced"): "failing",
    ("stuck", "StepRetried"): "failing",
    ("stuck", "CheckoutFailed"): "failed",
    ("", "CheckoutInitiated"): "initiated",
    ("initiated", "StockReserved"): "stock held",
    ("initiated", "StockReservationFailed"): "failing",
    ("initiated", "CheckoutDeadlineExpired"): "failing",
    ("initiated", "CheckoutSucceeded"): "succeeded",
    ("initiated", "CheckoutFailed"): "failed",
    ("stock held", "OrderCreated"): "ordered",
    ("stock held", "OrderCreationFailed"): "failing",
    ("stock held", "CheckoutDeadlineExpired"): "failing",
    ("stock held", "CheckoutSucceeded"): "succeeded",
    ("stock held", "CheckoutFailed"): "failed",
    ("ordered", "CheckoutDeadlineExpired"): "failing",
    ("ordered", "CheckoutSucceeded"): "succeeded",
    ("ordered", "CheckoutFailed"): "failed",
    ("failing", "CheckoutFailed"): "failed",
}
"""(state, fact) -> next state; any other fact changes nothing. The saga once more, in other words."""


@attrs.frozen
class Entry:
    """An entry of a stream, read by itself. `own`: one of our steps wrote it."""

    position: str
    type: str
    own: bool
    event_id: str
    version: int
    entity: str
    payload: Mapping[str, object]

    @property
    def recorded_s(self) -> float:
        return int(self.position.partition("-")[0]) / 1000

    @property
    def wanted(self) -> Counter[str]:
        """Product -> units in its cart."""
        wanted: Counter[str] = Counter()
        for line in self.payload["panier"]["produits"]:  # type: ignore[index]  # a well-formed start has them
            wanted[line["produit_id"]] += line["quantite"]
        return wanted


def entry_at(log: StreamLog, position: str) -> Entry | None:
    """None where it makes no sense."""
    fields = log.entries[position]
    try:
        payload = json.loads(fields[b"payload"])
        return Entry(
            position,
            fields[b"type"].decode(),
            b"event_id" in fields,
            fields.get(b"event_id", position.encode()).decode(),
            int(fields.get(b"version", b"0")),
            payload["produit_id" if "produit_id" in payload else "checkout_id"],
            payload,
        )
    except (KeyError, ValueError, TypeError):
        return None


@attrs.frozen
class Story:
    """The history of one checkout, as it can be told from the index and the entries alone."""

    checkout_id: str
    entries: tuple[Entry, ...]

    def state_after(self, count: int) -> str:
        state = ""
        for entry in self.entries[:count]:
            state = NEXT.get((state, entry.type), state)
        return state

    @property
    def state(self) -> str:
        return self.state_after(len(self.entries))

    def turn_to(self, *states: str) -> Entry | None:
        """The fact that first brought it to one of `states`."""
        for count, entry in enumerate(self.entries, start=1):
            if self.state_after(count) in states:
                return entry
        return None

    def expired_after(self, version: int) -> bool:
        """Whether its deadline came among the facts after its first `version`."""
        return any(entry.type == "CheckoutDeadlineExpired" for entry in self.entries[version:])

    @property
    def is_ours(self) -> bool:
        """No other program had a word in it."""
        return all(entry.own for entry in self.entries)


def stories(log: StreamLog) -> dict[str, Story]:
    """Every checkout's, after a look at their versions."""
    told = {}
    for entity, known in log.index.items():
        by_version = sorted(known.values(), key=lambda place: place[1])
        versions = [version for _, version in by_version]
        hold(VERSIONS, versions == list(range(1, len(versions) + 1)), f"{entity} has {versions}")
        found = [entry_at(log, position) for position, _ in by_version]
        told[entity] = Story(entity, tuple(entry for entry in found if entry is not None))
    return told
