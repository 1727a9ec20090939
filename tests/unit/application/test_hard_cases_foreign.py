"""Facts appended by another program, with a plain XADD: first-class, in whatever order they come."""

import json

import pytest

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from domain.checkout import saga
from tests.foreign import add_foreign, foreign_cart, start_foreign
from tests.interruptions import InterruptedStore, later, quick_shop, worker_on
from tests.invariants import entries, invariants
from tests.shop import CLIENT, Shop

SUCCESS = ["CheckoutInitiated", "StockReserved", "OrderCreated", "CheckoutSucceeded"]


@pytest.fixture
def shop() -> Shop:
    shop = quick_shop()
    shop.receive({"p-1": 10})
    return shop


def test_a_bare_start_drives_the_saga_to_its_end(shop: Shop) -> None:
    """The very entry that the issue gives as an example."""
    payload = (
        '{"checkout_id":"c-1","client_id":"client-1","panier":{"client_id":"client-1","nombre_articles":3,'
        '"total":30.0,"produits":[{"produit_id":"p-1","quantite":3,"prix_unitaire":10.0}]},'
        '"emitted_at":1690000000.1}'
    )
    fields = fields_of(type="CheckoutInitiated", payload=payload, ts="1690000000.1")
    position = shop.log.add(CHECKOUTS, fields)
    shop.run()

    assert shop.facts("c-1") == SUCCESS
    replayed = shop.replay("c-1").events[0].recorded
    assert (replayed.position, replayed.event_id, replayed.version) == (position, position, 1)
    assert replayed.emitted_at_s == 1690000000.1
    assert shop.orders().last_checkout_id == "c-1"
    assert shop.stock("p-1") == (7, 3)
    invariants(shop)


def test_a_foreign_reservation_is_taken_for_ours(shop: Shop) -> None:
    """A foreign worker may take the step's place: ours then finds it done."""
    start_foreign(shop, "c-1", p_1=3)
    shop.run(saga.DEADLINE)
    add_foreign(shop, "StockReserved", "c-1", client_id=CLIENT, panier=foreign_cart(p_1=3))
    shop.run(saga.ORDER_CREATION)
    later(shop)

    assert shop.facts("c-1") == SUCCESS
    invariants(shop)


def test_a_foreign_reservation_cannot_change_the_cart_that_was_checked_out(shop: Shop) -> None:
    start_foreign(shop, "c-1", p_1=3)
    shop.run(saga.DEADLINE)
    add_foreign(shop, "StockReserved", "c-1", client_id="eve", panier=foreign_cart(p_1=1))
    shop.run(saga.ORDER_CREATION)
    later(shop)

    ordered = next(entry for entry in entries(shop, CHECKOUTS) if entry.type == "OrderCreated")
    assert isinstance(ordered.payload, dict)
    assert (ordered.payload["total"], ordered.payload["client_id"]) == (30.0, CLIENT)
    invariants(shop)


def test_an_entry_that_only_looks_like_ours_is_set_aside_at_once(shop: Shop) -> None:
    """A copy from another server, say: its checkout is not known here."""
    payload = {"checkout_id": "c-1", "client_id": CLIENT, "panier": foreign_cart(p_1=3)}
    copy = fields_of(type="StockReserved", payload=json.dumps(payload), event_id="e-1", version="2")
    shop.log.add(CHECKOUTS, copy)
    shop.run()

    ((_, why),) = shop.telemetry.dead_letters
    assert (why.reason, why.attempts) == ("checkout c-1 was never started", 1)
    invariants(shop)


def test_a_foreign_reservation_that_overtakes_ours_is_the_one_that_counts(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})

    def overtake() -> None:
        add_foreign(shop, "StockReserved", checkout, client_id=CLIENT, panier=foreign_cart(p_1=3))
        shop.run(saga.ORDER_CREATION)

    store = InterruptedStore(shop.store, lambda m: m.is_("before", "append", CHECKOUTS), overtake)
    worker_on(shop, saga.STOCK_RESERVATION, consumer="c-0", store=store).turn()
    later(shop)

    assert shop.facts(checkout) == SUCCESS
    assert shop.stock("p-1") == (7, 3)
    invariants(shop)


def test_a_foreign_order_only_gets_its_end_from_us(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)
    add_foreign(shop, "OrderCreated", checkout, client_id=CLIENT, commande_id="theirs-1")
    shop.run(saga.CQRS_PROJECTION)
    assert shop.orders().rows[0].status == "created"
    later(shop)

    assert shop.facts(checkout) == SUCCESS
    assert shop.orders().last_order_id == "theirs-1"
    order = shop.container.orders().order("theirs-1")
    assert order is not None
    assert order.cart.units == 3
    invariants(shop)


def test_a_foreign_order_after_ours_changes_nothing(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run()
    before = shop.orders()
    add_foreign(shop, "OrderCreated", checkout, client_id=CLIENT, commande_id="theirs-1")
    later(shop)

    assert shop.replay(checkout).view.commande_id == before.last_order_id
    assert (shop.orders().total_orders, shop.orders().last_order_id) == (1, before.last_order_id)
    assert shop.container.orders().order("theirs-1") is None
    invariants(shop)


@pytest.mark.parametrize("after", [(), (saga.STOCK_RESERVATION,)], ids=["the start", "the reservation"])
def test_a_foreign_failure_gives_back_what_we_hold(shop: Shop, after: tuple[str, ...]) -> None:
    checkout = shop.start({"p-1": 3})
    for worker in after:
        shop.run(worker)
    add_foreign(shop, "CheckoutFailed", checkout, reason="the shopper gave up")
    shop.run(saga.NOTIFICATION)
    later(shop)

    view = shop.replay(checkout).view
    assert (view.status, view.reason) == ("failed", "the shopper gave up")
    assert shop.stock("p-1") == (10, 0)
    assert [notice.reason for notice in shop.notifier.sent] == ["the shopper gave up"]
    invariants(shop)


def test_a_foreign_failure_while_the_order_is_being_created_wins_or_loses_as_a_whole(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run(saga.STOCK_RESERVATION)

    def fail() -> None:
        add_foreign(shop, "CheckoutFailed", checkout, reason="the shopper gave up")
        shop.run(saga.CQRS_PROJECTION)

    store = InterruptedStore(shop.store, lambda m: m.is_("before", "append", CHECKOUTS), fail)
    worker_on(shop, saga.ORDER_CREATION, consumer="c-0", store=store).turn()
    later(shop)

    assert shop.facts(checkout) == ["CheckoutInitiated", "StockReserved", "CheckoutFailed"]
    assert shop.stock("p-1") == (10, 0)
    invariants(shop)


def test_a_foreign_failure_after_the_end_takes_no_sold_stock_back(shop: Shop) -> None:
    checkout = shop.start({"p-1": 3})
    shop.run()
    add_foreign(shop, "CheckoutFailed", checkout, reason="too late")
    later(shop)

    assert shop.replay(checkout).view.status == "succeeded"
    assert shop.stock("p-1") == (7, 3)
    invariants(shop)


def test_a_foreign_fact_before_its_start_waits_for_it(shop: Shop) -> None:
    add_foreign(shop, "StockReserved", "c-1", client_id=CLIENT, panier=foreign_cart(p_1=3))
    shop.run(saga.ORDER_CREATION)
    assert shop.facts("c-1") == []
    start_foreign(shop, "c-1", p_1=3)
    shop.run(saga.DEADLINE)
    shop.clock.advance(1)
    shop.run(saga.ORDER_CREATION)
    later(shop)

    assert shop.facts("c-1") == SUCCESS
    assert shop.telemetry.dead_letters == []
    invariants(shop)


def test_a_foreign_fact_whose_start_never_comes_is_set_aside_with_its_reason(shop: Shop) -> None:
    add_foreign(shop, "StockReserved", "c-1", client_id=CLIENT, panier=foreign_cart(p_1=3))
    for _ in range(6):
        shop.pass_time(31)

    ((_, why),) = shop.telemetry.dead_letters
    assert why.reason == "checkout c-1 has no CheckoutInitiated yet"
    assert why.attempts == shop.settings.attempts_max
    assert shop.stock("p-1") == (10, 0)
    invariants(shop)


def test_a_foreign_worker_that_gives_the_stock_back_is_seen_in_the_replay(shop: Shop) -> None:
    checkout = shop.start({"p-1": 50})
    shop.run(saga.STOCK_RESERVATION)
    add_foreign(shop, "StockReleased", checkout)
    shop.run(saga.CQRS_PROJECTION)

    assert shop.facts(checkout) == ["CheckoutInitiated", "StockReservationFailed", "StockReleased"]
    later(shop)
    invariants(shop)


def test_entries_that_only_resemble_a_start_are_set_aside_and_hold_nothing(shop: Shop) -> None:
    start_foreign(shop, "c 1", p_1=3)
    start_foreign(shop, "c-2", p_1=0)
    text = json.dumps({"checkout_id": "c-3", "client_id": CLIENT})
    shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload=text))
    later(shop)

    reasons = {why.reason for _, why in shop.telemetry.dead_letters}
    assert reasons == {
        "payload.checkout_id must be 1 to 128 letters, digits or any of - _ . :",
        "payload.panier.produits[0].quantite must be a whole number from 1 to 100000",
        "payload.panier is required",
    }
    assert shop.stock("p-1") == (10, 0)
    invariants(shop)


def test_a_second_start_after_the_end_leaves_nothing_noted_as_open(shop: Shop) -> None:
    start_foreign(shop, "f-1", p1=2)
    shop.run()
    start_foreign(shop, "f-1", p1=2)
    shop.run()

    assert shop.container.open_checkouts().count() == 0
    assert shop.container.deadlines().upcoming(count=10) == ([], None)
