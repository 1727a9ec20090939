"""Question: which orders has a client, and what is in one? Reads, never writes."""

import attrs

from application.events.checkout_history import checkout_after
from application.events.streams import CHECKOUTS
from application.ports.event_store import EventReader
from application.ports.read_model import ClientOrders, OrdersReader
from domain.cart import Cart
from domain.checkout.states import Ordered, Succeeded


@attrs.frozen(kw_only=True)
class OrderView:
    """One order with its lines. `created_at_s`: epoch seconds, by the clock of who created it."""

    commande_id: str
    checkout_id: str
    client_id: str
    cart: Cart
    created_at_s: float


@attrs.frozen
class OrderBook:
    """Answers from the read model; the lines of an order come from its checkout."""

    store: EventReader
    read_model: OrdersReader

    def of_client(self, client_id: str, *, count: int, after: str | None = None) -> ClientOrders:
        """The client's figures and a page of its orders, newest first.

        Raises:
            InvalidPosition: `after` is no cursor.
            Unavailable: ask again later.
        """
        return self.read_model.orders_of(client_id, count=count, after=after)

    def order(self, commande_id: str) -> OrderView | None:
        """One order; None where there is none with this id, or its checkout failed after all.

        Raises:
            Unavailable: ask again later.
        """
        checkout_id = self.read_model.checkout_of(commande_id)
        if checkout_id is None:
            return None
        (history,) = self.store.read(CHECKOUTS, [checkout_id])
        checkout = checkout_after(history)
        if not isinstance(checkout, Ordered | Succeeded) or checkout.commande_id != commande_id:
            return None
        created = next(r for r in history if getattr(r.event, "commande_id", None) == commande_id)
        return OrderView(
            commande_id=commande_id,
            checkout_id=checkout_id,
            client_id=checkout.client_id,
            cart=checkout.cart,
            created_at_s=created.emitted_at_s,
        )
