"""What the simulation has found, each by itself. The seeds are those of the day they failed."""

import contextlib

import pytest
from dependency_injector import providers

from adapters.inmemory.event_bus import InMemoryEventBus, fields_of
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.errors import Unavailable
from application.ports.event_bus import PendingDelivery, Subscription
from application.ports.event_store import Appended, Conflict, EventStore, NewEvent, Outcome, Write
from domain.checkout.evolving import OPERATOR
from domain.checkout.saga import DEADLINE, STEPS, STOCK_COMPENSATION, STOCK_RESERVATION
from domain.inventory.events import UnitsHeld
from domain.inventory.stock_item import StockItem
from tests.interruptions import Crash, InterruptedStore, later, quick_shop, receive_for, worker_on
from tests.invariants import invariants
from tests.shop import Shop
from tests.unit.application.closed_warehouse import stuck_checkout


def test_a_hold_decided_after_one_that_was_left_out_is_left_out_too() -> None:
    """Seed 156. Two holds in one batch; the first conflicts with somebody else's, whose event makes just
    the version that the second expects. Written, it put back a snapshot without somebody else's units."""
    shop = quick_shop()
    shop.receive({"p-1": 4})
    shop.start({"p-1": 1}, key="first")
    shop.start({"p-1": 1}, key="second")
    store = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", INVENTORY))

    def overtake() -> None:
        shop.start({"p-1": 2}, key="third")
        worker_on(shop, STOCK_RESERVATION, consumer="quick").turn()

    store.interruption = overtake
    worker_on(shop, STOCK_RESERVATION, consumer="slow", store=store).turn()
    later(shop)

    assert shop.stock("p-1") == (0, 4)
    invariants(shop)


def test_a_later_transaction_about_the_same_entity_is_not_taken_for_current() -> None:
    shop = Shop()
    shop.receive({"p-1": 4})
    _hold(shop.store, ("theirs", 1))

    assert _hold(shop.store, ("first", 1), ("second", 2)) == [Conflict("p-1", 2), Conflict("p-1", 2)]
    (again,) = _hold(shop.store, ("second", 2))
    assert isinstance(again, Appended)


def _hold(store: EventStore, *holds: tuple[str, int]) -> list[Outcome]:
    transactions = []
    for checkout_id, version in holds:
        event = UnitsHeld(produit_id="p-1", checkout_id=checkout_id, units=1)
        new = NewEvent(event=event, event_id=checkout_id)
        snapshot = StockItem(units_received=4, units_held=version)
        transactions.append(
            (Write(entity="p-1", expected_version=version, events=(new,), snapshot=snapshot),)
        )
    return store.append(INVENTORY, transactions)


def test_an_order_that_came_too_early_does_not_place_the_row_of_a_checkout_that_fails_later() -> None:
    """Seed 24. Another program says OrderCreated of a checkout whose stock is not reserved yet: a fact that
    changes nothing, and so not the one which made the checkout a row."""
    shop = quick_shop()
    checkout = shop.start({"p-1": 1})
    early = shop.log.add(
        CHECKOUTS,
        fields_of(
            type="OrderCreated",
            payload=f'{{"checkout_id": "{checkout}", "client_id": "client-1", "commande_id": "x-1"}}',
        ),
    )
    shop.run("cqrs-projection")
    later(shop)

    (row,) = shop.orders().rows
    assert row.status == "failed"
    assert row.position != early


def test_a_delivery_taken_over_a_moment_ago_is_not_taken_back() -> None:
    """Seed 230. A consumer that starts again waits for nothing before it tries what it had been handed
    in its earlier life, even where another had claimed that since it looked."""
    shop = quick_shop()
    shop.start({"p-1": 1})
    receive_for(shop, STOCK_RESERVATION, consumer="c-0")
    shop.clock.advance(31)
    bus = OvertakenBus(shop.log, shop.telemetry)
    with shop.container.event_bus.override(providers.Object(bus)):
        started_again = worker_on(shop, STOCK_RESERVATION, consumer="c-0")

    started_again.turn()

    (pending,) = shop.bus.pending(THEIRS, count=10)
    assert (pending.consumer, pending.attempt) == ("quick", 2)


THEIRS = Subscription(stream=CHECKOUTS, group=STEPS[STOCK_RESERVATION].group, consumer="quick")


class OvertakenBus(InMemoryEventBus):
    """Whatever somebody finds pending, somebody else claims before the answer is there."""

    def pending(self, subscription: Subscription, *, count: int) -> list[PendingDelivery]:
        found = super().pending(subscription, count=count)
        self.claim(THEIRS, [pending.position for pending in found], min_idle_ms=30_000)
        return found


def test_a_zombie_that_dies_after_its_hold_leaves_no_hold_of_a_failed_checkout() -> None:
    """It falls asleep before it holds; others claim its delivery, end the checkout and acknowledge; then it
    wakes, holds, and dies before it learns that the checkout has failed."""
    shop = quick_shop()
    shop.receive({"p-1": 3})
    shop.start({"p-1": 2})

    def expire_and_fail() -> None:
        shop.run(DEADLINE)
        shop.clock.advance(901)
        for name in (DEADLINE, STOCK_COMPENSATION, STOCK_RESERVATION):
            shop.run(name)

    dying = InterruptedStore(shop.store, lambda moment: moment.is_("after", "append", INVENTORY))
    sleepy = InterruptedStore(
        dying, lambda moment: moment.is_("before", "append", INVENTORY), expire_and_fail
    )
    with pytest.raises(Crash):
        worker_on(shop, STOCK_RESERVATION, consumer="zombie", store=sleepy).turn()
    later(shop)

    invariants(shop)


def test_a_stuck_checkout_that_another_program_calls_succeeded_is_still_shown_as_open() -> None:
    """Seed 187. The register of open checkouts took a fact that comes too late to be an end for one."""
    closed, checkout = stuck_checkout()
    payload = f'{{"checkout_id": "{checkout}", "client_id": "client-1", "commande_id": "x-1"}}'
    closed.shop.log.add(CHECKOUTS, fields_of(type="CheckoutSucceeded", payload=payload))

    closed.shop.run()

    (found,), _ = closed.shop.container.stuck_finder().older_than(0.0, count=10)
    assert (found.view.checkout_id, found.next.worker) == (checkout, OPERATOR)


def test_a_long_outage_of_the_store_alone_makes_no_dead_letters() -> None:
    """Two consumers take a delivery over from each other for as long as the store is away."""
    shop = quick_shop()
    shop.receive({"p-1": 1})
    shop.start({"p-1": 1})
    away = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", INVENTORY))
    consumers = [worker_on(shop, STOCK_RESERVATION, consumer=f"c-{n}", store=away) for n in range(2)]

    def refuse() -> None:
        away.happened = False
        raise Unavailable("away")

    away.interruption = refuse
    for _ in range(25):
        for consumer in consumers:
            with contextlib.suppress(Unavailable):
                consumer.turn()
            shop.clock.advance(31)

    assert not shop.log.stream(CHECKOUTS).dead_letters
