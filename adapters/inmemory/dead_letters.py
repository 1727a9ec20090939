"""Dead letters in memory."""

from collections.abc import Sequence

import attrs

from adapters.codec.envelope import EnvelopeCodec
from adapters.inmemory.log import DeadEntry, Held, InMemoryLog, StreamLog
from application.ports.dead_letters import (
    REDRIVER,
    DeadLetters,
    Decision,
    KeptDelivery,
    Redrive,
    Wanted,
)
from application.ports.errors import InvalidPosition
from application.ports.positions import parse

LONG_AGO_S = -1e15  # idle for longer than anybody waits


class InMemoryDeadLetters(DeadLetters):
    """An id is the dead letter's place in the list, in the form of a position."""

    def __init__(self, log: InMemoryLog) -> None:
        self._log = log

    def page(
        self, stream: str, wanted: Wanted, *, count: int, after: str | None = None
    ) -> tuple[list[KeptDelivery], str | None]:
        first = parse(after)[0] if after is not None else 0
        with self._log.lock:
            rest = self._all(stream)[first:]
        found = [kept for kept in rest if wanted.fits(kept)]
        return found[:count], found[count - 1].id if len(found) > count else None

    def get(self, stream: str, id: str) -> KeptDelivery | None:
        try:
            number = parse(id)
        except InvalidPosition:
            return None
        with self._log.lock:
            return next((kept for kept in self._all(stream) if parse(kept.id) == number), None)

    def of_deliveries(self, stream: str, places: Sequence[tuple[str, str]]) -> list[KeptDelivery]:
        with self._log.lock:
            return [kept for kept in self._all(stream) if (kept.group, kept.position) in places]

    def redrive(self, stream: str, id: str, decision: Decision) -> Redrive:
        with self._log.lock:
            log, kept = self._log.stream(stream), self.get(stream, id)
            if kept is None:
                return "unknown"
            if kept.state != "open":
                return "already decided"
            if kept.position not in log.entries:
                return "entry gone"
            group = log.group(kept.group)
            group.seen_s[REDRIVER] = self._log.clock.now_s()
            held = Held(consumer=REDRIVER, since_s=LONG_AGO_S, attempt=0)
            group.pending[kept.position] = held
            log.redriven[kept.group, kept.position] = attrs.evolve(held)
            self._decide(log, kept.id, attrs.evolve(_entry(log, id), state="redriven", decision=decision))
            return "redriven"

    def discard(self, stream: str, id: str, decision: Decision) -> bool:
        with self._log.lock:
            log, kept = self._log.stream(stream), self.get(stream, id)
            if kept is None or kept.state != "open":
                return False
            self._decide(log, kept.id, attrs.evolve(_entry(log, id), state="discarded", decision=decision))
            return True

    def _decide(self, log: StreamLog, id: str, entry: DeadEntry) -> None:
        log.dead_letters[parse(id)[0] - 1] = entry

    def _all(self, stream: str) -> list[KeptDelivery]:
        entries = self._log.stream(stream).dead_letters
        return [_kept(f"{n}-0", entry) for n, entry in enumerate(entries, start=1)]


def _entry(log: StreamLog, id: str) -> DeadEntry:
    return log.dead_letters[parse(id)[0] - 1]


def _kept(id: str, entry: DeadEntry) -> KeptDelivery:
    looked = EnvelopeCodec().look(entry.position, entry.fields)
    return KeptDelivery(
        id=id,
        group=entry.group,
        position=entry.position,
        type=looked.type or "",
        checkout_id=looked.checkout_id,
        attempts=entry.why.attempts,
        reason=entry.why.reason,
        first_error=entry.why.first_error,
        last_error=entry.why.last_error,
        traceback=entry.why.traceback,
        original={n.decode(errors="replace"): v.decode(errors="replace") for n, v in entry.fields.items()},
        set_aside_at_s=entry.at_s,
        state=entry.state,
        decision=entry.decision,
    )
