"""Stock that several checkouts, consumers and runs want at once."""

from decimal import Decimal

from application.events.streams import INVENTORY
from domain.cart import Cart, Line
from domain.checkout.saga import STOCK_RESERVATION
from tests.interruptions import InterruptedStore, handler_on, later, quick_shop, receive_for, worker_on
from tests.invariants import entries, invariants
from tests.shop import CLIENT, Shop


def holds(shop: Shop) -> int:
    return sum(entry.type == "UnitsHeld" for entry in entries(shop, INVENTORY))


def test_two_workers_race_for_the_last_unit_and_one_of_them_gets_it() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 1})
    slow = shop.start({"p-1": 1})
    store = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", INVENTORY))
    theirs: list[str] = []

    def overtake() -> None:
        theirs.append(shop.start({"p-1": 1}))
        worker_on(shop, STOCK_RESERVATION, consumer="quick").turn()

    store.interruption = overtake
    worker_on(shop, STOCK_RESERVATION, consumer="slow", store=store).turn()
    later(shop)

    (quick,) = theirs
    assert shop.replay(quick).view.status == "succeeded"
    assert shop.replay(slow).view.reason == "not enough stock: p-1: 1 wanted, 0 free"
    assert shop.stock("p-1") == (0, 1)
    invariants(shop)


def test_two_carts_in_one_batch_race_for_the_last_unit_and_the_first_gets_it() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 1})
    first, second = shop.start({"p-1": 1}), shop.start({"p-1": 1})

    shop.run()

    assert [shop.replay(id_).view.status for id_ in (first, second)] == ["succeeded", "failed"]
    invariants(shop)


def test_a_cart_with_the_same_product_twice_takes_the_sum_or_nothing() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    twice = Cart.of(Line(produit_id="p-1", units=2, unit_price=Decimal(price)) for price in (10, 9))

    first = shop.container.starter().start(client_id=CLIENT, cart=twice).checkout_id
    second = shop.container.starter().start(client_id=CLIENT, cart=twice).checkout_id
    shop.run()

    assert shop.replay(first).view.status == "succeeded"
    assert shop.replay(second).view.reason == "not enough stock: p-1: 4 wanted, 1 free"
    assert (shop.stock("p-1"), holds(shop)) == ((1, 4), 1)
    invariants(shop)


def test_units_that_a_first_run_held_are_not_missed_by_the_second() -> None:
    """All units of the product are the checkout's own: that is no shortage."""
    shop = quick_shop()
    shop.receive({"p-1": 2})
    checkout = shop.start({"p-1": 2})
    deliveries = receive_for(shop, STOCK_RESERVATION, consumer="c-0")

    for _ in range(3):
        handler_on(shop, STOCK_RESERVATION).handle(deliveries)
    later(shop)

    assert shop.replay(checkout).view.status == "succeeded"
    assert holds(shop) == 1
    invariants(shop)


def test_units_that_a_first_run_held_are_not_counted_twice_against_the_next_in_the_batch() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 10})
    again = shop.start({"p-1": 3})
    deliveries = receive_for(shop, STOCK_RESERVATION, consumer="c-0")
    handler_on(shop, STOCK_RESERVATION).handle(deliveries)
    new = shop.start({"p-1": 5})

    deliveries += receive_for(shop, STOCK_RESERVATION, consumer="c-0")
    handler_on(shop, STOCK_RESERVATION).handle(deliveries)
    later(shop)

    assert [shop.replay(id_).view.status for id_ in (again, new)] == ["succeeded", "succeeded"]
    invariants(shop)


def test_nobody_is_refused_for_units_that_the_cart_before_it_did_not_get_after_all() -> None:
    """The first cart of the batch is decided on stock that another process takes meanwhile."""
    shop = quick_shop()
    shop.receive({"p-1": 5, "p-2": 1})
    loses = shop.start({"p-1": 5, "p-2": 1})
    waits = shop.start({"p-1": 5})
    store = InterruptedStore(shop.store, lambda moment: moment.is_("before", "append", INVENTORY))

    def take_the_other_product() -> None:
        shop.start({"p-2": 1})
        worker_on(shop, STOCK_RESERVATION, consumer="quick").turn()

    store.interruption = take_the_other_product
    worker_on(shop, STOCK_RESERVATION, consumer="slow", store=store).turn()
    later(shop)

    assert [shop.replay(id_).view.status for id_ in (loses, waits)] == ["failed", "succeeded"]
    assert shop.stock("p-1") == (0, 5)
    invariants(shop)


def test_a_cart_short_of_its_second_product_keeps_nothing_of_its_first() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 10, "p-2": 1})

    checkout = shop.start({"p-1": 2, "p-2": 2})
    shop.run()

    assert shop.replay(checkout).view.reason == "not enough stock: p-2: 2 wanted, 1 free"
    assert (shop.stock("p-1"), shop.stock("p-2"), holds(shop)) == ((10, 0), (1, 0), 0)
    invariants(shop)


def test_many_carts_for_a_few_units_sell_exactly_these() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 7})
    checkouts = [shop.start({"p-1": 2}) for _ in range(20)]
    workers = [worker_on(shop, STOCK_RESERVATION, consumer=f"c-{n}") for n in range(3)]

    for worker in workers:
        worker.turn()
    shop.run()

    statuses = [shop.replay(id_).view.status for id_ in checkouts]
    assert statuses.count("succeeded") == 3
    assert shop.stock("p-1") == (1, 6)
    invariants(shop)
