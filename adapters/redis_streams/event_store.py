"""The event store on Redis Streams: the stream is the log and the bus, a hash per entity its index."""

from collections.abc import Sequence

from redis import Redis

from adapters.codec.envelope import EnvelopeCodec, encode
from adapters.codec.snapshots import encode_snapshot
from adapters.redis_streams.errors import translated
from adapters.redis_streams.event_reader import RedisEventReader
from adapters.redis_streams.keys import entity_key, snapshots_key, stream_key
from adapters.redis_streams.scripts import Argument, Script
from application.ports.clock import Clock
from application.ports.event_store import (
    Appended,
    Conflict,
    Duplicate,
    EventStore,
    Outcome,
    Transaction,
    Write,
)

TRANSACTIONS_MAX = 100  # in one script: other clients wait while it runs
_APPENDED, _DUPLICATE = 0, 1


class RedisEventStore(RedisEventReader, EventStore):
    def __init__(
        self,
        client: "Redis",
        clock: Clock,
        codec: EnvelopeCodec | None = None,
        *,
        read_command: str = "EVAL_RO",
    ) -> None:
        super().__init__(client, codec, read_command=read_command)
        self._clock = clock
        self._append = Script(client, "append")

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for first in range(0, len(transactions), TRANSACTIONS_MAX):
            outcomes += self._append_some(stream, transactions[first : first + TRANSACTIONS_MAX])
        return outcomes

    def _append_some(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        now_s = self._clock.now_s()
        keys = [stream_key(stream), snapshots_key(stream)]
        args: list[Argument] = [len(transactions)]
        for transaction in transactions:
            args.append(len(transaction))
            for write in transaction:
                keys.append(entity_key(stream, write.entity))
                args += _arguments(write, now_s)
        with translated():
            answers = self._append(keys, args)
        return [_outcome(answer) for answer in answers]


def _arguments(write: Write, now_s: float) -> list[Argument]:
    snapshot = b""
    version = write.expected_version
    if write.snapshot is not None:
        snapshot = encode_snapshot(write.snapshot, version + len(write.events))
    args: list[Argument] = [write.entity, version, len(write.events), snapshot]
    for new in write.events:
        version += 1
        args += encode(new, version=version, emitted_at_s=now_s)
    return args


def _outcome(answer: list[bytes | int]) -> Outcome:
    kind, *rest = answer
    if kind in (_APPENDED, _DUPLICATE):
        positions = tuple(position.decode() for position in rest if isinstance(position, bytes))
        return Appended(positions) if kind == _APPENDED else Duplicate(positions)
    entity, version = rest
    assert isinstance(entity, bytes)
    return Conflict(entity.decode(), int(version))
