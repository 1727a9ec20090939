"""Checkouts: started by a shopper, or by the existing shop; and where one stands."""

from collections.abc import Mapping

import attrs
from flask import Blueprint, Response, current_app

from adapters.http import links
from adapters.http.answers import answer, once, validated
from adapters.http.checkout_body import own_form, shop_form
from adapters.http.door.noted import note_checkout
from adapters.http.door.request_origin import request_origin
from adapters.http.live.event_stream import wants_events
from adapters.http.live.following import Following
from adapters.http.live.patience import Patience
from adapters.http.parsing import idempotency_key, json_body
from adapters.http.problems import not_found
from adapters.http.query import query
from adapters.http.rendering.shop import Wire, checkout_to_wire, started_to_wire
from application.ports.errors import Unavailable
from application.questions.replay_checkout import CheckoutReplayer, Replay
from application.requests.start_checkout import CheckoutStarter, Started
from domain.identifiers import identifier


@attrs.frozen
class CheckoutRoutes:
    starter: CheckoutStarter
    replayer: CheckoutReplayer
    patience: Patience
    following: Following

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
        return self._answer(started, started_to_wire(started, wanted["client_id"]), {})

    def start_for_shop(self, client_id: str) -> Response:
        query()
        wanted = shop_form(identifier(client_id, "client_id"), json_body())
        started = self.starter.start(**wanted, key=idempotency_key(), origin=request_origin())
        follow = links.checkout(started.checkout_id)
        said = {"accepted": True, "checkout_id": started.checkout_id, "follow": follow}
        return self._answer(started, said, said)

    def show(self, checkout_id: str) -> Response:
        query()
        identifier(checkout_id, "checkout_id")
        if wants_events():
            return self.following.checkout(checkout_id)
        replay, waited = self.patience.end_of(checkout_id)
        if replay is None:
            replay = self.replayer.replay(checkout_id)
        if replay is None:
            return not_found("checkout_id", f"there is no checkout {checkout_id}")
        note_checkout(checkout_id)
        return validated(checkout_to_wire(replay), {"Vary": "Accept, Prefer", **waited})

    def _answer(self, started: Started, accepted: Wire, always: Wire) -> Response:
        """202, or 201 where the caller preferred to wait and the checkout has ended meanwhile."""
        note_checkout(started.checkout_id)
        headers = {"Location": links.checkout(started.checkout_id), **once(started.replayed)}
        replay, waited = self._end_of(started.checkout_id)
        if replay is None or not replay.has_ended:
            return answer(accepted, 202, {**headers, **waited})
        return answer(always | checkout_to_wire(replay), 201, {**headers, **waited})

    def _end_of(self, checkout_id: str) -> tuple[Replay | None, Mapping[str, str]]:
        """What has begun has begun, also when nobody can tell how it goes on."""
        try:
            return self.patience.end_of(checkout_id)
        except Unavailable as error:
            current_app.logger.warning("unavailable: %s", error)
            return None, {}
