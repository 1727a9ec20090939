"""A checkout as people read it: where it stands, what is in it, and step by step how it got there."""

from itertools import pairwise
from typing import Final, assert_never

from rich.console import JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from application.events.recorded_event import RecordedEvent
from application.events.streams import Event
from application.questions.replay_checkout import CheckoutView, Replay, ReplayedEvent
from domain.calls.events import CallFact
from domain.cart import Cart
from domain.checkout.events import (
    CheckoutCancelled,
    CheckoutDeadlineExpired,
    CheckoutEvent,
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
from domain.checkout.saga import SAGA
from domain.inventory.events import StockEvent, UnitsHeld, UnitsReceived, UnitsRefused, UnitsReleased
from domain.order.events import OrderCreated, OrderCreationFailed
from entrypoints.commands.look import heading, status, table, titled
from entrypoints.commands.views.call_story import of_call
from entrypoints.commands.wording import (
    amount,
    cart_in_a_line,
    count_of,
    date_and_time,
    later_by,
    plain,
    time_of_day,
)

LINES_SHOWN: Final = 5
_CART_COLUMNS: Final[tuple[JustifyMethod, ...]] = ("right", "left", "right", "right")


def standing(replay: Replay) -> RenderableType:
    """What the checkout is about and how it stands."""
    view, first = replay.view, replay.events[0].recorded
    rows: list[tuple[str, RenderableType]] = [
        ("client", plain(view.client_id)),
        ("started", date_and_time(first.recorded_at_s)),
    ]
    if isinstance(first.event, CheckoutInitiated):
        rows.append(("cart", _cart(first.event.cart)))
    rows.append(("stock", _stock(view)))
    if view.commande_id:
        rows.append(("order", plain(view.commande_id)))
    if view.reason:
        rows.append(("reason", Text(plain(view.reason, chars_max=1_000), "red")))
    return titled(heading("checkout", view.checkout_id, status(view.status)), rows)


def steps(replay: Replay) -> Table:
    """Each fact, when the store recorded it, and what it says."""
    made = table("", "when", "fact", "what it says", right=("", "when"))
    for event, when in zip(replay.events, times(replay), strict=True):
        recorded = event.recorded
        made.add_row(str(recorded.version), when, fact(event), said(recorded))
    return made


def times(replay: Replay) -> list[str]:
    """The time of the first event, then how much later than the one before each was, by the store's clock."""
    at_s = [event.recorded.recorded_at_s for event in replay.events]
    laps = [later_by(later - earlier) for earlier, later in pairwise(at_s)]
    return [time_of_day(at_s[0]), *laps]


def fact(event: ReplayedEvent) -> Text:
    """The name of the fact, in the colour of what it leads to."""
    match event.recorded.event:
        case CheckoutSucceeded() | OrderCreated() | StockReserved():
            return Text(event.recorded.type, "green")
        case (
            CheckoutFailed()
            | StockReservationFailed()
            | OrderCreationFailed()
            | CheckoutDeadlineExpired()
            | CompensationFailed()
        ):
            return Text(event.recorded.type, "red")
        case _:
            return Text(event.recorded.type, "yellow")


def said(recorded: RecordedEvent) -> str:
    """The fact in a few words, and whether another program wrote it."""
    whose = " (by another program)" if recorded.event_id == recorded.position else ""
    return f"{what_it_says(recorded.event)}{whose}"


def what_it_says(event: Event) -> str:
    """The fact in a few words."""
    match event:
        case UnitsReceived() | UnitsHeld() | UnitsReleased() | UnitsRefused():
            return _of_stock(event)
        case CallFact():
            return of_call(event)
        case _:
            return _of_checkout(event)


def _of_checkout(event: CheckoutEvent) -> str:
    match event:
        case CheckoutInitiated():
            return cart_in_a_line(event.cart)
        case StockReserved():
            return "every line is set aside"
        case StockReleased():
            return "what was set aside is free again"
        case OrderCreated():
            return plain(event.commande_id)
        case CheckoutSucceeded():
            return f"with order {plain(event.commande_id)}"
        case CheckoutFailed():
            return f"because of {plain(event.source)}" if event.source else plain(event.reason)
        case StockReservationFailed() | OrderCreationFailed() | CheckoutDeadlineExpired():
            return plain(event.reason)
        case CompensationFailed():
            return f"waits for an operator: {plain(event.reason)}"
        case DeadlinePostponed(expires_at_s=expires_at_s):
            until = "for ever" if expires_at_s is None else f"until {date_and_time(expires_at_s)}"
            return f"{until}, by {plain(event.actor)}: {plain(event.reason)}"
        case CheckoutCancelled() | StepRetried() | CompensationForced() | CheckoutResolved():
            return f"by {plain(event.actor)}: {plain(event.reason)}"
        case _:
            assert_never(event)


def _of_stock(event: StockEvent) -> str:
    if isinstance(event, UnitsRefused):
        return f"no {plain(event.produit_id)} will be held for it any more"
    return f"{count_of(event.units, 'unit')} of {plain(event.produit_id)}"


def awaited(replay: Replay) -> str | None:
    """What should happen next, as the saga says; None once the checkout has ended."""
    if replay.view.status != "initiated":
        return None
    if replay.view.step == "compensation_failed":
        return "an operator: giving back has failed for good"
    last = type(replay.events[-1].recorded.event)
    step = next((step for step in SAGA if step.answers and last in step.on), None)
    return f"{step.worker} to {step.does}" if step else "its end"


def took(replay: Replay) -> str:
    """How long it took from the first event to the last."""
    first, last = replay.events[0].recorded, replay.events[-1].recorded
    return later_by(last.recorded_at_s - first.recorded_at_s).lstrip("+")


def _cart(cart: Cart) -> Table:
    priced = any(line.unit_price is not None for line in cart.lines)
    grid = Table.grid(padding=(0, 2))
    # Two columns that stay empty would wrap the names, so they are only there for prices.
    for justify in _CART_COLUMNS if priced else _CART_COLUMNS[:2]:
        grid.add_column(justify=justify, overflow="fold")
    for line in cart.lines[:LINES_SHOWN]:
        prices = [] if line.unit_price is None else [amount(line.unit_price), amount(line.amount)]
        grid.add_row(f"{line.units:,}", plain(line.name or line.produit_id), *prices)
    if len(cart.lines) > LINES_SHOWN:
        grid.add_row("", Text(f"and {count_of(len(cart.lines) - LINES_SHOWN, 'more line')}", "dim"))
    if priced:
        grid.add_row("", Text("total", "bold"), "", Text(amount(cart.total), "bold"))
    return grid


def _stock(view: CheckoutView) -> str:
    if not view.stock_reserved:
        return "nothing is set aside"
    if view.stock_released:
        return "set aside, then given back"
    if view.status == "failed":
        return "was set aside; stock-compensation gives back what is still held"
    return "set aside for the order" if view.status == "succeeded" else "set aside"
