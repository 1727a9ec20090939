"""How far a group of the in-memory log has come."""

from collections.abc import Collection, Sequence

from adapters.inmemory.log import InMemoryLog, place_of, text_of
from application.ports.event_bus import FailedAttempt, PendingDelivery
from application.ports.group_progress import GroupPlace, GroupProgress


class InMemoryGroupProgress(GroupProgress):
    def __init__(self, log: InMemoryLog) -> None:
        self._log = log

    def has_handled(self, stream: str, group: str, position: str) -> bool:
        wanted = place_of(position)
        with self._log.lock:
            found = self._log.stream(stream).groups.get(group)
            if found is None or found.cursor < wanted:
                return False
            return all(place_of(pending) > wanted for pending in found.pending)

    def places(self, stream: str) -> list[GroupPlace]:
        with self._log.lock:
            log = self._log.stream(stream)
            return [
                GroupPlace(
                    group=name,
                    cursor=text_of(group.cursor),
                    pending=len(group.pending),
                    oldest_pending=min(group.pending, key=place_of, default=None),
                    checkpoint=text_of(log.checkpoints[name]) if name in log.checkpoints else None,
                )
                for name, group in sorted(log.groups.items())
            ]

    def pending(self, stream: str, places: Sequence[tuple[str, str]]) -> list[PendingDelivery | None]:
        with self._log.lock:
            return [self._pending(stream, group, position) for group, position in places]

    def _pending(self, stream: str, group: str, position: str) -> PendingDelivery | None:
        found = self._log.stream(stream).groups.get(group)
        held = found and found.pending.get(position)
        if not held:
            return None
        idle_ms = int((self._log.clock.now_s() - held.since_s) * 1000)
        return PendingDelivery(
            position=position, consumer=held.consumer, idle_ms=idle_ms, attempt=held.attempt
        )

    def failures(self, stream: str, positions: Collection[str]) -> list[FailedAttempt]:
        with self._log.lock:
            noted = reversed(self._log.stream(stream).failures)
            return [failure for failure in noted if failure.position in positions]
