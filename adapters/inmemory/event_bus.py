"""The event bus in memory: groups over the same log as the store."""

from collections.abc import Mapping, Sequence

import attrs

from adapters.codec.deliveries import EncodedDelivery, Source
from adapters.codec.envelope import EnvelopeCodec
from adapters.inmemory.log import DeadEntry, Group, Held, InMemoryLog, Place, place_of, text_of
from application.events.recorded_event import RecordedEvent
from application.ports.delivery import Delivery
from application.ports.event_bus import (
    Backlog,
    DeadLetter,
    EventBus,
    FailedAttempt,
    PendingDelivery,
    Subscription,
)
from application.ports.telemetry import Telemetry


class InMemoryEventBus(EventBus):
    def __init__(self, log: InMemoryLog, telemetry: Telemetry, codec: EnvelopeCodec | None = None) -> None:
        self._log = log
        self._telemetry = telemetry
        self._codec = codec or EnvelopeCodec()

    def join(self, subscription: Subscription) -> None:
        with self._log.lock:
            self._group(subscription)

    def receive(
        self, subscription: Subscription, *, count: int, block_ms: int, done: Sequence[str] = ()
    ) -> list[Delivery]:
        with self._log.lock:
            self.acknowledge(subscription, done)
            self._log.lock.wait_for(lambda: self._waiting(subscription, 1), block_ms / 1000)
            group = self._seen(subscription)
            places = self._waiting(subscription, count)
            for place in places:
                group.cursor = place
                group.pending[text_of(place)] = Held(
                    consumer=subscription.consumer, since_s=self._log.clock.now_s(), attempt=1
                )
            return [self._delivery(subscription.stream, text_of(place), 1) for place in places]

    def acknowledge(self, subscription: Subscription, positions: Sequence[str]) -> None:
        with self._log.lock:
            group, redriven = self._group(subscription), self._log.stream(subscription.stream).redriven
            for position in positions:
                group.pending.pop(position, None)
                redriven.pop((subscription.group, position), None)

    def pending(self, subscription: Subscription, *, count: int) -> list[PendingDelivery]:
        with self._log.lock:
            pending = self._group(subscription).pending
            oldest = sorted(pending, key=place_of)[:count]
            return [
                PendingDelivery(
                    position=position,
                    consumer=pending[position].consumer,
                    idle_ms=self._idle_ms(pending[position]),
                    attempt=pending[position].attempt,
                )
                for position in oldest
            ]

    def claim(
        self, subscription: Subscription, positions: Sequence[str], *, min_idle_ms: int
    ) -> list[Delivery]:
        with self._log.lock:
            group = self._seen(subscription)
            claimed = []
            for position in positions:
                held = group.pending.get(position)
                if held is None or self._idle_ms(held) < min_idle_ms:
                    continue
                if position not in self._log.stream(subscription.stream).entries:
                    del group.pending[position]  # deleted: there is nothing left to hand over
                    continue
                held.consumer, held.since_s = subscription.consumer, self._log.clock.now_s()
                held.attempt += 1
                claimed.append(self._delivery(subscription.stream, position, held.attempt))
            return claimed

    def forgive(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> None:
        with self._log.lock:
            pending = self._group(subscription).pending
            for delivery in deliveries:
                held = pending.get(delivery.position)
                if held and (held.consumer, held.attempt) == (subscription.consumer, delivery.attempt):
                    held.attempt -= 1

    def note_failures(self, subscription: Subscription, failed: Sequence[tuple[Delivery, str]]) -> None:
        with self._log.lock:
            self._log.stream(subscription.stream).failures.extend(
                FailedAttempt(
                    group=subscription.group,
                    position=delivery.position,
                    attempt=delivery.attempt,
                    error=error,
                    at_s=self._log.clock.now_s(),
                )
                for delivery, error in failed
            )

    def set_aside(self, subscription: Subscription, delivery: Delivery, why: DeadLetter) -> None:
        with self._log.lock:
            if self._group(subscription).pending.pop(delivery.position, None) is None:
                return
            log = self._log.stream(subscription.stream)
            log.redriven.pop((subscription.group, delivery.position), None)
            fields = log.entries.get(delivery.position, {})
            log.dead_letters.append(
                DeadEntry(
                    group=subscription.group,
                    position=delivery.position,
                    fields=fields,
                    why=why,
                    at_s=self._log.clock.now_s(),
                )
            )

    def forget_idle_consumers(self, subscription: Subscription, idle_ms: int) -> list[str]:
        with self._log.lock:
            group = self._log.stream(subscription.stream).groups.get(subscription.group, Group())
            busy = {held.consumer for held in group.pending.values()} | {subscription.consumer}
            until_s = self._log.clock.now_s() - idle_ms / 1000
            forgotten = [name for name, at_s in group.seen_s.items() if at_s <= until_s and name not in busy]
            for name in forgotten:
                del group.seen_s[name]
            return forgotten

    def save_checkpoint(self, subscription: Subscription) -> None:
        with self._log.lock:
            group = self._group(subscription)
            oldest = min(map(place_of, group.pending), default=None)
            checkpoint = group.cursor if oldest is None else _just_before(oldest)
            saved = self._log.stream(subscription.stream).checkpoints
            saved[subscription.group] = max(checkpoint, saved.get(subscription.group, (0, 0)))

    def backlog(self, subscription: Subscription) -> Backlog:
        with self._log.lock:
            group, log = self._group(subscription), self._log.stream(subscription.stream)
            waiting = log.after(group.cursor, len(log.places))
            now_s = self._log.clock.now_s()
            oldest = min(group.pending, key=place_of, default=None)
            return Backlog(
                lag_events=len(waiting),
                lag_s=max(0.0, now_s - waiting[0][0] / 1000) if waiting else 0.0,
                pending=len(group.pending),
                oldest_pending_s=now_s - place_of(oldest)[0] / 1000 if oldest else 0.0,
                oldest_pending_attempts=group.pending[oldest].attempt if oldest else 0,
                dead_letters=sum(
                    dead.group == subscription.group and dead.state == "open" for dead in log.dead_letters
                ),
                stream_events=len(log.places),
            )

    def forget_group(self, stream: str, group: str) -> None:
        """Lose a group, as a failover or a careless hand may."""
        with self._log.lock:
            self._log.stream(stream).groups.pop(group, None)

    def _group(self, subscription: Subscription) -> Group:
        log = self._log.stream(subscription.stream)
        is_made = subscription.group not in log.groups
        group = log.group(subscription.group)
        if is_made:
            self._telemetry.group_made(subscription, text_of(group.cursor))
        for (name, position), held in log.redriven.items():  # it may have been lost with the group
            if name == subscription.group:
                group.pending.setdefault(position, attrs.evolve(held))
        return group

    def _seen(self, subscription: Subscription) -> Group:
        group = self._group(subscription)
        group.seen_s[subscription.consumer] = self._log.clock.now_s()
        return group

    def _waiting(self, subscription: Subscription, count: int) -> list[Place]:
        return self._log.stream(subscription.stream).after(self._group(subscription).cursor, count)

    def _idle_ms(self, held: Held) -> int:
        return int((self._log.clock.now_s() - held.since_s) * 1000)

    def _delivery(self, stream: str, position: str, attempt: int) -> Delivery:
        entry = self._log.stream(stream).entries[position]
        flat = [part for field in entry.items() for part in field]
        source = Source(stream, self._codec, self._adopt, self._log.clock.now_s() * 1000)
        return EncodedDelivery(position, attempt, flat, source)

    def _adopt(self, draft: RecordedEvent, *, starts: bool) -> int | None:
        version, is_new = self._log.adopt(draft.stream, draft.entity, draft.position, starts=starts)
        if is_new:
            self._telemetry.published(draft.stream, [draft.event])
        return version


def _just_before(place: Place) -> Place:
    return (place[0], place[1] - 1) if place[1] else (place[0] - 1, 10**15)


def fields_of(**fields: str | bytes) -> Mapping[bytes, bytes]:
    """Entry fields as another program might write them."""
    return {
        name.encode(): value if isinstance(value, bytes) else value.encode() for name, value in fields.items()
    }
