"""What a person does about a checkout: see which wait and why, cancel, retry, force, resolve, postpone."""

from collections.abc import Callable
from typing import Final

import attrs
from flask import Blueprint, Response, request

from adapters.codec.shapes import Field, Flag, Integer, Record, Seconds
from adapters.http import links
from adapters.http.acting import ACTOR, REASON, Said
from adapters.http.answers import answer, once
from adapters.http.door.noted import note_checkout
from adapters.http.door.request_origin import request_origin
from adapters.http.limits import HttpLimits
from adapters.http.parsing import idempotency_key, json_body
from adapters.http.query import cursor, page_size, query, whole
from adapters.http.rendering.operations import deadlines_to_wire, intervened_to_wire, stuck_to_wire
from application.ports.clock import Clock
from application.ports.deadlines import Deadlines
from application.questions.find_stuck import StuckFinder
from application.requests.intervene import CheckoutDesk, Request
from domain.checkout.commands import (
    Cancel,
    ForceCompensation,
    Intervene,
    PostponeDeadline,
    Resolve,
    RetryStep,
)
from domain.errors import InvalidValue
from domain.identifiers import identifier

OLDER_THAN_S: Final = 300
OLDER_THAN_MAX_S: Final = 999_999_999
MORE_TIME_MAX_S: Final = 31_536_000  # a year


@attrs.frozen(kw_only=True)
class _Postponement(Said):
    """Exactly one of a moment (epoch seconds), a time from now, and no deadline at all."""

    expires_at_s: float | None = None
    in_s: int | None = None
    none: bool = False

    def __attrs_post_init__(self) -> None:
        if (self.expires_at_s is not None) + (self.in_s is not None) + self.none != 1:
            raise InvalidValue("body", "must have exactly one of expires_at, in_s, none: true")

    def until_s(self, now_s: float) -> float | None:
        return self.expires_at_s if self.in_s is None else now_s + self.in_s


ACT: Final = Record(build=Said, fields=(REASON, ACTOR), closed=True)
POSTPONE: Final = Record(
    build=_Postponement,
    fields=(
        Field("expires_at", "expires_at_s", Seconds(), required=False),
        Field("in_s", "in_s", Integer(low=1, high=MORE_TIME_MAX_S), required=False),
        Field("none", "none", Flag(), required=False),
        REASON,
        ACTOR,
    ),
    closed=True,
)


@attrs.frozen
class InterventionRoutes:
    desk: CheckoutDesk
    stuck: StuckFinder
    deadlines: Deadlines
    clock: Clock
    limits: HttpLimits

    def blueprint(self) -> Blueprint:
        routes = Blueprint("interventions", __name__, url_prefix="/api")
        routes.get("/checkouts/stuck")(self.list_stuck)
        routes.get("/deadlines")(self.list_deadlines)
        routes.post("/checkouts/<checkout_id>/cancel")(self.cancel)
        routes.post("/checkouts/<checkout_id>/retry")(self.retry)
        routes.post("/checkouts/<checkout_id>/force-compensation")(self.force_compensation)
        routes.post("/checkouts/<checkout_id>/resolve")(self.resolve)
        routes.post("/checkouts/<checkout_id>/deadline")(self.postpone)
        return routes

    def list_stuck(self) -> Response:
        given = query("older_than_s", "count", "after")
        age_s = whole(given, "older_than_s", low=0, high=OLDER_THAN_MAX_S, default=OLDER_THAN_S)
        count, after = page_size(given, self.limits), cursor(given, "after")
        found, more = self.stuck.older_than(age_s, count=count, after=after)
        return answer(stuck_to_wire(found, more), headers=links.next_page(request.path, more, given))

    def list_deadlines(self) -> Response:
        given = query("count", "after")
        count, after = page_size(given, self.limits), cursor(given, "after")
        found, more = self.deadlines.upcoming(count=count, after=after)
        return answer(deadlines_to_wire(found, more), headers=links.next_page(request.path, more, given))

    def cancel(self, checkout_id: str) -> Response:
        return self._act(checkout_id, Cancel)

    def retry(self, checkout_id: str) -> Response:
        return self._act(checkout_id, RetryStep)

    def force_compensation(self, checkout_id: str) -> Response:
        return self._act(checkout_id, ForceCompensation)

    def resolve(self, checkout_id: str) -> Response:
        return self._act(checkout_id, Resolve)

    def postpone(self, checkout_id: str) -> Response:
        query()
        identifier(checkout_id, "checkout_id")
        said = POSTPONE.parse(json_body(), "")
        until_s = said.until_s(self.clock.now_s())
        return self._done(
            checkout_id, said, PostponeDeadline(actor=said.by, reason=said.reason, expires_at_s=until_s)
        )

    def _act(self, checkout_id: str, act: Callable[..., Intervene]) -> Response:
        query()
        identifier(checkout_id, "checkout_id")
        said = ACT.parse(json_body(), "")
        return self._done(checkout_id, said, act(actor=said.by, reason=said.reason))

    def _done(self, checkout_id: str, said: Said, command: Intervene) -> Response:
        done = self.desk.intervene(checkout_id, command, request_origin(), _request(said, command))
        note_checkout(checkout_id)
        headers = {"Location": links.checkout(checkout_id), **once(done.replayed)}
        return answer(intervened_to_wire(done), 202 if done.changed else 200, headers)


def _request(said: Said, command: Intervene) -> Request | None:
    """The request by its key. What was said counts, not what came of it: `in_s` is from now each time."""
    key = idempotency_key()
    return None if key is None else Request(key, f"{type(command).__name__} {command.actor!r} {said!r}")
