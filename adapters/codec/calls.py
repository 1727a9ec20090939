"""The payloads of calls to existing services."""

import re
from collections.abc import Mapping
from typing import Any, Final, assert_never

import attrs

from adapters.codec.shapes import Field, Flag, Identifier, Integer, Schema, Text
from domain.calls.events import (
    CallDone,
    CallEvent,
    CallInDoubt,
    CallIntended,
    CallNotMade,
    CallRefused,
    CallsClosed,
    CallUnanswered,
    DoubtSettled,
)
from domain.cart import UNITS_MAX
from domain.errors import InvalidValue

ATTEMPT_MAX: Final = 1_000_000
TEXT_CHARS_MAX: Final = 2_000
OPERATION: Final = "(take|give-back|enter|cancel)"
CALL_NAME: Final = f"{OPERATION}-[1-9][0-9]{{0,3}}"


@attrs.frozen
class Pattern:
    """Text of one form; `rule` says which."""

    pattern: str
    rule: str

    def parse(self, value: object, path: str) -> str:
        if not isinstance(value, str) or re.fullmatch(self.pattern, value) is None:
            raise InvalidValue(path, self.rule)
        return value

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{self.pattern}$"}


_CHECKOUT: Final = Field("checkout_id", "checkout_id", Identifier())
_ATTEMPT: Final = (
    _CHECKOUT,
    Field("call", "call", Pattern(CALL_NAME, "must name a call, such as take-1")),
    Field("attempt", "attempt", Integer(low=1, high=ATTEMPT_MAX)),
)
_REASON: Final = Field("reason", "reason", Text(chars_max=TEXT_CHARS_MAX))
_SALE: Final = Field("vente_id", "vente_id", Identifier(), required=False)

CALL_FIELDS: Final[Mapping[type[CallEvent], tuple[Field, ...]]] = {
    CallIntended: (
        *_ATTEMPT,
        Field("operation", "operation", Pattern(OPERATION, "must be take, give-back, enter or cancel")),
        Field("key", "key", Text(chars_max=TEXT_CHARS_MAX)),
        Field("produit_id", "produit_id", Identifier(), required=False),
        Field("quantite", "units", Integer(low=1, high=UNITS_MAX), required=False),
        Field("client_id", "client_id", Identifier(), required=False),
        _SALE,
    ),
    CallDone: (*_ATTEMPT, _SALE),
    CallRefused: (*_ATTEMPT, _REASON),
    CallNotMade: (*_ATTEMPT, _REASON),
    CallUnanswered: (*_ATTEMPT, _REASON),
    CallInDoubt: (*_ATTEMPT, _REASON),
    DoubtSettled: (
        *_ATTEMPT,
        Field("happened", "happened", Flag()),
        Field("actor", "actor", Text(chars_max=TEXT_CHARS_MAX)),
        _REASON,
        _SALE,
    ),
    CallsClosed: (_CHECKOUT,),
}
"""Event type -> the fields of its payload."""


def call_to_wire(event: CallEvent) -> dict[str, Any]:
    """The payload of `event`, without the time. Fields that are None are left out."""
    match event:
        case CallsClosed(checkout_id=checkout_id):
            return {"checkout_id": checkout_id}
        case CallIntended():
            told: dict[str, object | None] = {
                "operation": event.operation,
                "key": event.key,
                "produit_id": event.produit_id,
                "quantite": event.units,
                "client_id": event.client_id,
                "vente_id": event.vente_id,
            }
        case CallDone(vente_id=vente_id):
            told = {"vente_id": vente_id}
        case DoubtSettled():
            told = {"happened": event.happened, "actor": event.actor, "reason": event.reason}
            told["vente_id"] = event.vente_id
        case CallRefused() | CallNotMade() | CallUnanswered() | CallInDoubt():
            told = {"reason": event.reason}
        case _:
            assert_never(event)
    attempt = {"checkout_id": event.checkout_id, "call": event.call, "attempt": event.attempt}
    return attempt | {name: value for name, value in told.items() if value is not None}
