"""Stock and orders in services that were there before: what goes well, and what is refused."""

import threading
from decimal import Decimal

import pytest

from application.events.streams import CALLS
from domain.cart import Cart, Line
from domain.checkout import saga
from tests.invariants import invariants
from tests.shop_elsewhere import ShopElsewhere, elsewhere

SUCCESS = ["CheckoutInitiated", "StockReserved", "OrderCreated", "CheckoutSucceeded"]


@pytest.fixture
def shop() -> ShopElsewhere:
    return ShopElsewhere()


def test_a_checkout_takes_its_stock_and_enters_a_sale_for_each_line(shop: ShopElsewhere) -> None:
    checkout = shop.start({"p-1": 2, "p-2": 1})
    shop.run()

    assert shop.facts(checkout) == SUCCESS
    assert shop.taken() == shop.sold() == {"p-1": 2, "p-2": 1}
    assert shop.calls(checkout) == dict.fromkeys(("take-1", "take-2", "enter-1", "enter-2"), "done")
    invariants(shop)


def test_the_order_has_the_id_of_its_first_sale_and_names_them_all(shop: ShopElsewhere) -> None:
    checkout = shop.start({"p-1": 2, "p-2": 1})
    shop.run()

    order = shop.replay(checkout).events[2].recorded.event
    assert (order.commande_id, order.ventes) == ("vente-1", ("vente-1", "vente-2"))  # type: ignore[union-attr]  # an OrderCreated
    assert shop.orders().rows[0].commande_id == "vente-1"


def test_a_refusal_on_a_later_line_gives_the_lines_before_it_back(shop: ShopElsewhere) -> None:
    checkout = shop.start({"p-1": 2, "p-2": 6, "p-3": 1})
    shop.run()

    assert shop.facts(checkout) == [
        "CheckoutInitiated",
        "StockReservationFailed",
        "StockReleased",
        "CheckoutFailed",
    ]
    reason = "the inventory refused: p-2: not enough stock: 5 of p-2"
    assert shop.replay(checkout).view.reason == reason
    assert (shop.taken(), shop.sold()) == ({}, {})
    assert shop.calls(checkout) == {"take-1": "done", "take-2": "refused", "give-back-1": "done"}
    invariants(shop)


def test_only_what_was_given_back_is_told_as_released(shop: ShopElsewhere) -> None:
    checkout = shop.start({"p-1": 2, "p-2": 6})
    shop.run()

    released = shop.replay(checkout).events[2].recorded.event
    assert released.cart.units_by_product() == {"p-1": 2}  # type: ignore[union-attr]  # a StockReleased


def test_a_refusal_on_the_first_line_takes_nothing_and_releases_nothing(shop: ShopElsewhere) -> None:
    checkout = shop.start({"p-9": 1, "p-1": 1})
    shop.run()

    assert shop.facts(checkout) == ["CheckoutInitiated", "StockReservationFailed", "CheckoutFailed"]
    assert shop.inventory.effects == []


def test_a_sale_refused_on_a_later_line_cancels_those_before_it_and_gives_the_stock_back(
    shop: ShopElsewhere,
) -> None:
    shop.sales.faults.extend([None, "refuse"])
    checkout = shop.start({"p-1": 2, "p-2": 1})
    shop.run()

    assert shop.facts(checkout)[2:] == ["OrderCreationFailed", "StockReleased", "CheckoutFailed"]
    assert shop.replay(checkout).view.reason == "the order service refused: p-2: not today"
    assert (shop.taken(), shop.sold()) == ({}, {})
    assert shop.sales.sales["vente-1"].active is False
    invariants(shop)


def test_an_order_that_is_too_dear_calls_nobody() -> None:
    dear = ShopElsewhere(settings=elsewhere(order_total_max=Decimal(5)))
    checkout = dear.start({"p-1": 1})
    dear.run()

    assert dear.sales.effects == []
    assert dear.facts(checkout)[-1] == "CheckoutFailed"
    assert dear.taken() == {}


def test_stock_elsewhere_and_orders_of_our_own_go_together() -> None:
    shop = ShopElsewhere(settings=elsewhere(orders="own"))
    checkout, short = shop.start({"p-1": 2}), shop.start({"p-2": 6})
    shop.run()

    assert shop.replay(checkout).view.commande_id == f"o-{checkout}"
    assert shop.replay(short).view.status == "failed"
    assert shop.taken() == {"p-1": 2}


def test_orders_elsewhere_and_stock_of_our_own_go_together() -> None:
    shop = ShopElsewhere(settings=elsewhere(inventory="own"))
    shop.receive({"p-1": 3})
    shop.sales.faults.extend([None, "refuse"])
    checkout, refused = shop.start({"p-1": 2}), shop.start({"p-1": 1})
    shop.run()

    assert shop.replay(checkout).view.commande_id == "vente-1"
    assert shop.replay(refused).view.status == "failed"
    assert shop.stock("p-1") == (1, 2)
    assert shop.sold() == {"p-1": 2}


def test_a_delivery_repeated_after_the_end_calls_nobody_again(shop: ShopElsewhere) -> None:
    checkout = shop.start({"p-1": 2, "p-2": 1})
    shop.run()
    effects = [*shop.inventory.effects, *shop.sales.effects]

    shop.log.stream("ecommerce.checkout.events").groups.clear()
    shop.run()

    assert [*shop.inventory.effects, *shop.sales.effects] == effects
    assert shop.facts(checkout) == SUCCESS


def test_a_service_that_is_not_reached_is_asked_again_and_no_attempt_is_counted(shop: ShopElsewhere) -> None:
    shop.inventory.always = "not-reached"
    checkout = shop.start({"p-1": 2})
    for _ in range(20):
        shop.run(saga.STOCK_RESERVATION)
        shop.clock.advance(31)
    assert shop.telemetry.dead_letters == []

    shop.inventory.always = None
    shop.run(saga.STOCK_RESERVATION, saga.ORDER_CREATION)

    assert shop.facts(checkout) == SUCCESS
    assert shop.taken() == {"p-1": 2}


def test_an_open_circuit_fills_no_notes(shop: ShopElsewhere) -> None:
    shop.inventory.always = "circuit-open"
    checkout = shop.start({"p-1": 2})
    for _ in range(5):
        shop.run(saga.STOCK_RESERVATION)
        shop.clock.advance(31)

    assert shop.store.read(CALLS, [checkout]) == [[]]


def test_a_cart_with_the_same_product_at_two_prices_is_taken_once_and_sold_line_by_line(
    shop: ShopElsewhere,
) -> None:
    cart = Cart.of(
        [
            Line(produit_id="p-1", units=1, unit_price=Decimal(10)),
            Line(produit_id="p-1", units=2, unit_price=Decimal(9)),
        ]
    )
    shop.container.starter().start(client_id="ada", cart=cart)
    shop.run()

    assert [effect.units for effect in shop.inventory.effects] == [3]
    assert [sale.units for sale in shop.sales.sales.values()] == [1, 2]


def test_checkouts_of_a_batch_are_called_for_at_the_same_time() -> None:
    shop = ShopElsewhere(settings=elsewhere(calls_at_once=2))
    both = threading.Barrier(2)

    def wait_for_the_other() -> None:
        both.wait(10.0)

    shop.inventory.before_answer = wait_for_the_other
    checkouts = [shop.start({"p-1": 1}), shop.start({"p-2": 1})]
    shop.run(saga.STOCK_RESERVATION)
    shop.run()

    assert [shop.replay(checkout).view.status for checkout in checkouts] == ["succeeded"] * 2
    assert not both.broken
    invariants(shop)


def test_a_long_cart_goes_on_in_the_next_round_and_holds_nobody_up(shop: ShopElsewhere) -> None:
    shop.inventory.before_answer = lambda: shop.clock.advance(3)
    long, short = shop.start({"p-1": 1, "p-2": 1, "p-3": 1}), shop.start({"p-1": 1})
    shop.workers[saga.STOCK_RESERVATION].turn()
    assert shop.calls(long) == {"take-1": "done"}, "a quarter of the time to stop in is over"
    shop.workers[saga.STOCK_RESERVATION].turn()
    assert shop.facts(short)[-1] == "StockReserved"

    for _ in range(5):
        shop.pass_time(1)

    assert shop.replay(long).view.status == "succeeded"
    assert [effect.produit_id for effect in shop.inventory.effects].count("p-1") == 2
    invariants(shop)
