"""The event store on Redis Streams: the stream is the log and the bus, a hash per entity its index."""

from collections.abc import Sequence, Set

from redis import Redis

from adapters.codec.envelope import SCHEMA, EnvelopeCodec, Stamp
from adapters.codec.snapshots import encode_snapshot
from adapters.redis_streams.durability import Copies, script_for
from adapters.redis_streams.errors import translated
from adapters.redis_streams.event_reader import RedisEventReader
from adapters.redis_streams.indexed import id_of, place_of
from adapters.redis_streams.keys import entity_key, snapshots_key, stream_key
from adapters.redis_streams.scripts import Argument
from application.ports.clock import Clock
from application.ports.errors import Unavailable
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
ALONE = Copies()
_APPENDED, _DUPLICATE = 0, 1
_NO_VERSION = -1


class RedisEventStore(RedisEventReader, EventStore):
    """`copies` is how many replicas must have an append before it is answered."""

    def __init__(
        self,
        client: "Redis",
        clock: Clock,
        codec: EnvelopeCodec | None = None,
        *,
        read_command: str = "EVAL_RO",
        copies: Copies = ALONE,
    ) -> None:
        super().__init__(client, codec, read_command=read_command)
        self._clock = clock
        self._copies = copies
        self._append = script_for(client, "append", copies)
        self._rewrite = script_for(client, "rewrite", copies)

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        left_out: set[str] = set()
        for first in range(0, len(transactions), TRANSACTIONS_MAX):
            some = transactions[first : first + TRANSACTIONS_MAX]
            answers = self._append_some(stream, some, left_out)
            for transaction, outcome in zip(some, answers, strict=True):
                if not isinstance(outcome, Appended):
                    left_out.update(write.entity for write in transaction)
            outcomes += answers
        return outcomes

    def _append_some(
        self, stream: str, transactions: Sequence[Transaction], left_out: Set[str]
    ) -> list[Outcome]:
        """`left_out`: the entities of transactions of the same call that earlier scripts left out."""
        stamp = Stamp.at(self._clock.now_s())
        keys = [stream_key(stream), snapshots_key(stream)]
        args: list[Argument] = [len(transactions), stamp.text, SCHEMA]
        for transaction in transactions:
            args.append(len(transaction))
            for write in transaction:
                keys.append(entity_key(stream, write.entity))
                _add(args, write, stamp, spoilt=write.entity in left_out)
        with translated():
            answers = self._append(keys, args)
            outcomes = [_outcome(answer) for answer in answers]
            if self._copies.replicas and not any(isinstance(outcome, Appended) for outcome in outcomes):
                self._prove_duplicates(stream, transactions, outcomes)
        return outcomes

    def _prove_duplicates(
        self, stream: str, transactions: Sequence[Transaction], outcomes: Sequence[Outcome]
    ) -> None:
        """Wait for copies of what was there already: whoever wrote it may not have seen them made."""
        known = 0
        keys: list[str] = []
        event_ids: list[Argument] = []
        for transaction, outcome in zip(transactions, outcomes, strict=True):
            if isinstance(outcome, Duplicate):
                known += len(outcome.positions)
                for write in transaction:
                    keys += [entity_key(stream, write.entity)] * len(write.events)
                    event_ids += [id_of(write.entity, new.event_id) for new in write.events]
        if known and self._rewrite(keys, event_ids) < known:
            raise Unavailable("the server was replaced by one that does not have it")


def _add(args: list[Argument], write: Write, stamp: Stamp, *, spoilt: bool) -> None:
    """`spoilt`: its snapshot, if it has one, rests on events that were left out."""
    snapshot = b""
    expected = write.expected_version
    if write.snapshot is not None:
        snapshot = encode_snapshot(write.snapshot, expected + len(write.events))
        if spoilt:
            expected = _NO_VERSION
    args += (write.entity, expected, len(write.events), snapshot)
    for new in write.events:
        args += stamp.encode(new)


def _outcome(answer: list[bytes | int]) -> Outcome:
    kind, *rest = answer
    if kind in (_APPENDED, _DUPLICATE):
        positions = tuple(place_of(place)[0] for place in rest if isinstance(place, bytes))
        return Appended(positions) if kind == _APPENDED else Duplicate(positions)
    entity, version = rest
    assert isinstance(entity, bytes)
    return Conflict(entity.decode(), int(version))
