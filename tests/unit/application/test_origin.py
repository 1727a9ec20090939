"""What a caller said of a request goes with every event that comes of it, however the checkout ends."""

from application.events.origin import CORRELATION_ID_CHARS_MAX, NO_ORIGIN, Origin
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.dead_letters import Wanted
from application.requests.mend_dead_letters import DeadLetterDesk
from domain.checkout import saga
from domain.checkout.commands import Cancel, ForceCompensation
from domain.checkout.events import CompensationFailed
from tests.each_row import each_row
from tests.shop import Shop, cart_of
from tests.unit.application.closed_warehouse import ACTOR, ClosedShop, stuck_checkout

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BASKET = Origin(traceparent=TRACE, correlation_id="basket-7")
CALL = Origin(correlation_id="call-42")
CANCEL = Cancel(actor=ACTOR, reason="too slow")


def start(shop: Shop, units: int = 1, origin: Origin = BASKET) -> str:
    started = shop.container.starter().start(client_id="c", cart=cart_of({"p-1": units}), origin=origin)
    return str(started.checkout_id)


def history(shop: Shop, checkout_id: str) -> list[RecordedEvent]:
    return shop.store.read(CHECKOUTS, [checkout_id])[0]


def origins(shop: Shop, checkout_id: str) -> dict[str, Origin]:
    """Type -> origin, of the checkout's own events and of those of its stock."""
    stock = [found for found in shop.store.read(INVENTORY, ["p-1"])[0] if found.type != "UnitsReceived"]
    return {recorded.type: recorded.origin for recorded in (*history(shop, checkout_id), *stock)}


def test_it_goes_with_a_success_and_its_stock_and_the_notice() -> None:
    shop = Shop()
    shop.receive({"p-1": 5})

    checkout_id = start(shop)
    shop.run()

    assert origins(shop, checkout_id) == dict.fromkeys(
        ("CheckoutInitiated", "StockReserved", "OrderCreated", "CheckoutSucceeded", "UnitsHeld"), BASKET
    )
    assert [notice.origin for notice in shop.notifier.sent] == [BASKET]
    assert {(entry.traceparent, entry.correlation_id) for entry in shop.audit_log.entries} == {
        (TRACE, "basket-7")
    }


def test_it_goes_with_a_failure_for_want_of_stock() -> None:
    shop = Shop()

    checkout_id = start(shop)
    shop.run()

    assert set(origins(shop, checkout_id).values()) == {BASKET}
    assert shop.replay(checkout_id).view.status == "failed"


def test_a_deadline_that_time_alone_brings_about_carries_that_of_the_start() -> None:
    shop = Shop()
    shop.receive({"p-1": 5})
    checkout_id = start(shop)
    shop.run(saga.STOCK_RESERVATION, saga.DEADLINE)

    shop.clock.advance(shop.settings.checkout_deadline_s)
    shop.run(saga.DEADLINE, saga.STOCK_COMPENSATION)

    told = origins(shop, checkout_id)
    assert {"CheckoutDeadlineExpired", "StockReleased", "CheckoutFailed", "UnitsReleased"} <= told.keys()
    assert set(told.values()) == {BASKET}


def test_what_comes_of_an_intervention_carries_its_own_and_the_trace_of_the_start() -> None:
    shop = Shop()
    shop.receive({"p-1": 5})
    checkout_id = start(shop)
    shop.run(saga.STOCK_RESERVATION)

    shop.container.checkout_desk().intervene(checkout_id, CANCEL, CALL)
    shop.run()

    told = origins(shop, checkout_id)
    own = Origin(traceparent=TRACE, correlation_id="call-42")
    assert (told["StockReserved"], told["UnitsHeld"]) == (BASKET, BASKET)
    after = ("CheckoutCancelled", "StockReleased", "CheckoutFailed", "UnitsReleased")
    assert {told[type_] for type_ in after} == {own}


def test_an_intervention_of_unknown_origin_carries_that_of_the_start() -> None:
    shop = Shop()
    checkout_id = start(shop)

    shop.container.checkout_desk().intervene(checkout_id, CANCEL)

    assert history(shop, checkout_id)[-1].origin == BASKET


def test_a_redriven_delivery_goes_on_under_the_origin_of_its_event() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    checkout_id = start(closed.shop)
    closed.run_into_dead_letters()
    closed.warehouse.closed = False
    desk: DeadLetterDesk = closed.shop.container.dead_letter_desk()

    desk.redrive_all(Wanted(), actor=ACTOR, origin=CALL)
    closed.shop.pass_time(1)

    assert set(origins(closed.shop, checkout_id).values()) == {BASKET}
    ((kept,), _) = desk.page(Wanted(state="redriven"), count=9)
    assert kept.decision
    assert kept.decision.correlation_id == "call-42"


def test_a_compensation_that_is_given_up_says_where_it_began() -> None:
    closed, checkout_id = stuck_checkout()
    closed.shop.container.checkout_desk().intervene(
        checkout_id, ForceCompensation(actor=ACTOR, reason="enough"), CALL
    )
    closed.run_into_dead_letters()

    given_up = [
        found for found in history(closed.shop, checkout_id) if found.type == CompensationFailed.__name__
    ]
    assert [found.origin for found in given_up] == [NO_ORIGIN, CALL]


def test_a_receipt_carries_its_own() -> None:
    shop = Shop()

    shop.container.receiver().receive(produit_id="p-1", units=1, origin=CALL)

    ((received,),) = shop.store.read(INVENTORY, ["p-1"])
    assert received.origin == CALL


def test_nothing_is_made_up_where_nobody_said_anything() -> None:
    shop = Shop()
    checkout_id = start(shop, origin=NO_ORIGIN)
    shop.run()

    assert set(origins(shop, checkout_id).values()) == {NO_ORIGIN}


@each_row("correlation_id", ["", " ", "a b", "é", "a\tb", "x" * (CORRELATION_ID_CHARS_MAX + 1)])
def test_what_is_no_correlation_id_is_left_out(correlation_id: str) -> None:
    assert Origin.of(None, correlation_id) is NO_ORIGIN


@each_row(
    "trace",
    ["", "nonsense", TRACE.upper(), TRACE + "-x", "ff" + TRACE[2:], f"00-{'0' * 32}-{'1' * 16}-01"],
)
def test_what_is_no_trace_is_left_out(trace: str) -> None:
    assert Origin.of(trace, "basket-7") == Origin(correlation_id="basket-7")


def test_a_log_line_names_the_trace_by_its_id_alone() -> None:
    assert BASKET.log_fields == {"correlation_id": "basket-7", "trace_id": "0af7651916cd43dd8448eb211c80319c"}
    assert NO_ORIGIN.log_fields == {}
