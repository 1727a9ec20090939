"""Dead letters on Redis: a stream of them that is never changed, and a hash of what was decided."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import attrs
import orjson
from redis import Redis

from adapters.codec.envelope import EnvelopeCodec
from adapters.redis_streams.errors import translated
from adapters.redis_streams.keys import (
    REDRIVEN_IDLE_MS,
    checkpoints_key,
    dead_letter_counts_key,
    dead_letter_decisions_key,
    dead_letters_key,
    dead_letters_of_key,
    redriven_key,
    stream_key,
)
from adapters.redis_streams.scripts import Script
from application.ports.dead_letters import (
    REDRIVER,
    DeadLetters,
    Decision,
    KeptDelivery,
    Redrive,
    Wanted,
)
from application.ports.errors import InvalidPosition
from application.ports.positions import parse, recorded_at_s

LOOKED_AT_MAX = 10_000  # dead letters that one page may look at
CHUNK = 500
_ORIGINAL = b"original."

Entry = tuple[bytes, Mapping[bytes, bytes]]


class RedisDeadLetters(DeadLetters):
    def __init__(self, client: "Redis") -> None:
        self._redis = client
        self._redrive = Script(client, "redrive")
        self._discard = Script(client, "discard")

    def page(
        self, stream: str, wanted: Wanted, *, count: int, after: str | None = None
    ) -> tuple[list[KeptDelivery], str | None]:
        if after is not None:
            parse(after)
        found: list[KeptDelivery] = []
        for looked_at in range(0, LOOKED_AT_MAX, CHUNK):
            chunk = self._chunk(stream, after)
            for kept in chunk:
                if len(found) == count:
                    return found, after
                after = kept.id
                if wanted.fits(kept):
                    found.append(kept)
            if len(chunk) < CHUNK:
                return found, None
            assert looked_at < LOOKED_AT_MAX
        return found, after

    def _chunk(self, stream: str, after: str | None) -> list[KeptDelivery]:
        with translated():
            entries: Any = self._redis.xrange(
                dead_letters_key(stream), min=f"({after}" if after else "-", count=CHUNK
            )
            return self._with_decisions(stream, entries)

    def get(self, stream: str, id: str) -> KeptDelivery | None:
        place = _place(id)
        if place is None:
            return None
        with translated():
            entries: Any = self._redis.xrange(dead_letters_key(stream), min=place, max=place)
            return next(iter(self._with_decisions(stream, entries)), None)

    def of_deliveries(self, stream: str, places: Sequence[tuple[str, str]]) -> list[KeptDelivery]:
        if not places:
            return []
        names = [f"{group} {position}" for group, position in places]
        with translated():
            noted: Any = self._redis.hmget(dead_letters_of_key(stream), names)
            ids = [id_ for ids in noted if ids for id_ in ids.decode().split()]
            pipe = self._redis.pipeline(transaction=False)
            for id_ in sorted(ids, key=parse):
                pipe.xrange(dead_letters_key(stream), min=id_, max=id_)
            entries = [entry for found in pipe.execute() for entry in found]
            return self._with_decisions(stream, entries)

    def _with_decisions(self, stream: str, entries: list[Entry]) -> list[KeptDelivery]:
        if not entries:
            return []
        ids = [place for place, _ in entries]
        decisions: Any = self._redis.hmget(dead_letter_decisions_key(stream), ids)
        return [_kept(*entry, decision) for entry, decision in zip(entries, decisions, strict=True)]

    def redrive(self, stream: str, id: str, decision: Decision) -> Redrive:
        kept = self.get(stream, id)
        if kept is None:
            return "unknown"
        keys = [
            stream_key(stream),
            dead_letters_key(stream),
            dead_letter_decisions_key(stream),
            dead_letter_counts_key(stream),
            redriven_key(stream, kept.group),
            checkpoints_key(stream),
        ]
        note = _note("redriven", decision)
        with translated():
            answer = self._redrive(
                keys, [kept.id, kept.group, kept.position, note, REDRIVER, REDRIVEN_IDLE_MS]
            )
        return cast(Redrive, answer.decode())

    def discard(self, stream: str, id: str, decision: Decision) -> bool:
        kept = self.get(stream, id)
        if kept is None:
            return False
        keys = [
            dead_letters_key(stream),
            dead_letter_decisions_key(stream),
            dead_letter_counts_key(stream),
        ]
        with translated():
            return bool(self._discard(keys, [kept.id, kept.group, _note("discarded", decision)]))


def _place(id: str) -> str | None:
    """`id` as the server writes it: a shorter form would name several. None where it cannot be one."""
    try:
        milliseconds, number = parse(id)
    except InvalidPosition:
        return None
    return f"{milliseconds}-{number}" if max(milliseconds, number) < 2**64 else None


def _note(state: Literal["redriven", "discarded"], decision: Decision) -> bytes:
    told = {name: value for name, value in attrs.asdict(decision).items() if value is not None}
    return orjson.dumps({"state": state, **told})


def _kept(place: bytes, fields: Mapping[bytes, bytes], decision: bytes | None) -> KeptDelivery:
    text = {name.decode(errors="replace"): value.decode(errors="replace") for name, value in fields.items()}
    original = {
        name.removeprefix(_ORIGINAL): value for name, value in fields.items() if name.startswith(_ORIGINAL)
    }
    position = text["position"]
    looked = EnvelopeCodec().look(position, original)
    known = orjson.loads(decision) if decision else None
    return KeptDelivery(
        id=place.decode(),
        group=text["group"],
        position=position,
        type=looked.type or "",
        checkout_id=looked.checkout_id,
        attempts=int(text["attempts"]),
        reason=text["reason"],
        first_error=text["first_error"],
        last_error=text["last_error"],
        traceback=text["traceback"],
        original={n.decode(errors="replace"): v.decode(errors="replace") for n, v in original.items()},
        set_aside_at_s=recorded_at_s(place.decode()),
        state=known.pop("state") if known else "open",
        decision=Decision(**known) if known else None,
    )
