"""Checkouts: started by a shopper, or by the existing shop; and where one stands."""

import attrs
from flask import Blueprint, Response

from adapters.http import links
from adapters.http.answers import answer, once
from adapters.http.checkout_body import own_form, shop_form
from adapters.http.parsing import idempotency_key, identifier, json_body
from adapters.http.problems import not_found
from adapters.http.query import query
from adapters.http.rendering import checkout_to_wire, started_to_wire
from adapters.http.request_origin import request_origin
from application.replay_checkout import CheckoutReplayer
from application.start_checkout import CheckoutStarter, Started


@attrs.frozen
class CheckoutRoutes:
    starter: CheckoutStarter
    replayer: CheckoutReplayer

    def blueprint(self) -> Blueprint:
        routes = Blueprint("checkouts", __name__)
        routes.post("/api/checkouts")(self.start)
        routes.get("/api/checkouts/<checkout_id>")(self.show)
        routes.post("/api/commandes/clients/<client_id>/checkout/choreo/")(self.start_for_shop)
        return routes

    def start(self) -> Response:
        query()
        wanted = own_form(json_body())
        started = self.starter.start(**wanted, key=idempotency_key(), origin=request_origin())
        return _accepted(started_to_wire(started, wanted["client_id"]), started)

    def start_for_shop(self, client_id: str) -> Response:
        query()
        wanted = shop_form(identifier(client_id, "client_id"), json_body())
        started = self.starter.start(**wanted, key=idempotency_key(), origin=request_origin())
        follow = links.checkout(started.checkout_id)
        return _accepted({"accepted": True, "checkout_id": started.checkout_id, "follow": follow}, started)

    def show(self, checkout_id: str) -> Response:
        query()
        replay = self.replayer.replay(identifier(checkout_id, "checkout_id"))
        if replay is None:
            return not_found("checkout_id", f"there is no checkout {checkout_id}")
        return answer(checkout_to_wire(replay))


def _accepted(body: dict[str, object], started: Started) -> Response:
    return answer(body, 202, {"Location": links.checkout(started.checkout_id), **once(started.replayed)})
