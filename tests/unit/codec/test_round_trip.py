"""Whatever we write, we read back as it was."""

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.codec.envelope import EnvelopeCodec
from application.events.origin import NO_ORIGIN, Origin
from application.events.streams import Event
from domain.calls.events import (
    CallDone,
    CallInDoubt,
    CallIntended,
    CallNotMade,
    CallRefused,
    CallsClosed,
    CallUnanswered,
    DoubtSettled,
)
from domain.cart import Cart, Line
from domain.checkout.events import (
    CheckoutCancelled,
    CheckoutDeadlineExpired,
    CheckoutFailed,
    CheckoutInitiated,
    CheckoutResolved,
    CheckoutSucceeded,
    CompensationFailed,
    CompensationForced,
    DeadlinePostponed,
    StepRetried,
    StockReleased,
    StockReservationFailed,
    StockReserved,
)
from domain.inventory.events import UnitsHeld, UnitsReceived, UnitsRefused, UnitsReleased
from domain.inventory.reservation import Shortage
from domain.order.events import OrderCreated, OrderCreationFailed
from tests.each_row import each_row
from tests.unit.codec.entries import AT_S, POSITION, as_fields, entry_of, read
from tests.unit.codec.examples import BARE, FULL

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ORIGIN = Origin(traceparent=TRACE, correlation_id="basket-7")
IDS = st.text(st.sampled_from("Az09-_.:"), min_size=1, max_size=128)
UNITS = st.integers(1, 100_000)
PRICES = st.none() | st.decimals(0, Decimal("9999999999.9999"), places=4)


def texts(chars_max: int) -> st.SearchStrategy[str]:
    """Of characters that writers of JSON have got wrong before."""
    return st.text(st.sampled_from('aé漢😀"\\/\n\x00\x7f\u2028 {}'), max_size=chars_max)


LINES = st.builds(
    Line, produit_id=IDS, units=st.integers(1, 1_000), unit_price=PRICES, name=st.none() | texts(200)
)
CARTS = st.lists(LINES, min_size=1, max_size=4).map(Cart.of)
SHORTAGES = st.lists(
    st.builds(
        Shortage,
        produit_id=IDS,
        units_wanted=UNITS,
        units_free=st.integers(-10, 10**9),
        known=st.booleans(),
    ),
    max_size=3,
).map(tuple)
PARTS = st.dictionaries(texts(10), texts(50), max_size=5).map(lambda parts: tuple(parts.items()))
ADDRESSES = st.none() | texts(500) | PARTS
MAYBE = {"checkout_id": IDS, "client_id": st.none() | IDS}
KNOWN = {"checkout_id": IDS, "client_id": IDS}
REASONS = texts(300)
SAID = {"actor": texts(100), "reason": REASONS}
ATTEMPT = {
    "checkout_id": IDS,
    "call": st.builds("{}-{}".format, st.sampled_from(["take", "give-back"]), st.integers(1, 9_999)),
    "attempt": st.integers(1, 1_000_000),
}

EVENTS: dict[type, st.SearchStrategy[Event]] = {
    CheckoutInitiated: st.builds(CheckoutInitiated, **KNOWN, cart=CARTS, delivery_address=ADDRESSES),
    StockReserved: st.builds(StockReserved, **KNOWN, cart=CARTS),
    StockReservationFailed: st.builds(StockReservationFailed, **MAYBE, reason=REASONS, shortages=SHORTAGES),
    OrderCreated: st.builds(
        OrderCreated,
        **KNOWN,
        commande_id=IDS,
        total=PRICES,
        ventes=st.lists(IDS, max_size=3).map(tuple),
    ),
    OrderCreationFailed: st.builds(OrderCreationFailed, **MAYBE, reason=REASONS, cart=st.none() | CARTS),
    StockReleased: st.builds(StockReleased, **MAYBE, cart=st.none() | CARTS),
    CheckoutDeadlineExpired: st.builds(CheckoutDeadlineExpired, **MAYBE, reason=REASONS),
    CompensationFailed: st.builds(CompensationFailed, **MAYBE, reason=REASONS),
    CheckoutCancelled: st.builds(CheckoutCancelled, **MAYBE, **SAID),
    StepRetried: st.builds(StepRetried, **MAYBE, **SAID),
    CompensationForced: st.builds(CompensationForced, **MAYBE, **SAID),
    CheckoutResolved: st.builds(CheckoutResolved, **MAYBE, **SAID),
    DeadlinePostponed: st.builds(
        DeadlinePostponed, **MAYBE, **SAID, expires_at_s=st.none() | st.floats(0, 1e11)
    ),
    CheckoutSucceeded: st.builds(CheckoutSucceeded, **MAYBE, commande_id=IDS),
    CheckoutFailed: st.builds(
        CheckoutFailed, **MAYBE, reason=REASONS, source=st.none() | IDS, shortages=SHORTAGES
    ),
    UnitsReceived: st.builds(UnitsReceived, produit_id=IDS, units=st.integers(1, 1_000_000)),
    UnitsHeld: st.builds(UnitsHeld, produit_id=IDS, checkout_id=IDS, units=UNITS),
    UnitsReleased: st.builds(UnitsReleased, produit_id=IDS, checkout_id=IDS, units=UNITS),
    UnitsRefused: st.builds(UnitsRefused, produit_id=IDS, checkout_id=IDS),
    CallIntended: st.builds(
        CallIntended,
        **ATTEMPT,
        operation=st.sampled_from(["take", "give-back", "enter", "cancel"]),
        key=texts(100),
        produit_id=st.none() | IDS,
        units=st.none() | UNITS,
        client_id=st.none() | IDS,
        vente_id=st.none() | IDS,
    ),
    CallDone: st.builds(CallDone, **ATTEMPT, vente_id=st.none() | IDS),
    CallRefused: st.builds(CallRefused, **ATTEMPT, reason=REASONS),
    CallNotMade: st.builds(CallNotMade, **ATTEMPT, reason=REASONS),
    CallUnanswered: st.builds(CallUnanswered, **ATTEMPT, reason=REASONS),
    CallInDoubt: st.builds(CallInDoubt, **ATTEMPT, reason=REASONS),
    DoubtSettled: st.builds(
        DoubtSettled, **ATTEMPT, **SAID, happened=st.booleans(), vente_id=st.none() | IDS
    ),
    CallsClosed: st.builds(CallsClosed, checkout_id=IDS),
}


def test_no_event_type_is_left_out_here() -> None:
    assert set(EVENTS) == set(get_args(Event))
    assert set(FULL) == {event_type.__name__ for event_type in EVENTS}


@pytest.mark.parametrize("event_type", EVENTS, ids=lambda event_type: event_type.__name__)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_what_is_written_is_read_back(event_type: type, data: st.DataObject) -> None:
    event = data.draw(EVENTS[event_type])
    assert read(entry_of(event)).event == event


@each_row("event", [*FULL.values(), *BARE.values()], ids=lambda event: type(event).__name__)
def test_the_envelope_is_read_back(event: Event) -> None:
    recorded = read(entry_of(event, version=7, origin=ORIGIN))

    assert recorded.event == event
    assert (recorded.version, recorded.position) == (7, POSITION)
    assert (recorded.event_id, recorded.causation_id) == ("e-1", "e-0")
    assert (recorded.emitted_at_s, recorded.recorded_at_s) == (AT_S, 1700000000.0)
    assert recorded.origin == ORIGIN


@each_row("price", ["0", "0.1", "0.0001", "1234567890.1234", "9999999999.9999", "19.99"])
def test_prices_survive_the_numbers_of_other_programs(price: str) -> None:
    cart = Cart.of([Line(produit_id="p-1", units=1, unit_price=Decimal(price))])
    event = read(entry_of(StockReserved(checkout_id="c-1", client_id="ada", cart=cart))).event
    assert isinstance(event, StockReserved)
    assert event.cart.lines[0].unit_price == Decimal(price)


def test_an_event_of_unknown_origin_has_no_such_fields() -> None:
    entry = entry_of(FULL["StockReserved"])

    assert not {b"traceparent", b"correlation_id"} & entry.keys()
    assert read(entry).origin is NO_ORIGIN


@pytest.mark.parametrize(
    ("origin", "fields"),
    [
        (Origin(traceparent=TRACE), {b"traceparent"}),
        (Origin(correlation_id="basket-7"), {b"correlation_id"}),
        (ORIGIN, {b"traceparent", b"correlation_id"}),
    ],
    ids=["a trace", "a correlation id", "both"],
)
def test_what_is_known_of_the_origin_is_read_back_and_no_more_is_written(
    origin: Origin, fields: set[bytes]
) -> None:
    entry = entry_of(FULL["StockReserved"], origin=origin)

    assert {b"traceparent", b"correlation_id"} & entry.keys() == fields
    assert read(entry).origin == origin


@each_row("correlation_id", ["", "two words", "é", "x" * 129, "line\nbreak", b"\xff"])
def test_an_origin_that_another_program_got_wrong_is_ignored_and_listed_as_it_is(
    correlation_id: str | bytes,
) -> None:
    entry = {**entry_of(FULL["StockReserved"]), **as_fields({"correlation_id": correlation_id})}

    assert read(entry).origin is NO_ORIGIN
    as_it_is = (
        correlation_id.decode(errors="replace") if isinstance(correlation_id, bytes) else correlation_id
    )
    assert EnvelopeCodec().look(POSITION, entry).correlation_id == (as_it_is or None)
