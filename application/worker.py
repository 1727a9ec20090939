"""The loop that every worker runs: receive, handle, acknowledge; try again; set aside."""

import contextlib
import random
import traceback
from collections.abc import Callable, Sequence

import attrs

from application.delivery import Delivery
from application.handler import Failures, Handler
from application.ports.clock import Clock
from application.ports.errors import MalformedEvent, Unavailable
from application.ports.event_bus import DeadLetter, EventBus, PendingDelivery, Subscription
from application.ports.telemetry import Telemetry
from domain.errors import DomainError


@attrs.frozen(kw_only=True)
class WorkerPolicy:
    """How patient a worker is. Each range is checked where the settings are read."""

    batch_max: int = 256
    block_ms: int = 1_000
    linger_ms: int = 0  # after a batch that was not full, before the next is asked for: more come at once
    claim_idle_ms: int = 30_000  # how long another consumer may sit on a delivery before it is taken over
    retry_base_ms: int = 200  # wait before the second attempt; doubles with each further one
    retry_max_ms: int = 30_000
    attempts_max: int = 5
    unfinished_attempts_max: int = 20  # handed out this often, or attempts_max times, to consumers that died
    claim_max: int = 100  # pending deliveries looked at in one go
    housekeeping_ms: int = 1_000
    consumer_forgotten_ms: int = 3_600_000  # not heard of for so long and holding nothing: it is gone

    def retry_delay_ms(self, attempt: int) -> int:
        """The longest wait before a delivery that was handed out `attempt` times is tried again."""
        return int(min(self.retry_max_ms, self.retry_base_ms * 2 ** max(0, min(attempt - 1, 30))))


FORGET_EVERY_S = 60.0


@attrs.define
class Trouble:
    """What has gone wrong with one delivery so far."""

    first_error: str
    last_error: str
    tries: int = 0  # by this consumer, with those that do not count
    wait_ms: float = 0.0  # before the next one


class Worker:
    """One consumer of one group, running one step.

    A delivery is acknowledged only after the step is done with it. One that fails stays pending, the
    others go on; it is tried again after a growing wait, by this consumer or another, and set aside as
    a dead letter after its last attempt, or at once when trying again cannot help. `on_poll` is called
    whenever the bus has answered, deliveries or none.
    """

    def __init__(
        self,
        bus: EventBus,
        subscription: Subscription,
        handler: Handler,
        *,
        clock: Clock,
        telemetry: Telemetry,
        policy: WorkerPolicy,
        jitter: Callable[[], float] = random.random,
        on_poll: Callable[[], object] = lambda: None,
    ) -> None:
        self._bus = bus
        self._subscription = subscription
        self._handler = handler
        self._clock = clock
        self._telemetry = telemetry
        self._policy = policy
        self._jitter = jitter
        self._on_poll = on_poll
        self._troubles: dict[str, Trouble] = {}
        self._outages = 0
        self._housekeeping_due_s = 0.0
        self._forgetting_due_s = 0.0
        self._first_look = True

    def run(self, stopped: Callable[[], bool], wait_s: Callable[[float], object]) -> None:
        """Work until `stopped()`; the batch at hand is finished first. `wait_s` sleeps, and may be cut
        short by a stop."""
        while not stopped():
            try:
                received = self.turn()
                self._outages = 0
                if self._policy.linger_ms and 0 < received < self._policy.batch_max:
                    wait_s(self._policy.linger_ms / 1000)
            except Unavailable as error:
                self._telemetry.interrupted(self._subscription, error)
                self._outages += 1
                wait_s(self._wait_ms(self._outages) / 1000)

    def turn(self) -> int:
        """One round; the number of deliveries that came in.

        Raises:
            Unavailable: the bus or a store is out of reach. What was in hand stays pending.
        """
        self._keep_house()
        policy = self._policy
        block_ms = min(policy.block_ms, policy.retry_base_ms) if self._troubles else policy.block_ms
        deliveries = self._bus.receive(self._subscription, count=policy.batch_max, block_ms=block_ms)
        self._on_poll()
        self._deal_with(deliveries)
        self._tick()
        return len(deliveries)

    def _tick(self) -> None:
        try:
            self._handler.tick()
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - what time brings about must not stop the deliveries
            self._telemetry.interrupted(self._subscription, error)

    def _keep_house(self) -> None:
        now_s = self._clock.now_s()
        if now_s < self._housekeeping_due_s:
            return
        if self._first_look:
            self._bus.join(self._subscription)
        self._retry(self._due())
        self._first_look = False
        self._bus.save_checkpoint(self._subscription)
        self._telemetry.backlog(self._subscription, self._bus.backlog(self._subscription))
        if now_s >= self._forgetting_due_s:
            self._bus.forget_idle_consumers(self._subscription, self._policy.consumer_forgotten_ms)
            self._forgetting_due_s = now_s + FORGET_EVERY_S
        wait_ms = self._policy.retry_base_ms if self._troubles else self._policy.housekeeping_ms
        self._housekeeping_due_s = now_s + min(wait_ms, self._policy.housekeeping_ms) / 1000

    def _due(self) -> list[PendingDelivery]:
        pending = self._bus.pending(self._subscription, count=self._policy.claim_max)
        if self._troubles and len(pending) < self._policy.claim_max:  # that is all of them
            waiting = {delivery.position for delivery in pending}
            self._troubles = {p: t for p, t in self._troubles.items() if p in waiting}
        return [delivery for delivery in pending if delivery.idle_ms >= self._patience_ms(delivery)]

    def _patience_ms(self, delivery: PendingDelivery) -> int:
        """How long this delivery must have been idle before it is this consumer's to try."""
        if delivery.consumer != self._subscription.consumer:
            return self._policy.claim_idle_ms
        if self._first_look:
            return 0  # left by an earlier life of this very consumer
        trouble = self._troubles.get(delivery.position)
        if trouble and trouble.wait_ms:
            return int(trouble.wait_ms)
        return self._policy.retry_delay_ms(delivery.attempt)

    def _retry(self, due: Sequence[PendingDelivery]) -> None:
        """Claim with the wait as a condition, so that of two consumers only one gets each.

        One by one: what fails together may succeed alone, and what is not really tried must not count an
        attempt, or a delivery that kills its worker would make dead letters of its neighbours.
        """
        for pending in due:
            # If it was idle for less than when it was looked at, another consumer has just taken it.
            untouched_ms = max(pending.idle_ms, self._patience_ms(pending))
            claimed = self._bus.claim(self._subscription, [pending.position], min_idle_ms=untouched_ms)
            self._on_poll()
            for delivery in claimed:
                if self._was_abandoned(pending):
                    self._set_aside(delivery, "handed out too often without an outcome", "")
                else:
                    self._deal_with([delivery])

    def _was_abandoned(self, pending: PendingDelivery) -> bool:
        """Whether consumers have died over it again and again: it then kills whoever touches it."""
        orphaned = self._first_look or pending.consumer != self._subscription.consumer
        policy = self._policy
        return orphaned and pending.attempt >= max(policy.unfinished_attempts_max, policy.attempts_max)

    def _deal_with(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        try:
            self._attempt(deliveries)
        except Unavailable:
            self._forgive(deliveries)
            raise

    def _forgive(self, deliveries: Sequence[Delivery]) -> None:
        """Only deaths and failures count, however long an outage. Where the bus is away as well this does not
        help, and need not: it hands nothing out then."""
        with contextlib.suppress(Unavailable):
            self._bus.forgive(self._subscription, deliveries)

    def _attempt(self, deliveries: Sequence[Delivery]) -> None:
        types = self._handler.types
        mine = [d for d in deliveries if types is None or d.type in types]
        failures = self._handle(mine) if mine else {}
        done = [d.position for d in deliveries if d.position not in failures]
        if done:
            self._bus.acknowledge(self._subscription, done)
        handled = [d for d in mine if d.position not in failures] if failures else mine
        self._telemetry.consumed(self._subscription, handled)
        if self._troubles:
            for position in done:
                self._troubles.pop(position, None)
        if failures:
            failed = [d for d in mine if d.position in failures]
            if cut_short := [d for d in failed if isinstance(failures[d.position], Unavailable)]:
                self._forgive(cut_short)
            for delivery in failed:
                self._deal_with_failure(delivery, failures[delivery.position])

    def _handle(self, deliveries: Sequence[Delivery]) -> Failures:
        try:
            return self._handler.handle(deliveries)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a bug in a step must not stop the worker
            if len(deliveries) == 1:
                return {deliveries[0].position: error}
            failures: Failures = {}
            for delivery in deliveries:  # find the one that it was
                failures |= self._handle([delivery])
            return failures

    def _deal_with_failure(self, delivery: Delivery, error: Exception) -> None:
        said = f"{type(error).__name__}: {error}"
        trouble = self._troubles.setdefault(delivery.position, Trouble(said, said))
        trouble.last_error = said
        trouble.tries += 1
        trouble.wait_ms = self._wait_ms(max(delivery.attempt, trouble.tries))
        if not self._is_last(delivery, error):
            self._telemetry.failed(self._subscription, delivery, error)
            retry_due_s = self._clock.now_s() + trouble.wait_ms / 1000
            self._housekeeping_due_s = min(self._housekeeping_due_s, retry_due_s)
            return
        self._set_aside(delivery, str(error) or said, "".join(traceback.format_exception(error)))

    def _set_aside(self, delivery: Delivery, reason: str, trace: str) -> None:
        trouble = self._troubles.setdefault(delivery.position, Trouble(reason, reason))
        why = DeadLetter(
            reason=reason,
            attempts=delivery.attempt,
            first_error=trouble.first_error,
            last_error=trouble.last_error,
            traceback=trace,
        )
        try:
            self._handler.give_up(delivery, reason)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - it stays pending, and must not stop the worker
            self._telemetry.failed(self._subscription, delivery, error)
            return
        self._bus.set_aside(self._subscription, delivery, why)
        self._troubles.pop(delivery.position, None)
        self._telemetry.dead_lettered(self._subscription, delivery, why)

    def _is_last(self, delivery: Delivery, error: Exception) -> bool:
        if isinstance(error, DomainError | MalformedEvent):
            return True
        if isinstance(error, Unavailable):
            return False  # an outage is nobody's fault in particular
        return delivery.attempt >= self._policy.attempts_max

    def _wait_ms(self, attempt: int) -> float:
        """Between half of and the whole of the wait, so that what fails together is not tried together."""
        return self._policy.retry_delay_ms(attempt) * (0.5 + self._jitter() / 2)
