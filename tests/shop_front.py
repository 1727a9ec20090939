"""The service as a shopper meets it: over HTTP, and nothing else."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, cast

import attrs
import httpx

from application.events.streams import CHECKOUTS
from tests.waiting import eventually

END_S: Final = 30.0
CHECKOUTS_OF_ONE_CLIENT: Final = 50

Json = dict[str, Any]
Units = Mapping[str, int]
"""Product -> units."""


def settles(ask: Callable[[], object], expected: object, within_s: float = 10.0) -> None:
    """Check that what is asked for becomes what is expected; what it is instead is told."""
    with suppress(AssertionError):
        eventually(lambda: ask() == expected, within_s)
    found = ask()
    assert found == expected, found


def order_form(client_id: str, units: Units, price: float = 1.0) -> Json:
    """The body of a checkout, all products at one price."""
    lines = [{"produit_id": p, "quantite": n, "prix_unitaire": price} for p, n in units.items()]
    return {"client_id": client_id, "panier": {"produits": lines}}


@attrs.define
class ShopFront:
    """What one can do and see at `url`."""

    url: str
    http: httpx.Client = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.http = self.new_client()

    def new_client(self) -> httpx.Client:
        """A client of its own for another thread; to be closed."""
        return httpx.Client(base_url=self.url, timeout=10.0, trust_env=False)

    def receive(self, produit_id: str, units: int) -> None:
        """Take units into stock."""
        answer = self.http.post(f"/api/inventory/{produit_id}/receipts", json={"quantite": units})
        assert answer.status_code == 201, answer.text

    def post(self, client_id: str, units: Units, price: float = 1.0, **headers: str) -> httpx.Response:
        """Ask for a checkout; `Some_Header="x"` is a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post("/api/checkouts", json=order_form(client_id, units, price), headers=named)

    def checkout(self, client_id: str, units: Units, price: float = 1.0) -> str:
        """A checkout that is accepted; its id."""
        answer = self.post(client_id, units, price)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["checkout_id"])

    def get(self, path: str, **query: str | int) -> Json:
        """The JSON of a page that must be there."""
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return cast(Json, answer.json())

    def ended(self, checkout_id: str, within_s: float = END_S) -> Json:
        """The replay of a checkout, once it has ended."""

        def end() -> Json | None:
            answer = self.http.get(f"/api/event-store/replay/checkout/{checkout_id}")
            if answer.status_code != 200 or answer.json()["status"] == "initiated":
                return None
            return cast(Json, answer.json())

        return eventually(end, within_s)

    def listed(self, checkout_id: str) -> list[Json]:
        """A checkout's events in the listing, oldest first."""
        page = self.get(f"/api/event-store/streams/{CHECKOUTS}/events", count=1_000, order="desc")
        return [event for event in reversed(page["events"]) if event["checkout_id"] == checkout_id]

    def orders(self, client_id: str, checkouts: int, within_s: float = END_S) -> Json:
        """A client's orders, once the read model shows so many checkouts."""

        def shown() -> Json | None:
            orders = self.get(f"/api/event-store/cqrs/orders-by-client/{client_id}")
            return orders if orders["total_orders"] + orders["total_failed"] == checkouts else None

        return eventually(shown, within_s)

    def stock(self, produit_id: str) -> tuple[int, int]:
        """(units free, units held)."""
        stock = self.get(f"/api/inventory/{produit_id}")
        return stock["quantite_disponible"], stock["quantite_reservee"]

    @contextmanager
    def shoppers(self, name: str, *carts: Units) -> Iterator[list[str]]:
        """Meanwhile somebody checks out one of `carts` after the other; the ids of what was accepted."""
        accepted: list[str] = []
        done = threading.Event()

        def shop() -> None:
            tried = 0
            with self.new_client() as http:
                while not done.wait(0.02):
                    client_id = f"{name}-{tried // CHECKOUTS_OF_ONE_CLIENT}"
                    form = order_form(client_id, carts[tried % len(carts)])
                    tried += 1
                    with suppress(httpx.TransportError):  # the API is being stopped, or started again
                        answer = http.post("/api/checkouts", json=form)
                        if answer.status_code == 202:
                            accepted.append(answer.json()["checkout_id"])

        shopper = threading.Thread(target=shop, name=name)
        shopper.start()
        try:
            yield accepted
        finally:
            done.set()
            shopper.join()
