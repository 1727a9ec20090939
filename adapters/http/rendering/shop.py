"""Checkouts, events, orders, stock, as they go over the wire. Times: epoch seconds; amounts: JSON numbers."""

from adapters.codec.carts import cart_to_wire
from adapters.codec.events import payload_of
from adapters.http import links
from application.ports.event_store import Page, StoredEntry
from application.ports.positions import parse
from application.ports.read_model import ClientOrders, OrderRow
from application.questions.replay_checkout import CheckoutView, Replay, ReplayedEvent
from application.questions.show_orders import OrderView
from application.questions.show_stock import StockView
from application.requests.receive_stock import Received
from application.requests.start_checkout import Started

Wire = dict[str, object]


def started_to_wire(started: Started, client_id: str) -> Wire:
    return {
        "checkout_id": started.checkout_id,
        "status": "initiated",
        "position": started.position,
        "links": checkout_links(started.checkout_id, client_id),
    }


def checkout_to_wire(replay: Replay) -> Wire:
    view = replay.view
    newest = max((event.recorded.position for event in replay.events), key=parse)
    return _standing(replay) | {"position": newest, "links": checkout_links(view.checkout_id, view.client_id)}


def replay_to_wire(replay: Replay) -> Wire:
    return _standing(replay) | {"events": [_replayed_to_wire(event) for event in replay.events]}


def _standing(replay: Replay) -> Wire:
    view = replay.view
    ids = {"checkout_id": view.checkout_id, "client_id": view.client_id}
    return {**ids, **_state(view), "version": replay.version}


def _state(view: CheckoutView) -> Wire:
    return {
        "status": view.status,
        "step": view.step,
        "commande_id": view.commande_id,
        "reason": view.reason,
        "stock_reserved": view.stock_reserved,
        "stock_released": view.stock_released,
    }


def _replayed_to_wire(replayed: ReplayedEvent) -> Wire:
    recorded = replayed.recorded
    return {
        "type": recorded.type,
        "id": recorded.event_id,
        "position": recorded.position,
        "version": recorded.version,
        "emitted_at": recorded.emitted_at_s,
        "causation_id": recorded.causation_id,
        "traceparent": recorded.origin.traceparent,
        "correlation_id": recorded.origin.correlation_id,
        "payload": payload_of(recorded.event) | {"emitted_at": recorded.emitted_at_s},
        "after": _state(replayed.after),
    }


def checkout_links(checkout_id: str, client_id: str) -> Wire:
    """Where more is told of a checkout."""
    return {
        "self": links.checkout(checkout_id),
        "replay": links.replay(checkout_id),
        "orders": links.orders_of(client_id),
    }


def page_to_wire(stream: str, page: Page) -> Wire:
    return {"stream": stream, "events": [entry_to_wire(entry) for entry in page.entries], "next": page.next}


def entry_to_wire(entry: StoredEntry) -> Wire:
    wire: Wire = {
        "position": entry.position,
        "type": entry.type,
        "checkout_id": entry.checkout_id,
        "event_id": entry.event_id,
        "version": entry.version,
        "emitted_at": entry.emitted_at_s,
        "recorded_at": entry.recorded_at_s,
        "causation_id": entry.causation_id,
        "traceparent": entry.traceparent,
        "correlation_id": entry.correlation_id,
        "payload": entry.payload,
    }
    return wire if entry.malformed is None else wire | {"malformed": entry.malformed}


def client_orders_to_wire(orders: ClientOrders) -> Wire:
    return {
        "client_id": orders.client_id,
        "total_orders": orders.total_orders,
        "total_failed": orders.total_failed,
        "last_order_id": orders.last_order_id,
        "last_checkout_id": orders.last_checkout_id,
        "last_update_ts": orders.last_update_s,
        "orders": [_row_to_wire(row) for row in orders.rows],
        "next": orders.next,
    }


def _row_to_wire(row: OrderRow) -> Wire:
    return {
        "commande_id": row.commande_id,
        "checkout_id": row.checkout_id,
        "status": row.status,
        "total": None if row.total is None else float(row.total),
        "reason": row.reason,
        "updated_at": row.updated_at_s,
    }


def order_to_wire(order: OrderView) -> Wire:
    panier = cart_to_wire(order.cart)
    return {
        "commande_id": order.commande_id,
        "checkout_id": order.checkout_id,
        "client_id": order.client_id,
        "produits": panier["produits"],
        "total": panier["total"],
        "created_at": order.created_at_s,
    }


def stock_to_wire(stock: StockView) -> Wire:
    return {
        "produit_id": stock.produit_id,
        "quantite_disponible": stock.units_free,
        "quantite_reservee": stock.units_held,
        "version": stock.version,
    }


def received_to_wire(received: Received) -> Wire:
    return {
        "produit_id": received.produit_id,
        "quantite": received.units,
        "position": received.position,
        "links": {"self": links.stock(received.produit_id)},
    }
