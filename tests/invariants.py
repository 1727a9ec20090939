"""What must hold whatever happened: checked on the streams themselves, not on what anybody says of them."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import attrs

from application.events.checkout_history import checkout_after
from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.event_bus import Subscription
from application.ports.event_store import StoredEntry
from application.ports.read_model import OrderRow
from application.steps.project_orders import order_row
from domain.checkout.events import END_FACTS
from domain.checkout.saga import SAGA
from domain.checkout.states import Checkout, Failed, Succeeded
from tests.shop import Shop

END_TYPES = {fact.__name__ for fact in END_FACTS}


@attrs.define
class Product:
    """One product's stock, worked out from the inventory stream alone."""

    received: int = 0
    held: Counter[str] = attrs.Factory(Counter)
    """Checkout -> units held for it."""

    @property
    def free(self) -> int:
        return self.received - self.held.total()


def invariants(shop: Shop, *, idle: bool = True) -> None:
    """Check all of them. `idle`: nothing is left to do, so every checkout must have ended."""
    histories = _histories(shop)
    checkouts = {id_: checkout_after(history) for id_, history in histories.items()}
    _stock_is_conserved(shop, checkouts)
    _every_end_is_stated_once(shop, histories, checkouts)
    if idle:
        _everything_accepted_has_ended(shop, checkouts)
        _the_read_model_is_the_replay(shop, histories, checkouts)


def entries(shop: Shop, stream: str) -> Iterator[StoredEntry]:
    """Everything on a stream, oldest first."""
    after = None
    while True:
        page = shop.store.page(stream, count=1_000, after=after)
        yield from page.entries
        if (after := page.next) is None:
            return


def order_rows(shop: Shop, client_id: str) -> Iterator[OrderRow]:
    """Every row of a client in the read model, newest first."""
    after = None
    while True:
        found = shop.container.orders().of_client(client_id, count=100, after=after)
        yield from found.rows
        if (after := found.next) is None:
            return


def _histories(shop: Shop) -> dict[str, list[RecordedEvent]]:
    ids = list(dict.fromkeys(entry.checkout_id for entry in entries(shop, CHECKOUTS) if entry.checkout_id))
    histories = dict(zip(ids, shop.store.read(CHECKOUTS, ids), strict=True))
    return {id_: history for id_, history in histories.items() if history}


def _stock_is_conserved(shop: Shop, checkouts: dict[str, Checkout]) -> None:
    products: dict[str, Product] = defaultdict(Product)
    for entry in entries(shop, INVENTORY):
        assert isinstance(entry.payload, dict), entry
        product = products[entry.payload["produit_id"]]
        units, checkout_id = entry.payload.get("quantite", 0), entry.checkout_id
        if entry.type == "UnitsReceived":
            product.received += units
            continue
        assert checkout_id is not None, entry
        if entry.type == "UnitsHeld":
            assert not product.held[checkout_id], f"{checkout_id} holds {entry.payload} a second time"
            product.held[checkout_id] += units
        elif entry.type == "UnitsRefused":
            assert not product.held[checkout_id], f"{checkout_id} holds what it was refused for good"
        else:
            assert product.held.pop(checkout_id) == units, f"{checkout_id} never held {entry.payload}"
        assert product.free >= 0, f"oversold by {entry}"
    for produit_id, product in products.items():
        assert shop.stock(produit_id) == (product.free, product.held.total()), produit_id
        for checkout_id, units in product.held.items():
            checkout = checkouts[checkout_id]
            assert not isinstance(checkout, Failed), f"{units} of {produit_id} outlive {checkout_id}"
            assert checkout.cart.units_by_product()[produit_id] == units  # type: ignore[union-attr]  # it has started


def _every_end_is_stated_once(
    shop: Shop, histories: dict[str, list[RecordedEvent]], checkouts: dict[str, Checkout]
) -> None:
    """By us: what other programs add after an end is theirs, and changes nothing."""
    own = Counter(e.checkout_id for e in entries(shop, CHECKOUTS) if e.type in END_TYPES and e.event_id)
    for checkout_id, checkout in checkouts.items():
        types = [recorded.type for recorded in histories[checkout_id]]
        assert own[checkout_id] <= 1, f"{checkout_id} ended more than once: {types}"
        ended = isinstance(checkout, Succeeded | Failed)
        assert ended == bool(END_TYPES.intersection(types)), types
        versions = [recorded.version for recorded in histories[checkout_id]]
        assert versions == list(range(1, len(versions) + 1)), types


def _everything_accepted_has_ended(shop: Shop, checkouts: dict[str, Checkout]) -> None:
    still_open = {id_: state for id_, state in checkouts.items() if not isinstance(state, Succeeded | Failed)}
    assert not still_open
    for step in SAGA:
        backlog = shop.bus.backlog(Subscription(stream=CHECKOUTS, group=step.group, consumer="-"))
        assert (backlog.lag_events, backlog.pending) == (0, 0), step.group


def _the_read_model_is_the_replay(
    shop: Shop, histories: dict[str, list[RecordedEvent]], checkouts: dict[str, Checkout]
) -> None:
    expected = {
        id_: attrs.evolve(row, version=0, updated_at_s=0)
        for id_, history in histories.items()
        if (row := order_row(history))
    }
    clients = {row.client_id for row in expected.values()}
    shown = {
        row.checkout_id: attrs.evolve(row, version=0, updated_at_s=0)
        for client_id in clients
        for row in order_rows(shop, client_id)
    }
    assert shown == expected
    orders = [row.commande_id for row in shown.values() if row.status == "succeeded"]
    succeeded = [checkout for checkout in checkouts.values() if isinstance(checkout, Succeeded)]
    assert len(set(orders)) == len(orders) == len(succeeded)
    assert sum(shop.orders(client_id).total_orders for client_id in clients) == len(succeeded)
