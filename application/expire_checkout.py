"""Step: a checkout that has not ended in time expires."""

from collections.abc import Sequence

from application.delivery import Delivery
from application.handler import Failures
from application.ports.clock import Clock
from application.ports.deadlines import Deadlines
from application.ports.event_store import EventStore
from application.saga_step import Case, SagaStep, load_cases, open_all
from application.streams import CHECKOUTS
from domain.checkout.checkout import CheckoutCommand, Expire
from domain.checkout.events import CheckoutInitiated
from domain.checkout.saga import DEADLINE, STEPS

DUE_MAX = 100  # checkouts expired in one go


class ExpireCheckout(SagaStep):
    """Deliveries set and clear the timetable; time itself (`tick`) does the rest.

    A deadline counts from when the store recorded the start, never from the writer's own clock: an
    event from a machine whose clock is years behind must not expire at once.
    """

    def __init__(self, store: EventStore, deadlines: Deadlines, clock: Clock, *, deadline_s: float) -> None:
        super().__init__(store, STEPS[DEADLINE])
        self._deadlines = deadlines
        self._clock = clock
        self._deadline_s = deadline_s

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        failures: Failures = {}
        started, ended = {}, set()
        for recorded in (opened.event for opened in open_all(deliveries, failures)):
            if isinstance(recorded.event, CheckoutInitiated):
                started[recorded.entity] = recorded.recorded_at_s + self._deadline_s
            else:
                ended.add(recorded.entity)
        if started.keys() - ended:
            self._deadlines.schedule({id_: due for id_, due in started.items() if id_ not in ended})
        if ended:
            self._deadlines.cancel(ended)
        return failures

    def tick(self) -> None:
        due = self._deadlines.due(self._clock.now_s(), count=DUE_MAX)
        if not due:
            return
        # The start is the cause, so that a deadline noticed twice expires once.
        starts = [history[0] for history in self._store.read(CHECKOUTS, due) if history]
        failures: Failures = {}
        self.answer(load_cases(self._store, starts, failures), failures)
        late = {start.entity for start in starts if start.position in failures}
        self._deadlines.cancel(id_ for id_ in due if id_ not in late)

    def commands(self, cases: Sequence[Case]) -> dict[str, CheckoutCommand]:
        return {case.cause.entity: Expire() for case in cases}
