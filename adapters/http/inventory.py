"""The stock of a product: how much there is, and more of it coming in."""

import attrs
from flask import Blueprint, Response

from adapters.codec.shapes import Field, Integer, Record
from adapters.http import links
from adapters.http.answers import answer, once
from adapters.http.door.request_origin import request_origin
from adapters.http.live.patience import MIN_POSITION
from adapters.http.parsing import idempotency_key, json_body
from adapters.http.problems import not_found
from adapters.http.query import cursor, query
from adapters.http.rendering.shop import received_to_wire, stock_to_wire
from application.ports.positions import parse
from application.questions.show_stock import StockRoom
from application.requests.receive_stock import StockReceiver
from domain.identifiers import identifier
from domain.inventory.stock_item import RECEIPT_UNITS_MAX


def _units(units: int) -> int:
    return units


RECEIPT = Record(
    build=_units, fields=(Field("quantite", "units", Integer(low=1, high=RECEIPT_UNITS_MAX)),), closed=True
)


@attrs.frozen
class InventoryRoutes:
    stock: StockRoom
    receiver: StockReceiver

    def blueprint(self) -> Blueprint:
        routes = Blueprint("inventory", __name__, url_prefix="/api/inventory")
        routes.get("/<produit_id>")(self.show)
        routes.post("/<produit_id>/receipts")(self.receive)
        return routes

    def show(self, produit_id: str) -> Response:
        given = query(MIN_POSITION)
        position = cursor(given, MIN_POSITION)
        if position is not None:
            parse(position)  # and that is all: stock is read from the store, which is never behind
        stock = self.stock.of(identifier(produit_id, "produit_id"))
        if stock is None:
            return not_found("produit_id", f"nothing was ever received of {produit_id}")
        return answer(stock_to_wire(stock))

    def receive(self, produit_id: str) -> Response:
        query()
        product = identifier(produit_id, "produit_id")
        units = RECEIPT.parse(json_body(), "")
        received = self.receiver.receive(
            produit_id=product, units=units, key=idempotency_key(), origin=request_origin()
        )
        headers = {"Location": links.stock(product), **once(received.replayed)}
        return answer(received_to_wire(received), 201, headers)
