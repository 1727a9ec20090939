"""One order with its lines."""

import attrs
from flask import Blueprint, Response

from adapters.http.answers import answer
from adapters.http.live.patience import MIN_POSITION, Patience
from adapters.http.problems import not_found
from adapters.http.query import query
from adapters.http.rendering.shop import order_to_wire
from application.questions.show_orders import OrderBook
from domain.identifiers import identifier


@attrs.frozen
class OrderRoutes:
    orders: OrderBook
    patience: Patience

    def blueprint(self) -> Blueprint:
        routes = Blueprint("orders", __name__)
        routes.get("/api/orders/<commande_id>")(self.show)
        return routes

    def show(self, commande_id: str) -> Response:
        given = query(MIN_POSITION)
        identifier(commande_id, "commande_id")
        behind = self.patience.behind(given)
        if behind is not None:
            return behind
        order = self.orders.order(commande_id)
        if order is None:
            return not_found("commande_id", f"there is no order {commande_id}")
        return answer(order_to_wire(order))
