"""The `eventsourcing` package, with the checkout as one of its aggregates, on SQLite."""

import importlib
import tempfile
import time
from pathlib import Path
from typing import Any

from adapters.codec.carts import cart_to_wire
from bench.shop import Shoppers

EVENTS_PER_CHECKOUT = 4
_DOMAIN: Any = importlib.import_module("eventsourcing.domain")  # typed or not, installed or not
_APPLICATION: Any = importlib.import_module("eventsourcing.application")


class Checkout(_DOMAIN.Aggregate):  # type: ignore[misc]  # its base is known at run time only
    """The same facts, in that package's words."""

    @_DOMAIN.event("CheckoutInitiated")  # type: ignore[untyped-decorator]  # as above
    def __init__(self, client_id: str, panier: dict[str, Any]) -> None:
        self.client_id = client_id
        self.panier = panier
        self.commande_id = ""
        self.status = "initiated"

    @_DOMAIN.event("StockReserved")  # type: ignore[untyped-decorator]  # as above
    def reserve(self, panier: dict[str, Any]) -> None:  # noqa: ARG002 - it is stored with the event
        self.status = "reserved"

    @_DOMAIN.event("OrderCreated")  # type: ignore[untyped-decorator]  # as above
    def create_order(self, commande_id: str) -> None:
        self.commande_id = commande_id

    @_DOMAIN.event("CheckoutSucceeded")  # type: ignore[untyped-decorator]  # as above
    def succeed(self, commande_id: str) -> None:  # noqa: ARG002 - it is stored with the event
        self.status = "succeeded"


def saved_per_s(checkouts: int) -> float:
    """Events a second: the start, the reservation, then the order and the end are a save each."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as directory:
        store = _APPLICATION.Application(
            env={
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(Path(directory) / "events.db"),
            }
        )
        shoppers = Shoppers()
        starts = [shoppers.start() for _ in range(checkouts)]
        began_s = time.perf_counter()
        for start in starts:
            panier = cart_to_wire(start.cart)
            checkout = Checkout(client_id=start.client_id, panier=panier)
            store.save(checkout)
            checkout.reserve(panier=panier)
            store.save(checkout)
            checkout.create_order(commande_id=start.checkout_id)
            checkout.succeed(commande_id=start.checkout_id)
            store.save(checkout)
        rate = checkouts * EVENTS_PER_CHECKOUT / (time.perf_counter() - began_s)
        store.close()
    return rate
