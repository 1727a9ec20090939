"""Calls to existing services: which are in doubt, all that is noted of one, and what a person decides."""

from typing import Final

import attrs
from flask import Blueprint, Response, request

from adapters.codec.shapes import Field, Flag, Identifier, Record
from adapters.http.acting import ACTOR, REASON, Said
from adapters.http.answers import answer
from adapters.http.door.request_origin import request_origin
from adapters.http.limits import HttpLimits
from adapters.http.links import next_page
from adapters.http.parsing import json_body
from adapters.http.problems import not_found
from adapters.http.query import choice, cursor, page_size, query
from adapters.http.rendering.calls import call_to_show, calls_to_wire, settled_to_wire
from application.calls.settle_doubts import CallDesk
from domain.identifiers import identifier

IN_DOUBT: Final = "in-doubt"
ALL: Final = "all"


@attrs.frozen(kw_only=True)
class _Settlement(Said):
    """What was found out; `vente_id` of the sale, where one was entered."""

    happened: bool
    vente_id: str | None = None


SETTLE: Final = Record(
    build=_Settlement,
    fields=(
        Field("happened", "happened", Flag()),
        Field("vente_id", "vente_id", Identifier(), required=False),
        REASON,
        ACTOR,
    ),
    closed=True,
)


@attrs.frozen
class CallRoutes:
    desk: CallDesk
    limits: HttpLimits

    def blueprint(self) -> Blueprint:
        routes = Blueprint("calls", __name__, url_prefix="/api/calls")
        routes.get("")(self.list_some)
        routes.get("/<call_id>")(self.show)
        routes.post("/<call_id>/settle")(self.settle)
        return routes

    def list_some(self) -> Response:
        """The calls in doubt; or, of one checkout, all of them."""
        given = query("state", "checkout_id", "count", "after")
        if "checkout_id" in given:
            checkout_id = identifier(given["checkout_id"], "checkout_id")
            views = self.desk.finder.of_checkout(checkout_id)
            state = choice(given, "state", ALL, IN_DOUBT)
            return answer(calls_to_wire([v for v in views if state == ALL or v.follows], None))
        choice(given, "state", IN_DOUBT)
        count = page_size(given, self.limits)
        found, more = self.desk.finder.in_doubt(count=count, after=cursor(given, "after"))
        return answer(calls_to_wire(found, more), headers=next_page(request.path, more, given))

    def show(self, call_id: str) -> Response:
        query()
        view = self.desk.finder.get(call_id)
        if view is None:
            return not_found("call_id", f"there is no call {call_id}")
        return answer(call_to_show(view))

    def settle(self, call_id: str) -> Response:
        query()
        found = SETTLE.parse(json_body(), "")
        settled = self.desk.settle(
            call_id,
            happened=found.happened,
            vente_id=found.vente_id,
            actor=found.by,
            reason=found.reason,
            origin=request_origin(),
        )
        return answer(settled_to_wire(settled), 202 if settled.changed else 200)
