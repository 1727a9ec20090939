"""Step: a checkout that has not ended in time expires."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from application.events.checkout_history import checkout_after
from application.events.streams import CHECKOUTS
from application.ports.clock import Clock
from application.ports.deadlines import Deadlines
from application.ports.delivery import Delivery, Heading
from application.ports.errors import PortError
from application.ports.event_store import EventStore
from application.ports.open_checkouts import OpenCheckouts
from application.steps.saga_step import Case, SagaStep, load_cases
from application.worker.handler import Failures
from domain.checkout.checkout import deadline_of, has_ended
from domain.checkout.commands import CheckoutCommand, Expire
from domain.checkout.events import CheckoutInitiated, DeadlinePostponed
from domain.checkout.saga import DEADLINE, STEPS
from domain.checkout.states import Checkout, Deadline

DUE_MAX = 100  # checkouts expired in one go
SWEPT_MAX = 100  # of the register, looked at in one go
SWEEP_EVERY_S = 10.0
_START: Final = CheckoutInitiated.__name__
_POSTPONED: Final = DeadlinePostponed.__name__


class ExpireCheckout(SagaStep):
    """Deliveries keep the timetable, and the register of what is open, for which their headings are enough;
    time itself (`tick`) does the rest.

    A deadline counts from when the store recorded the start, never from the writer's own clock: an
    event from a machine whose clock is years behind must not expire at once.
    """

    def __init__(
        self,
        store: EventStore,
        deadlines: Deadlines,
        open_checkouts: OpenCheckouts,
        clock: Clock,
        *,
        deadline_s: float,
    ) -> None:
        super().__init__(store, STEPS[DEADLINE])
        self._deadlines = deadlines
        self._open = open_checkouts
        self._clock = clock
        self._deadline_s = deadline_s
        self._sweep_due_s = clock.now_s() + SWEEP_EVERY_S
        self._swept_up_to: tuple[str, float] | None = None

    def handle(self, deliveries: Sequence[Delivery]) -> Failures:
        failures: Failures = {}
        since_s: dict[str, float] = {}
        spoken_of: set[str] = set()
        said_to_have_ended: set[str] = set()
        ended: set[str] = set()
        for heading in _headings(deliveries, failures):
            if heading.type == _START:
                if heading.version == 1:  # a second start begins nothing
                    since_s[heading.entity] = heading.recorded_at_s
            elif heading.type == _POSTPONED:
                spoken_of.add(heading.entity)
            elif heading.causation_id is None:
                said_to_have_ended.add(heading.entity)
            else:
                ended.add(heading.entity)
        ended |= self._ended(list(said_to_have_ended - ended))
        begun_s = {id_: since for id_, since in since_s.items() if id_ not in ended}
        self._open.opened(begun_s)
        self._deadlines.schedule({id_: since + self._deadline_s for id_, since in begun_s.items()})
        self._heed(list(spoken_of - ended))
        self._forget(ended)
        return failures

    def _forget(self, ended: Iterable[str]) -> None:
        ids = list(ended)
        self._deadlines.cancel(ids)
        self._open.ended(ids)

    def _ended(self, checkout_ids: Sequence[str]) -> set[str]:
        """Those that have. Another program's word may come too late to be an end."""
        return {id_ for id_, checkout in self._known(checkout_ids) if has_ended(checkout)}

    def _heed(self, checkout_ids: Sequence[str]) -> None:
        """Note what stands of an operator's words: of two deliveries the older may come round last."""
        known = self._known(checkout_ids)
        self._note({id_: said for id_, checkout in known if (said := deadline_of(checkout)) is not None})

    def _known(self, checkout_ids: Sequence[str]) -> list[tuple[str, Checkout]]:
        histories = self._store.read(CHECKOUTS, checkout_ids) if checkout_ids else []
        return list(zip(checkout_ids, map(checkout_after, histories), strict=True))

    def _note(self, said: Mapping[str, Deadline]) -> None:
        due_s = {id_: word.expires_at_s for id_, word in said.items() if word.expires_at_s is not None}
        self._deadlines.schedule(due_s)  # an earlier word may have taken it off the timetable
        self._deadlines.postpone(due_s)
        self._deadlines.cancel(said.keys() - due_s.keys())

    def tick(self) -> None:
        now_s = self._clock.now_s()
        if now_s >= self._sweep_due_s:
            self._sweep_due_s = now_s + SWEEP_EVERY_S
            self._sweep()
        self._expire(now_s)

    def _sweep(self) -> None:
        """Forget what has ended and is noted as open all the same: who had its start in hand may have been
        slower than who had its end, and a start that was handed out again is noted again."""
        rows = self._open.oldest(count=SWEPT_MAX, after=self._swept_up_to)
        self._swept_up_to = rows[-1] if len(rows) == SWEPT_MAX else None
        self._forget(self._ended([checkout_id for checkout_id, _ in rows]))

    def _expire(self, now_s: float) -> None:
        due = self._deadlines.due(now_s, count=DUE_MAX)
        if not due:
            return
        # The start is the cause, so that a deadline noticed twice expires once.
        starts = [history[0] for history in self._store.read(CHECKOUTS, due) if history]
        failures: Failures = {}
        cases = load_cases(self._store, starts, failures)
        self.answer(cases, failures)
        # Read again: an operator may have spoken in between, and the word not come round to the timetable.
        decided = load_cases(self._store, [s for s in starts if s.position not in failures], failures)
        later = {case.cause.entity: said for case in decided if (said := deadline_of(case.checkout))}
        self._note(later)
        undecided = later.keys() | {start.entity for start in starts if start.position in failures}
        self._deadlines.cancel([id_ for id_ in due if id_ not in undecided])
        self._open.ended([case.cause.entity for case in decided if has_ended(case.checkout)])

    def commands(self, cases: Sequence[Case]) -> Mapping[str, CheckoutCommand]:
        now_s = self._clock.now_s()
        return {case.cause.entity: Expire(now_s=now_s) for case in cases}


def _headings(deliveries: Sequence[Delivery], failures: Failures) -> list[Heading]:
    """What the envelopes say, except of those that cannot be read, which go to `failures`."""
    headings = []
    for delivery in deliveries:
        try:
            headings.append(delivery.heading())
        except PortError as error:
            failures[delivery.position] = error
    return headings
