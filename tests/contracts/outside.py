"""What happens to a log other than through its ports: other programs, operators, accidents."""

from collections.abc import Mapping
from typing import Any, Protocol

import attrs
from redis import Redis

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.log import Group, InMemoryLog
from adapters.redis_streams.keys import dead_letters_key, stream_key
from application.ports.event_bus import DeadLetter, Subscription
from tests.contracts.facts import Fields

ORIGINAL = b"original."


@attrs.frozen(kw_only=True)
class KeptDeadLetter:
    """A dead letter as an operator finds it, with the fields of the original entry."""

    group: str
    position: str
    why: DeadLetter
    original: Mapping[bytes, bytes]


class Outside(Protocol):
    def write(self, stream: str, fields: Fields, *, age_s: float = 0.0) -> str:
        """Put an entry at the end, as another program may; its position. `age_s` makes it look that old,
        which only the first entries of a stream can be."""

    def delete(self, stream: str, position: str) -> None:
        """Take one entry out of the stream."""

    def lose_group(self, stream: str, group: str) -> None:
        """Lose a group with its cursor and its pending deliveries, as a failover may."""

    def begin_group_again(self, stream: str, group: str) -> None:
        """Lose a group and make it again at the beginning, as a careless hand may."""

    def rest(self, subscription: Subscription, position: str, idle_ms: int) -> None:
        """Make a pending delivery look as if nobody had touched it for so long."""

    def dead_letters(self, stream: str) -> list[KeptDeadLetter]:
        """What was set aside, oldest first."""


@attrs.frozen
class OutsideInMemory(Outside):
    log: InMemoryLog
    clock: FakeClock

    def write(self, stream: str, fields: Fields, *, age_s: float = 0.0) -> str:
        self.clock.advance(-age_s)
        position = self.log.add(stream, fields)
        self.clock.advance(age_s)
        return position

    def delete(self, stream: str, position: str) -> None:
        self.log.remove(stream, position)

    def lose_group(self, stream: str, group: str) -> None:
        self.log.stream(stream).groups.pop(group, None)

    def begin_group_again(self, stream: str, group: str) -> None:
        self.log.stream(stream).groups[group] = Group()

    def rest(self, subscription: Subscription, position: str, idle_ms: int) -> None:
        held = self.log.stream(subscription.stream).groups[subscription.group].pending[position]
        held.since_s = self.clock.now_s() - idle_ms / 1000

    def dead_letters(self, stream: str) -> list[KeptDeadLetter]:
        return [
            KeptDeadLetter(group=dead.group, position=dead.position, why=dead.why, original=dead.fields)
            for dead in self.log.stream(stream).dead_letters
        ]


@attrs.frozen
class OutsideRedis(Outside):
    client: "Redis"

    def write(self, stream: str, fields: Fields, *, age_s: float = 0.0) -> str:
        position = "*"
        if age_s:
            now: Any = self.client.time()
            seconds, micros = now
            position = f"{int((seconds + micros / 1e6 - age_s) * 1000)}-0"
        added: Any = self.client.xadd(stream_key(stream), dict(fields), id=position)  # type: ignore[arg-type]
        return str(added.decode())

    def delete(self, stream: str, position: str) -> None:
        self.client.xdel(stream_key(stream), position)

    def lose_group(self, stream: str, group: str) -> None:
        self.client.xgroup_destroy(stream_key(stream), group)

    def begin_group_again(self, stream: str, group: str) -> None:
        self.lose_group(stream, group)
        self.client.xgroup_create(stream_key(stream), group, id="0-0")

    def rest(self, subscription: Subscription, position: str, idle_ms: int) -> None:
        key, group = stream_key(subscription.stream), subscription.group
        found: Any = self.client.xpending_range(key, group, position, position, 1)
        self.client.xclaim(key, group, found[0]["consumer"], 0, [position], idle=idle_ms, justid=True)

    def dead_letters(self, stream: str) -> list[KeptDeadLetter]:
        found: Any = self.client.xrange(dead_letters_key(stream))
        return [_kept(fields) for _, fields in found]


def _kept(fields: Fields) -> KeptDeadLetter:
    told = {name.decode(): value.decode() for name, value in fields.items() if not name.startswith(ORIGINAL)}
    why = DeadLetter(
        reason=told["reason"],
        attempts=int(told["attempts"]),
        first_error=told["first_error"],
        last_error=told["last_error"],
        traceback=told["traceback"],
    )
    original = {
        name.removeprefix(ORIGINAL): value for name, value in fields.items() if name.startswith(ORIGINAL)
    }
    return KeptDeadLetter(group=told["group"], position=told["position"], why=why, original=original)
