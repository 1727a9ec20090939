"""The source of truth: append-only streams of events, grouped by entity."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import attrs

from application.events.origin import NO_ORIGIN, Origin
from application.events.recorded_event import RecordedEvent
from application.events.streams import Event
from domain.inventory.stock_item import StockItem


@attrs.frozen(kw_only=True)
class NewEvent:
    """A fact to append. `event_id` must be derived from its cause, so that a second run is noticed."""

    event: Event
    event_id: str
    causation_id: str | None = None
    origin: Origin = NO_ORIGIN


@attrs.frozen(kw_only=True)
class Write:
    """`events` for one entity, decided when it had `expected_version` events.

    `snapshot` is the entity's state after them, kept so that nobody has to fold a long history again.
    """

    entity: str
    expected_version: int
    events: tuple[NewEvent, ...]
    snapshot: StockItem | None = None


Transaction = tuple[Write, ...]
"""Writes that happen together or not at all."""


@attrs.frozen
class Appended:
    """The transaction was written; the positions of its events, in order."""

    positions: tuple[str, ...]


@attrs.frozen
class Duplicate:
    """An event id was there already, so nothing was written; the positions of the known ids."""

    positions: tuple[str, ...]


@attrs.frozen
class Conflict:
    """`entity` has `actual_version` events, not the expected number; nothing was written."""

    entity: str
    actual_version: int


Outcome = Appended | Duplicate | Conflict


@attrs.frozen(kw_only=True)
class StoredEntry:
    """One entry of a stream as it lies there, whoever wrote it and whether or not it makes sense.

    `payload` is the parsed JSON, or the text itself (with replacement marks) where it is none; then
    `malformed` says why.
    """

    position: str
    recorded_at_s: float
    type: str | None
    payload: object
    emitted_at_s: float | None = None
    checkout_id: str | None = None
    event_id: str | None = None
    version: int | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    correlation_id: str | None = None
    malformed: str | None = None


@attrs.frozen(kw_only=True)
class Page:
    """Some entries in the order asked for; `next` is the cursor for more, None at the end."""

    entries: tuple[StoredEntry, ...]
    next: str | None


class EventReader(Protocol):
    """The reading half of the store: it holds nothing that can write.

    An entity's version is the number of its events: 0 before the first. Positions (`positions`) are
    ordered within a stream. An event written by another program counts as soon as it was adopted.

    Every method raises:
        Unavailable: no answer; ask again later.
    """

    def read(self, stream: str, entities: Sequence[str]) -> list[list[RecordedEvent]]:
        """The events of each of `entities`, by version; the cost must not depend on the others'."""

    def versions(self, stream: str, entities: Sequence[str]) -> list[int]:
        """The version of each of `entities`, as noted beside the stream, which is not read."""

    def snapshots(self, stream: str, entities: Iterable[str]) -> Mapping[str, tuple[StockItem, int]]:
        """The state of each entity and the version it stands for; version 0 where there is none."""

    def known_entities(self, stream: str, *, count: int) -> list[str]:
        """At most `count` of the entities that have a snapshot, by name."""

    def find(self, stream: str, event_ids: Sequence[tuple[str, str]]) -> list[RecordedEvent | None]:
        """For each (entity, event id): the entity's event with that id, if it has one."""

    def page(
        self,
        stream: str,
        *,
        count: int,
        after: str | None = None,
        newest_first: bool = False,
        type: str | None = None,
    ) -> Page:
        """At most `count` entries of the stream that follow the cursor `after`, in the order asked for.

        With `type`, only those; a page may then hold fewer although `next` is set, because one call
        must not look at more than a bounded number of entries.

        Raises:
            InvalidPosition: `after` is no position.
        """


class EventStore(EventReader, Protocol):
    """The store with its one way of writing. What is appended is published: the stream is the bus."""

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        """Write each transaction or leave it out whole; one outcome each, in order.

        They are taken in order, so a later one may expect the version that an earlier one makes. An
        event id that its entity already has must leave the transaction out and answer `Duplicate`,
        whatever version it expected: the first outcome wins. A version other than the expected one
        must leave it out and answer `Conflict`: read again, decide again. So must a write with a
        snapshot that follows, for the same entity, one that was left out: somebody else's events may have
        made the version it expects, but its snapshot was made as if the other had been written.

        Raises:
            Unavailable: the outcome is unknown. Repeat it as it is; event ids make that safe.
        """
