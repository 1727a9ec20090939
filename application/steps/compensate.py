"""Step: on a failure, give back what was taken and end the checkout."""

from collections.abc import Mapping, Sequence
from typing import Final

from application.events.event_ids import answer_to
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.errors import PortError, Unavailable
from application.ports.event_store import Conflict, EventStore, NewEvent, Write
from application.steps.holds import Holds, demand_of
from application.steps.order_keeping import OrderKeeper
from application.steps.saga_step import AwaitsOperator, Case, SagaStep, load_cases
from application.worker.handler import Failures
from domain.checkout.checkout import CHECKOUT, units_to_give_back
from domain.checkout.commands import CheckoutCommand, ConcludeFailure, GiveUp
from domain.checkout.events import CheckoutEvent, CheckoutFailed
from domain.checkout.saga import STEPS, STOCK_COMPENSATION

GIVEN_UP: Final = "g"
"""The sign of what is told after the last attempt; no step has it."""
_NOTHING_HELD: Final = ConcludeFailure(gave_back=False)


class Compensate(SagaStep):
    """What was taken is looked up in the inventory, not believed from the checkout's facts: a
    reservation may have died between taking the stock and saying so.

    Orders are undone first: goods that may be sold are not given back.

    Beyond its row of the saga it also wakes on the end itself: another program may have failed a checkout
    that our inventory holds stock for, and nobody else would give that back.
    """

    def __init__(self, store: EventStore, holds: Holds, orders: OrderKeeper) -> None:
        super().__init__(store, STEPS[STOCK_COMPENSATION])
        self.types = frozenset(fact.__name__ for fact in (*self._step.on, CheckoutFailed))
        self._holds = holds
        self._orders = orders

    def tick(self) -> None:
        self._orders.tick()
        self._holds.tick()

    def commands(self, cases: Sequence[Case]) -> Mapping[str, CheckoutCommand | Exception]:
        demands = [
            demand_of(case, units)
            for case in cases
            if not _is_our_end(case) and (units := units_to_give_back(case.checkout))
        ]
        still_ordered = self._orders.undo(demands)
        unsold = [demand for demand in demands if demand.checkout_id not in still_ordered]
        answers = {**still_ordered, **self._holds.release(unsold)}
        return {
            case.cause.entity: _given_up_on(answers.get(case.cause.entity, _NOTHING_HELD)) for case in cases
        }

    def give_up(self, delivery: Delivery, reason: str) -> None:
        """The checkout says itself that an operator must see to it; it is never forgotten."""
        try:
            cause = delivery.open()
        except Unavailable:
            raise
        except PortError:  # no event, or none of a known checkout: the dead letter says it all
            return
        failures: Failures = {}
        cases = load_cases(self._store, [cause], failures)
        write = [
            (Write(entity=cause.entity, expected_version=case.version, events=(_given_up(event, cause),)),)
            for case in cases
            for event in CHECKOUT.decide(GiveUp(reason=reason), case.checkout)
        ]
        if write and isinstance(self._store.append(CHECKOUTS, write)[0], Conflict):
            raise Unavailable("the checkout has moved on")


def _given_up_on(answer: CheckoutCommand | Exception) -> CheckoutCommand | Exception:
    """The checkout says itself whom it waits for."""
    return GiveUp(reason=answer.reason) if isinstance(answer, AwaitsOperator) else answer


def _given_up(event: CheckoutEvent, cause: RecordedEvent) -> NewEvent:
    event_id = answer_to(cause.entity, cause.version, GIVEN_UP, 0)
    return NewEvent(event=event, event_id=event_id, causation_id=cause.event_id, origin=cause.origin)


def _is_our_end(case: Case) -> bool:
    """Whether a step of ours woke this one by ending the checkout: it gave everything back before."""
    return isinstance(case.cause.event, CheckoutFailed) and case.cause.causation_id is not None
