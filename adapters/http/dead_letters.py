"""Dead letters: which there are, all that is known of one, and what an operator decides about them."""

from collections.abc import Sequence
from typing import Final, TypedDict

import attrs
import structlog
from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from adapters.codec.shapes import Field, Flag, Identifier, ListOf, Record, Text
from adapters.http import problem_kinds as kinds
from adapters.http.acting import ACTOR, REASON, REASON_OR_NONE, LetterId, Said
from adapters.http.answers import answer
from adapters.http.door.caller import key_id
from adapters.http.door.proxies import consumer
from adapters.http.door.request_origin import request_origin
from adapters.http.limits import HttpLimits
from adapters.http.links import next_page
from adapters.http.parsing import json_body
from adapters.http.problems import not_found, problem
from adapters.http.query import choice, cursor, name_of, page_size, query
from adapters.http.rendering.operations import dead_letter_to_wire, dead_letters_to_wire
from application.events.origin import Origin
from application.ports.dead_letters import KeptDelivery, State, Wanted
from application.requests.mend_dead_letters import REDRIVE_MAX, DeadLetterDesk
from application.requests.who_and_why import REASON_CHARS_MAX
from domain.errors import InvalidValue

NAME_CHARS_MAX: Final = 128
IDS_LOGGED_MAX: Final = 10
STATES: Final[dict[str, State | None]] = {
    "open": "open",
    "redriven": "redriven",
    "discarded": "discarded",
    "all": None,
}
_FILTERS: Final = ("group", "type", "reason_contains", "checkout_id")


@attrs.frozen(kw_only=True)
class _Redrive(Said):
    """Either `ids`, or a filter, or all that are open."""

    ids: Sequence[str] = ()
    group: str | None = None
    type: str | None = None
    reason_contains: str | None = None
    checkout_id: str | None = None
    all: bool = False

    def __attrs_post_init__(self) -> None:
        parts = (self.group, self.type, self.reason_contains, self.checkout_id, self.all)
        if bool(self.ids) == any(parts):
            raise InvalidValue("body", f"must have either ids, or some of {', '.join(_FILTERS)}, all: true")

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            group=self.group, type=self.type, reason=self.reason_contains, checkout_id=self.checkout_id
        )


_NAME: Final = Text(chars_max=NAME_CHARS_MAX)
DISCARD: Final = Record(build=Said, fields=(REASON, ACTOR), closed=True)
REDRIVE_ONE: Final = Record(build=Said, fields=(REASON_OR_NONE, ACTOR), closed=True)
REDRIVE: Final = Record(
    build=_Redrive,
    fields=(
        Field("ids", "ids", ListOf(item=LetterId(), low=1, high=REDRIVE_MAX), required=False),
        Field("group", "group", _NAME, required=False),
        Field("type", "type", _NAME, required=False),
        Field("reason_contains", "reason_contains", Text(chars_max=REASON_CHARS_MAX), required=False),
        Field("checkout_id", "checkout_id", Identifier(), required=False),
        Field("all", "all", Flag(), required=False),
        REASON_OR_NONE,
        ACTOR,
    ),
    closed=True,
)


class LetterIdConverter(BaseConverter):
    """A part of a path that names a dead letter: `redrive` names none, and can only be posted to."""

    regex = "(?!redrive$)[^/]+"


@attrs.frozen
class DeadLetterRoutes:
    desk: DeadLetterDesk
    limits: HttpLimits

    def blueprint(self) -> Blueprint:
        routes = Blueprint("dead_letters", __name__, url_prefix="/api/dead-letters")
        routes.record_once(lambda state: state.app.url_map.converters.update(letter=LetterIdConverter))
        routes.get("")(self.list_some)
        routes.get("/<letter:id>")(self.show)
        routes.post("/redrive")(self.redrive_some)
        routes.post("/<letter:id>/redrive")(self.redrive)
        routes.post("/<letter:id>/discard")(self.discard)
        return routes

    def list_some(self) -> Response:
        given = query("group", "type", "reason", "checkout_id", "state", "count", "after")
        wanted = Wanted(
            group=name_of(given, "group", chars_max=NAME_CHARS_MAX),
            type=name_of(given, "type", chars_max=NAME_CHARS_MAX),
            reason=name_of(given, "reason", chars_max=REASON_CHARS_MAX),
            checkout_id=name_of(given, "checkout_id", chars_max=NAME_CHARS_MAX),
            state=STATES[choice(given, "state", *STATES)],
        )
        count = page_size(given, self.limits)
        found, more = self.desk.page(wanted, count=count, after=cursor(given, "after"))
        return answer(dead_letters_to_wire(found, more), headers=next_page(request.path, more, given))

    def show(self, id: str) -> Response:
        query()
        kept = self.desk.get(LetterId().parse(id, "id"))
        return _unknown(id) if kept is None else answer(dead_letter_to_wire(kept))

    def redrive_some(self) -> Response:
        query()
        asked = REDRIVE.parse(json_body(), "")
        if asked.ids:
            answers = self.desk.redrive(asked.ids, **_said(asked))
        else:
            answers = self.desk.redrive_all(asked.wanted, **_said(asked))
        _tell("dead letters redriven", [id_ for id_, told in answers.items() if told == "redriven"])
        return answer({"answers": answers})

    def redrive(self, id: str) -> Response:
        query()
        letter_id, said = LetterId().parse(id, "id"), REDRIVE_ONE.parse(json_body(), "")
        match self.desk.redrive([letter_id], **_said(said))[letter_id]:
            case "redriven":
                _tell("dead letters redriven", [letter_id])
                return self.show(letter_id)
            case "unknown":
                return _unknown(letter_id)
            case "already decided":
                return self._decided(letter_id)
            case "entry gone":
                detail = "the entry it is about is no longer on the stream; it can only be discarded"
                return problem(kinds.ENTRY_GONE, detail)

    def discard(self, id: str) -> Response:
        query()
        letter_id, said = LetterId().parse(id, "id"), DISCARD.parse(json_body(), "")
        if self.desk.discard(letter_id, **_said(said)):
            _tell("dead letter discarded", [letter_id])
            return self.show(letter_id)
        return self._decided(letter_id)

    def _decided(self, id: str) -> Response:
        kept = self.desk.get(id)
        return _unknown(id) if kept is None else _decided(kept)


class _Saying(TypedDict):
    actor: str
    reason: str
    origin: Origin


def _said(asked: Said) -> _Saying:
    """Who asks, why, and in which request."""
    return {"actor": asked.by, "reason": asked.reason, "origin": request_origin()}


def _tell(event: str, ids: list[str]) -> None:
    """Not who asked: that is kept with them. The key is a credential's name, and no person's."""
    if ids:
        shown, log = ids[:IDS_LOGGED_MAX], structlog.get_logger(__name__)
        log.info(event, count=len(ids), dead_letters=shown, key_id=key_id(), consumer=consumer())


def _decided(kept: KeptDelivery) -> Response:
    by = f" by {kept.decision.actor}" if kept.decision else ""
    detail = f"dead letter {kept.id} was {kept.state} before{by}"
    return problem(kinds.ALREADY_DECIDED, detail, state=kept.state)


def _unknown(id: str) -> Response:
    return not_found("id", f"there is no dead letter {id}")
