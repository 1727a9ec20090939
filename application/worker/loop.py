"""The loop that every worker runs: receive, handle, acknowledge; try again; set aside."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf

from application.ports.clock import Clock
from application.ports.delivery import Delivery
from application.ports.errors import Unavailable
from application.ports.event_bus import EventBus, PendingDelivery, Subscription
from application.ports.telemetry import Telemetry
from application.worker.attempts import Attempts
from application.worker.handler import Handler
from application.worker.policy import WorkerPolicy

FORGET_EVERY_S = 60.0


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
        self._attempts = Attempts(
            bus, subscription, handler, clock=clock, telemetry=telemetry, policy=policy, wait_ms=self._wait_ms
        )
        self._outages = 0
        self._housekeeping_due_s = 0.0
        self._forgetting_due_s = 0.0
        self._first_look = True

    @property
    def subscription(self) -> Subscription:
        """Who it is."""
        return self._subscription

    def run(self, stopped: Callable[[], bool], wait_s: Callable[[float], object]) -> None:
        """Work until `stopped()`; the batch at hand is finished first. `wait_s` sleeps, and may be cut
        short by a stop."""
        while not stopped():
            try:
                received = self._round()
                self._outages = 0
                if self._policy.linger_ms and 0 < received < self._policy.batch_max:
                    self._attempts.acknowledge()
                    wait_s(self._policy.linger_ms / 1000)
            except Unavailable as error:
                self._telemetry.interrupted(self._subscription, error)
                self._outages += 1
                wait_s(self._wait_ms(self._outages) / 1000)
        with suppress(Unavailable):  # then they are handed out again, and were done before
            self._attempts.acknowledge()

    def turn(self) -> int:
        """One round; the number of deliveries that came in.

        Raises:
            Unavailable: the bus or a store is out of reach. What was in hand stays pending.
        """
        received = self._round()
        self._attempts.acknowledge()
        return received

    def _round(self) -> int:
        """What was done in the round before is acknowledged with the next read, in one call."""
        self._keep_house()
        policy = self._policy
        in_trouble = self._attempts.in_trouble
        block_ms = min(policy.block_ms, policy.retry_base_ms) if in_trouble else policy.block_ms
        deliveries = self._bus.receive(
            self._subscription, count=policy.batch_max, block_ms=block_ms, done=self._attempts.done
        )
        self._attempts.done = []
        self._on_poll()
        self._attempts.make(deliveries)
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
        if now_s < min(self._housekeeping_due_s, self._attempts.retry_due_s):
            return
        self._attempts.acknowledge()
        if self._first_look:
            self._bus.join(self._subscription)
        due = self._due()
        at_once = due[: self._policy.batch_max]
        self._retry(at_once)
        self._first_look = False
        self._bus.save_checkpoint(self._subscription)
        self._telemetry.backlog(self._subscription, self._bus.backlog(self._subscription))
        if now_s >= self._forgetting_due_s:
            self._bus.forget_idle_consumers(self._subscription, self._policy.consumer_forgotten_ms)
            self._forgetting_due_s = now_s + FORGET_EVERY_S
        self._attempts.retry_due_s = inf
        in_trouble = self._attempts.in_trouble
        wait_ms = self._policy.retry_base_ms if in_trouble else self._policy.housekeeping_ms
        if len(due) > len(at_once) or len(due) == self._policy.claim_max:  # there may be more of the kind
            wait_ms = 0
        self._housekeeping_due_s = now_s + min(wait_ms, self._policy.housekeeping_ms) / 1000

    def _due(self) -> list[PendingDelivery]:
        pending = self._bus.pending(self._subscription, count=self._policy.claim_max)
        if len(pending) < self._policy.claim_max:  # that is all of them
            self._attempts.forget_all_but([delivery.position for delivery in pending])
        return [delivery for delivery in pending if delivery.idle_ms >= self._patience_ms(delivery)]

    def _patience_ms(self, delivery: PendingDelivery) -> int:
        """How long this delivery must have been idle before it is this consumer's to try."""
        if delivery.consumer != self._subscription.consumer:
            return self._policy.claim_idle_ms
        if self._first_look:
            return 0  # left by an earlier life of this very consumer
        wait_ms = self._attempts.wait_ms(delivery.position)
        return int(wait_ms) if wait_ms is not None else self._policy.retry_delay_ms(delivery.attempt)

    def _retry(self, due: Sequence[PendingDelivery]) -> None:
        """Together what was handed out once, for a consumer that died had a whole batch in hand, and what has
        failed here and killed nobody. Anything else one by one: what is not really tried must not count
        attempts, or a delivery that kills its worker would make dead letters of its neighbours."""
        harmless: list[PendingDelivery] = []
        suspect: list[PendingDelivery] = []
        for pending in due:
            (harmless if self._is_harmless(pending) else suspect).append(pending)
        long_ms = self._policy.claim_idle_ms  # from then on others may claim it as well
        self._take_over([pending for pending in harmless if pending.idle_ms >= long_ms])
        self._take_over([pending for pending in harmless if pending.idle_ms < long_ms])
        for pending in suspect:
            self._take_over([pending])

    def _is_harmless(self, pending: PendingDelivery) -> bool:
        if pending.attempt <= 1:
            return True
        mine = pending.consumer == self._subscription.consumer
        return mine and self._attempts.wait_ms(pending.position) is not None

    def _take_over(self, waiting: Sequence[PendingDelivery]) -> None:
        """Claim with the wait as a condition, so that of two consumers only one gets each: what is idle for
        less than when it was looked at, another consumer has just taken."""
        if not waiting:
            return
        untouched_ms = min(pending.idle_ms for pending in waiting)
        positions = [pending.position for pending in waiting]
        claimed = self._bus.claim(self._subscription, positions, min_idle_ms=untouched_ms)
        self._on_poll()
        self._tell(waiting, claimed)
        if any(map(self._was_abandoned, waiting)):
            for delivery in claimed:
                self._attempts.set_aside(delivery, "handed out too often without an outcome")
        else:
            self._attempts.make(claimed)
            self._attempts.acknowledge()

    def _tell(self, waiting: Sequence[PendingDelivery], claimed: Sequence[Delivery]) -> None:
        """Before they are tried: one of them may be the end of this worker."""
        orphans = {pending.position: pending.consumer for pending in waiting if self._is_orphan(pending)}
        for holder in dict.fromkeys(orphans.values()):
            if left := [delivery for delivery in claimed if orphans.get(delivery.position) == holder]:
                self._telemetry.taken_over(self._subscription, left, holder)

    def _is_orphan(self, pending: PendingDelivery) -> bool:
        return self._first_look or pending.consumer != self._subscription.consumer

    def _was_abandoned(self, pending: PendingDelivery) -> bool:
        """Whether consumers have died over it again and again: it then kills whoever touches it."""
        most = max(self._policy.unfinished_attempts_max, self._policy.attempts_max)
        return self._is_orphan(pending) and pending.attempt >= most

    def _wait_ms(self, attempt: int) -> float:
        """Between half of and the whole of the wait, so that what fails together is not tried together."""
        return self._policy.retry_delay_ms(attempt) * (0.5 + self._jitter() / 2)
