"""A step that a version with other event ids (hashes) answered, and whose delivery comes again to this one.

The index knows none of the ids that this version would write, so nothing is a duplicate: what keeps the first
outcome is the version that was expected, and the state of the checkout. Stock is held under the same ids.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import attrs
import pytest

from application.events.event_ids import caused_by
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.event_store import NewEvent, Write
from application.requests import start_checkout
from application.steps import stock_holds
from application.steps.holds import Demand
from application.steps.saga_step import Case, SagaStep
from domain.checkout import saga
from domain.checkout.events import CheckoutEvent
from domain.checkout.saga import SAGA
from entrypoints.settings import Settings
from tests.interruptions import Crash, InterruptedStore, later, quick_shop, worker_on
from tests.invariants import entries, invariants
from tests.shop import Shop

RESERVED, REFUSED = {"p-1": 2, "p-2": 1}, {"p-1": 50}
DEAR = {"p-1": 11}  # its order is refused


@contextmanager
def version_with_hashed_ids() -> Iterator[None]:
    """Whatever writes meanwhile gives its events the ids that they had up to schema 1."""

    def write(step: SagaStep, case: Case, events: Iterable[CheckoutEvent]) -> Write:
        cause, group = case.cause, step._step.group
        answers = tuple(
            NewEvent(event=event, event_id=caused_by(cause.event_id, group, n), causation_id=cause.event_id)
            for n, event in enumerate(events)
        )
        return Write(entity=cause.entity, expected_version=case.version, events=answers)

    def hold_ids(demand: Demand) -> list[tuple[str, str]]:
        return [
            (p, caused_by(demand.start_id, "checkout-reservation", n)) for n, p in enumerate(demand.units)
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stock_holds, "_hold_ids", hold_ids)
        patch.setattr(SagaStep, "_write", write)
        patch.setattr(start_checkout, "start_of", lambda checkout_id: caused_by(checkout_id, "start", 0))
        yield


@attrs.frozen
class Last:
    """The last that the old version did: `units` were wanted, these workers had run, and `worker` died right
    after it had appended to `stream`."""

    units: dict[str, int]
    ran: tuple[str, ...]
    worker: str
    stream: str = CHECKOUTS
    late_s: float = 0.0


RESERVATION, ORDER, COMPENSATION = saga.STOCK_RESERVATION, saga.ORDER_CREATION, saga.STOCK_COMPENSATION
LAST = {
    "stock was held": Last(RESERVED, (), RESERVATION, INVENTORY),
    "stock was reserved": Last(RESERVED, (), RESERVATION),
    "stock was refused": Last(REFUSED, (), RESERVATION),
    "the order was created": Last(RESERVED, (RESERVATION,), ORDER),
    "the order was refused": Last(DEAR, (RESERVATION,), ORDER),
    "stock was given back": Last(DEAR, (RESERVATION, ORDER), COMPENSATION, INVENTORY),
    "its failure was told": Last(DEAR, (RESERVATION, ORDER), COMPENSATION),
    "it held nothing and was closed": Last(REFUSED, (RESERVATION,), COMPENSATION, INVENTORY),
    "it expired": Last(RESERVED, (RESERVATION, saga.DEADLINE), saga.DEADLINE, late_s=901),
}
every_last = pytest.mark.parametrize("last", LAST.values(), ids=LAST)


def shop_left_by_the_old_version(last: Last) -> tuple[Shop, str]:
    shop = quick_shop(Shop(settings=Settings(order_total_max=Decimal(100))))
    with version_with_hashed_ids():
        shop.receive({"p-1": 20, "p-2": 20})
        checkout = shop.start(last.units, key="again")
        for worker in last.ran:
            shop.run(worker)
        shop.clock.advance(last.late_s)
        store = InterruptedStore(shop.store, lambda moment: moment.is_("after", "append", last.stream))
        with pytest.raises(Crash):
            worker_on(shop, last.worker, consumer="c-0", store=store).turn()
    return shop, checkout


def told_again_at_once(shop: Shop) -> None:
    """Groups lost, and every event delivered as if for the first time: fresh, and not read from history."""
    for step in SAGA:
        shop.log.stream(CHECKOUTS).checkpoints.pop(step.group, None)
        shop.bus.forget_group(CHECKOUTS, step.group)
    shop.run()


def told_again_later(shop: Shop) -> None:
    later(shop)


@every_last
@pytest.mark.parametrize("told_again", [told_again_at_once, told_again_later])
def test_the_first_outcome_stands(last: Last, told_again: Callable[[Shop], None]) -> None:
    shop, checkout = shop_left_by_the_old_version(last)
    before = shop.facts(checkout)
    (old,) = shop.store.read(CHECKOUTS, [checkout])
    assert not any(recorded.event_id.startswith(checkout) for recorded in old)
    shop.receive({"p-1": 100})  # what was refused could be had by now

    told_again(shop)
    later(shop)

    facts = shop.facts(checkout)
    assert facts[: len(before)] == before
    assert len(facts) == len(set(facts)), "something was said twice"
    moved = [entry.type for entry in entries(shop, INVENTORY)]
    still_held = moved.count("UnitsHeld") - moved.count("UnitsReleased")
    assert still_held == (len(last.units) if facts[-1] == "CheckoutSucceeded" else 0)
    assert len(shop.notifier.sent) == 1
    invariants(shop)


@every_last
def test_its_key_still_gives_the_old_checkout(last: Last) -> None:
    shop, checkout = shop_left_by_the_old_version(last)

    assert shop.start(last.units, key="again") == checkout

    assert shop.facts(checkout).count("CheckoutInitiated") == 1
