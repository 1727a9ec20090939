"""What callers ask for, asked twice: with a key it happens once."""

import pytest

from application.requests.start_checkout import IdempotencyKeyReused
from tests.interruptions import quick_shop
from tests.invariants import invariants
from tests.shop import CLIENT, cart_of


def test_a_receipt_sent_twice_with_its_key_counts_once() -> None:
    shop = quick_shop()
    receive = shop.container.receiver().receive
    first, again = (receive(produit_id="p-1", units=5, key="".join("k1")) for _ in range(2))

    assert (first.replayed, again.replayed) == (False, True)
    assert first.position == again.position
    assert shop.stock("p-1") == (5, 0)


def test_receipts_without_a_key_or_with_another_all_count() -> None:
    shop = quick_shop()
    for key in (None, None, "k1", "k2"):
        shop.container.receiver().receive(produit_id="p-1", units=5, key=key)
    assert shop.stock("p-1") == (20, 0)


def test_the_key_of_one_receipt_is_no_good_for_another() -> None:
    shop = quick_shop()
    shop.container.receiver().receive(produit_id="p-1", units=5, key="k1")
    with pytest.raises(IdempotencyKeyReused):
        shop.container.receiver().receive(produit_id="p-1", units=6, key="k1")
    assert shop.stock("p-1") == (5, 0)


def test_a_checkout_started_twice_with_its_key_is_one_checkout() -> None:
    shop = quick_shop()
    shop.receive({"p-1": 5})
    assert shop.start({"p-1": 1}, key="k1") == shop.start({"p-1": 1}, key="k1")
    shop.run()
    assert shop.stock("p-1") == (4, 1)
    invariants(shop)


def test_the_key_of_one_checkout_is_no_good_for_another_cart() -> None:
    shop = quick_shop()
    shop.start({"p-1": 1}, key="k1")
    with pytest.raises(IdempotencyKeyReused, match="used with another body"):
        shop.container.starter().start(client_id=CLIENT, cart=cart_of({"p-1": 2}), key="k1")


def test_checkouts_without_a_key_are_all_different() -> None:
    shop = quick_shop()
    assert len({shop.start({"p-1": 1}) for _ in range(20)}) == 20
