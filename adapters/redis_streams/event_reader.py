"""The reading half of the event store on Redis Streams. It sends commands of the read category only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from redis import Redis

from adapters.codec.envelope import EnvelopeCodec
from adapters.codec.snapshots import decode_snapshot
from adapters.redis_streams.errors import translated
from adapters.redis_streams.indexed import id_of, place_of
from adapters.redis_streams.keys import entity_key, snapshots_key, stream_key
from adapters.redis_streams.scripts import ReadScript
from application.events.recorded_event import RecordedEvent
from application.ports.event_store import EventReader, Page, StoredEntry
from application.ports.positions import parse
from domain.inventory.stock_item import StockItem

LOOKED_AT_MAX = 10_000  # entries that one filtered page may look at
CHUNK = 1_000

Entry = tuple[bytes, Mapping[bytes, bytes]]


class RedisEventReader(EventReader):
    """`read_command` is how read-only scripts are run; only a stand-in server needs another one."""

    def __init__(
        self, client: "Redis", codec: EnvelopeCodec | None = None, *, read_command: str = "EVAL_RO"
    ) -> None:
        self._redis = client
        self._codec = codec or EnvelopeCodec()
        self._read = ReadScript(client, "read", read_command)

    def read(self, stream: str, entities: Sequence[str]) -> list[list[RecordedEvent]]:
        if not entities:
            return []
        keys = [stream_key(stream), *(entity_key(stream, entity) for entity in entities)]
        with translated():
            histories = self._read(keys)
        return [self._history(stream, history) for history in histories]

    def _history(self, stream: str, entries: list[tuple[bytes, list[bytes]]]) -> list[RecordedEvent]:
        events = []
        for indexed, flat in entries:
            position, version = place_of(indexed)
            fields = dict(zip(flat[::2], flat[1::2], strict=True))
            events.append(self._codec.decode(stream, position, fields, version))
        events.sort(key=lambda event: event.version)
        return events

    def versions(self, stream: str, entities: Sequence[str]) -> list[int]:
        if not entities:
            return []
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for entity in entities:
                pipe.hlen(entity_key(stream, entity))
            return [int(length) for length in pipe.execute()]

    def snapshots(self, stream: str, entities: Iterable[str]) -> Mapping[str, tuple[StockItem, int]]:
        names = list(entities)
        if not names:
            return {}
        with translated():
            found: Any = self._redis.hmget(snapshots_key(stream), names)
        return {name: decode_snapshot(raw) for name, raw in zip(names, found, strict=True)}

    def known_entities(self, stream: str, *, count: int) -> list[str]:
        names: set[str] = set()
        with translated():
            for name, _ in self._redis.hscan_iter(snapshots_key(stream), count=CHUNK):
                names.add(name.decode())
                if len(names) >= count:
                    break
        return sorted(names)

    def find(self, stream: str, event_ids: Sequence[tuple[str, str]]) -> list[RecordedEvent | None]:
        if not event_ids:
            return []
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for entity, event_id in event_ids:
                pipe.hget(entity_key(stream, entity), id_of(entity, event_id))
            places = [place_of(indexed) if indexed else None for indexed in pipe.execute()]
            for position, _ in filter(None, places):
                pipe.xrange(stream_key(stream), position, position)
            entries = iter(pipe.execute() if any(places) else [])
        return [self._found(stream, place, next(entries)) if place else None for place in places]

    def _found(
        self, stream: str, place: tuple[str, int | None], entries: list[Entry]
    ) -> RecordedEvent | None:
        position, version = place
        return self._codec.decode(stream, position, entries[0][1], version) if entries else None

    def page(
        self,
        stream: str,
        *,
        count: int,
        after: str | None = None,
        newest_first: bool = False,
        type: str | None = None,
    ) -> Page:
        if after is not None:
            parse(after)
        wanted = type.encode() if type is not None else None
        chunk = count + 1 if wanted is None else max(count + 1, CHUNK)
        entries: list[StoredEntry] = []
        looked_at = 0
        while True:
            found = self._chunk(stream, after, chunk, newest_first)
            for place, fields in found:
                if len(entries) == count or looked_at == LOOKED_AT_MAX:
                    return Page(entries=tuple(entries), next=after)
                after, looked_at = place.decode(), looked_at + 1
                if wanted is None or fields.get(b"type") == wanted:
                    entries.append(self._codec.look(after, fields))
            if len(found) < chunk:
                return Page(entries=tuple(entries), next=None)

    def _chunk(self, stream: str, after: str | None, count: int, newest_first: bool) -> list[Entry]:
        beyond = f"({after}" if after is not None else None
        with translated():
            if newest_first:
                return self._redis.xrevrange(stream_key(stream), max=beyond or "+", count=count)  # type: ignore[return-value]
            return self._redis.xrange(stream_key(stream), min=beyond or "-", count=count)  # type: ignore[return-value]
