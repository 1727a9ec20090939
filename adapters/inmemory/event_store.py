"""The event store in memory."""

from collections.abc import Iterable, Mapping, Sequence

from adapters.codec.envelope import EnvelopeCodec, encode
from adapters.codec.snapshots import decode_snapshot, encode_snapshot
from adapters.inmemory.log import InMemoryLog, StreamLog, place_of, text_of
from application.events.recorded_event import RecordedEvent
from application.ports.event_store import (
    Appended,
    Conflict,
    Duplicate,
    EventStore,
    Outcome,
    Page,
    Transaction,
    Write,
)
from application.ports.positions import PART_MAX
from domain.inventory.stock_item import StockItem

_END = (PART_MAX + 1, 0)
_LOOKED_AT_MAX = 10_000  # entries that one filtered page may look at


class InMemoryEventStore(EventStore):
    def __init__(self, log: InMemoryLog, codec: EnvelopeCodec | None = None) -> None:
        self._log = log
        self._codec = codec or EnvelopeCodec()

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        left_out: set[str] = set()
        with self._log.lock:
            return [self._append_one(stream, transaction, left_out) for transaction in transactions]

    def _append_one(self, stream: str, transaction: Transaction, left_out: set[str]) -> Outcome:
        """`left_out`: the entities of transactions before this one that were left out."""
        log = self._log.stream(stream)
        known = _known_positions(log, transaction)
        conflict = next((write.entity for write in transaction if _is_stale(log, write, left_out)), None)
        if known or conflict is not None:
            left_out.update(write.entity for write in transaction)
        if known:
            return Duplicate(known)
        if conflict is not None:
            return Conflict(conflict, log.version(conflict))
        return Appended(tuple(self._write(stream, log, transaction)))

    def _write(self, stream: str, log: StreamLog, transaction: Transaction) -> Iterable[str]:
        for write in transaction:
            index = log.index.setdefault(write.entity, {})
            for version, new in enumerate(write.events, start=write.expected_version + 1):
                fields = encode(new, version=version, emitted_at_s=self._log.clock.now_s())
                position = self._log.add(stream, fields)
                index[new.event_id] = (position, version)
                yield position
            if write.snapshot is not None:
                log.snapshots[write.entity] = encode_snapshot(write.snapshot, len(index))

    def read(self, stream: str, entities: Sequence[str]) -> list[list[RecordedEvent]]:
        with self._log.lock:
            log = self._log.stream(stream)
            return [self._history(stream, log, entity) for entity in entities]

    def _history(self, stream: str, log: StreamLog, entity: str) -> list[RecordedEvent]:
        known = sorted(log.index.get(entity, {}).values(), key=lambda entry: entry[1])
        return [
            self._codec.decode(stream, position, log.entries[position], version)
            for position, version in known
            if position in log.entries
        ]

    def versions(self, stream: str, entities: Sequence[str]) -> list[int]:
        with self._log.lock:
            log = self._log.stream(stream)
            return [log.version(entity) for entity in entities]

    def snapshots(self, stream: str, entities: Iterable[str]) -> Mapping[str, tuple[StockItem, int]]:
        with self._log.lock:
            found = self._log.stream(stream).snapshots
            return {entity: decode_snapshot(found.get(entity)) for entity in entities}

    def known_entities(self, stream: str, *, count: int) -> list[str]:
        with self._log.lock:
            return sorted(self._log.stream(stream).snapshots)[:count]

    def find(self, stream: str, event_ids: Sequence[tuple[str, str]]) -> list[RecordedEvent | None]:
        with self._log.lock:
            log = self._log.stream(stream)
            places = [log.index.get(entity, {}).get(event_id) for entity, event_id in event_ids]
            return [
                self._codec.decode(stream, place[0], log.entries[place[0]], place[1])
                if place and place[0] in log.entries
                else None
                for place in places
            ]

    def page(
        self,
        stream: str,
        *,
        count: int,
        after: str | None = None,
        newest_first: bool = False,
        type: str | None = None,
    ) -> Page:
        with self._log.lock:
            log = self._log.stream(stream)
            look = count + 1 if type is None else _LOOKED_AT_MAX
            if newest_first:
                places = log.before(place_of(after) if after is not None else _END, look)
            else:
                places = log.after(place_of(after) if after is not None else (0, 0), look)
            entries = []
            for looked_at, place in enumerate(places, start=1):
                fields = log.entries[text_of(place)]
                if type is None or fields.get(b"type", b"") == type.encode():
                    entries.append(self._codec.look(text_of(place), fields))
                if len(entries) == count or looked_at == _LOOKED_AT_MAX:
                    more = looked_at < len(places) or looked_at == _LOOKED_AT_MAX
                    return Page(entries=tuple(entries), next=text_of(place) if more else None)
            return Page(entries=tuple(entries), next=None)


def _is_stale(log: StreamLog, write: Write, left_out: set[str]) -> bool:
    if write.snapshot is not None and write.entity in left_out:
        return True  # the version may be right by somebody else's doing; the snapshot is not
    return log.version(write.entity) != write.expected_version


def _known_positions(log: StreamLog, transaction: Transaction) -> tuple[str, ...]:
    return tuple(
        log.index[write.entity][new.event_id][0]
        for write in transaction
        for new in write.events
        if new.event_id in log.index.get(write.entity, {})
    )
