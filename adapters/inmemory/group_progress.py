"""How far a group of the in-memory log has come."""

from adapters.inmemory.log import InMemoryLog, place_of, text_of
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
