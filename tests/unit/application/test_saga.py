"""The saga from end to end, in memory: what a shopper, the stock and the read model see."""

from decimal import Decimal

import pytest

from application.worker.handler import Handler
from domain.checkout.saga import ALL_FACTS, AUDIT, SAGA, STOCK_COMPENSATION, Step
from entrypoints.settings import Settings
from tests.shop import CLIENT, Shop


def test_a_checkout_with_enough_stock_succeeds() -> None:
    shop = Shop()
    shop.receive({"p-1": 10, "p-2": 5})

    checkout = shop.start({"p-1": 2, "p-2": 1})
    shop.run()

    assert shop.facts(checkout) == ["CheckoutInitiated", "StockReserved", "OrderCreated", "CheckoutSucceeded"]
    assert shop.stock("p-1") == (8, 2)
    assert shop.stock("p-2") == (4, 1)
    orders = shop.orders()
    assert (orders.total_orders, orders.total_failed) == (1, 0)
    assert orders.last_checkout_id == checkout
    assert orders.rows[0].total == Decimal("30.00")
    assert [notice.succeeded for notice in shop.notifier.sent] == [True]
    assert [entry.type for entry in shop.audit_log.entries] == shop.facts(checkout)


def test_a_cart_that_is_short_of_one_product_holds_none() -> None:
    shop = Shop()
    shop.receive({"p-1": 10, "p-2": 1})

    checkout = shop.start({"p-1": 2, "p-2": 3, "p-9": 1})
    shop.run()

    assert shop.facts(checkout) == ["CheckoutInitiated", "StockReservationFailed", "CheckoutFailed"]
    assert shop.stock("p-1") == (10, 0)
    view = shop.replay(checkout).view
    assert (view.status, view.stock_reserved, view.stock_released) == ("failed", False, False)
    assert view.reason is not None
    assert "p-2: 3 wanted, 1 free" in view.reason
    assert "p-9 has no stock record" in view.reason
    assert (shop.orders().total_orders, shop.orders().total_failed) == (0, 1)


def test_an_order_above_the_limit_is_refused_and_its_stock_given_back() -> None:
    shop = Shop(settings=Settings(order_total_max=Decimal("25.00")))
    shop.receive({"p-1": 10})

    checkout = shop.start({"p-1": 3})
    shop.run()

    assert shop.facts(checkout) == [
        "CheckoutInitiated",
        "StockReserved",
        "OrderCreationFailed",
        "StockReleased",
        "CheckoutFailed",
    ]
    assert shop.stock("p-1") == (10, 0)


def test_a_checkout_that_does_not_end_in_time_fails_and_gives_its_stock_back() -> None:
    shop = Shop()
    shop.receive({"p-1": 10})
    checkout = shop.start({"p-1": 3})
    shop.run("stock-reservation", "deadline")

    shop.clock.advance(901)
    shop.run("deadline", "stock-compensation")
    shop.run()

    assert shop.facts(checkout) == [
        "CheckoutInitiated",
        "StockReserved",
        "CheckoutDeadlineExpired",
        "StockReleased",
        "CheckoutFailed",
    ]
    assert shop.stock("p-1") == (10, 0)
    assert shop.orders(CLIENT).total_orders == 0


@pytest.mark.parametrize("step", SAGA, ids=lambda step: step.worker)
def test_a_worker_opens_the_facts_of_its_row(step: Step) -> None:
    handler: Handler = Shop().container.handler(step.worker)
    opened = handler.types
    said = frozenset(fact.__name__ for fact in step.on)

    if step.worker == AUDIT:
        assert (opened, said) == (None, frozenset(fact.__name__ for fact in ALL_FACTS)), (
            "and entries that are no fact"
        )
    elif step.worker == STOCK_COMPENSATION:
        assert opened == said | {"CheckoutFailed"}, "which may be another program's"
    else:
        assert opened == said
