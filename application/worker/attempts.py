"""One attempt at some deliveries: handled and acknowledged, left for another try, or set aside."""

import contextlib
import traceback
from collections.abc import Callable, Sequence
from math import inf

import attrs

from application.ports.clock import Clock
from application.ports.delivery import Delivery
from application.ports.errors import MalformedEvent, RefusedForGood, Unavailable
from application.ports.event_bus import DeadLetter, EventBus, Subscription
from application.ports.telemetry import Telemetry
from application.worker.handler import Failures, Handler
from application.worker.policy import WorkerPolicy
from domain.errors import DomainError


@attrs.define
class Trouble:
    """What has gone wrong with one delivery so far."""

    first_error: str
    last_error: str
    tries: int = 0  # by this consumer, with those that do not count
    wait_ms: float = 0.0  # before the next one


class Attempts:
    """What one consumer makes of what it is handed, and what has gone wrong with it so far.

    A delivery is acknowledged only after the step is done with it. One that fails stays pending, the others
    go on. After its last attempt, or at once when trying again cannot help, it becomes a dead letter.
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
        wait_ms: Callable[[int], float],
    ) -> None:
        self._bus = bus
        self._subscription = subscription
        self._handler = handler
        self._clock = clock
        self._telemetry = telemetry
        self._policy = policy
        self._wait_ms = wait_ms
        self._troubles: dict[str, Trouble] = {}
        self.retry_due_s = inf
        """When the first of what has failed since this was last set may be tried again."""
        self.done: list[str] = []
        """What the step is done with and is not acknowledged yet."""

    @property
    def in_trouble(self) -> bool:
        """Whether anything waits to be tried again."""
        return bool(self._troubles)

    def wait_ms(self, position: str) -> float | None:
        """How long that delivery is to wait after its last attempt here; None where there was none."""
        trouble = self._troubles.get(position)
        return trouble.wait_ms if trouble and trouble.wait_ms else None

    def forget_all_but(self, positions: Sequence[str]) -> None:
        """The troubles of every other delivery are over: it is no longer pending."""
        if self._troubles:
            waiting = set(positions)
            self._troubles = {p: t for p, t in self._troubles.items() if p in waiting}

    def acknowledge(self) -> None:
        """All that is done.

        Raises:
            Unavailable: the bus is out of reach. It is still to be acknowledged.
        """
        if self.done:
            self._bus.acknowledge(self._subscription, self.done)
            self.done = []

    def make(self, deliveries: Sequence[Delivery]) -> None:
        """Handle these together.

        Raises:
            Unavailable: the bus or a store is out of reach. They stay pending, and this was no attempt.
        """
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
        self.done += done
        handled = [d for d in mine if d.position not in failures] if failures else mine
        self._telemetry.consumed(self._subscription, handled)
        if self._troubles:
            for position in done:
                self._troubles.pop(position, None)
        if failures:
            failed = [d for d in mine if d.position in failures]
            if cut_short := [d for d in failed if isinstance(failures[d.position], Unavailable)]:
                self._forgive(cut_short)
            self._note([(delivery, _said(failures[delivery.position])) for delivery in failed])
            for delivery in failed:
                self._deal_with_failure(delivery, failures[delivery.position])

    def _note(self, failed: Sequence[tuple[Delivery, str]]) -> None:
        """For those who look on only: where the bus is away, the next one to ask it will tell."""
        with contextlib.suppress(Unavailable):
            self._bus.note_failures(self._subscription, failed)

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
        said = _said(error)
        trouble = self._troubles.setdefault(delivery.position, Trouble(said, said))
        trouble.last_error = said
        trouble.tries += 1
        trouble.wait_ms = self._wait_ms(max(delivery.attempt, trouble.tries))
        if not self._is_last(delivery, error):
            self._telemetry.failed(self._subscription, delivery, error)
            self.retry_due_s = min(self.retry_due_s, self._clock.now_s() + trouble.wait_ms / 1000)
            return
        self.set_aside(delivery, str(error) or said, error)

    def set_aside(self, delivery: Delivery, reason: str, because: Exception | None = None) -> None:
        """Make a dead letter of it, once the step knows.

        Raises:
            Unavailable: the bus or a store is out of reach. It stays pending.
        """
        trouble = self._troubles.setdefault(delivery.position, Trouble(reason, reason))
        why = DeadLetter(
            reason=reason,
            attempts=delivery.attempt,
            first_error=trouble.first_error,
            last_error=trouble.last_error,
            traceback="".join(traceback.format_exception(because)) if because else "",
            error=because,
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
        if isinstance(error, DomainError | MalformedEvent | RefusedForGood):
            return True
        if isinstance(error, Unavailable):
            return False  # an outage is nobody's fault in particular
        return delivery.attempt >= self._policy.attempts_max


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
