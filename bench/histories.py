"""A long past, made quickly: streams of checkouts that have ended."""

from pathlib import Path
from typing import Any, Final

from adapters.codec.envelope import Fields, encode
from adapters.redis_streams.keys import stream_key
from application.events.event_ids import answer_to, start_of
from application.events.streams import CHECKOUTS
from application.ports.event_store import NewEvent
from bench.shop import Shoppers
from domain.checkout.events import CheckoutEvent, CheckoutInitiated, CheckoutSucceeded, StockReserved
from domain.checkout.saga import ORDER_CREATION, STEPS, STOCK_RESERVATION
from domain.order.events import OrderCreated
from domain.order.order import order_id

ORDERS_PER_CLIENT: Final = 10
EVENTS_PER_CHECKOUT: Final = 4
_CALL: Final = 500  # checkouts
_EMITTED_AT_S: Final = 1_700_000_000.123
_SOURCE: Final = (Path(__file__).parent / "fill.lua").read_text()


def fill(client: Any, *, events: int) -> list[str]:
    """Put as many events on the stream, and in the index; the ids of their checkouts.

    The read model is left to its worker, which keeps up to `ORDERS_PER_CLIENT` orders a client.
    """
    checkouts = events // EVENTS_PER_CHECKOUT
    start = Shoppers().start()
    template = [value for entry in _template(start) for value in entry.values()]
    script = client.register_script(_SOURCE)
    for first in range(0, checkouts, _CALL):
        count = min(_CALL, checkouts - first)
        args = [first, count, clients_of(events), start.checkout_id, start.client_id, *template]
        script(keys=[stream_key(CHECKOUTS)], args=args)
    return [f"{number:016d}" for number in range(checkouts)]


def clients_of(events: int) -> int:
    """How many clients the checkouts of so many events are spread over: `client-00000` and on."""
    return max(1, events // EVENTS_PER_CHECKOUT // ORDERS_PER_CLIENT)


def _template(start: CheckoutInitiated) -> list[Fields]:
    id_, client, cart = start.checkout_id, start.client_id, start.cart
    order = order_id(id_)
    history: tuple[CheckoutEvent, ...] = (
        start,
        StockReserved(checkout_id=id_, client_id=client, cart=cart),
        OrderCreated(checkout_id=id_, client_id=client, commande_id=order, total=cart.total),
        CheckoutSucceeded(checkout_id=id_, client_id=client, commande_id=order),
    )
    reserving, ordering = STEPS[STOCK_RESERVATION].sign, STEPS[ORDER_CREATION].sign
    reserved = answer_to(id_, 1, reserving, 0)
    ids = [start_of(id_), reserved, *(answer_to(id_, 2, ordering, ordinal) for ordinal in (0, 1))]
    causes = [None, start_of(id_), reserved, reserved]
    return [
        encode(
            NewEvent(event=event, event_id=event_id, causation_id=cause),
            version=place,
            emitted_at_s=_EMITTED_AT_S,
        )
        for place, (event, event_id, cause) in enumerate(zip(history, ids, causes, strict=True), start=1)
    ]
