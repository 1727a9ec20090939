"""Who acts on the service and why, as a request says it, and which dead letter it names."""

import re

import attrs
from flask import request

from adapters.codec.shapes import Field, Schema, Text
from adapters.http.door.caller import proven_name
from application.requests.who_and_why import ACTOR_CHARS_MAX, REASON_CHARS_MAX
from domain.errors import InvalidValue

ACTOR_DEFAULT = "api"

REASON = Field("reason", "reason", Text(chars_max=REASON_CHARS_MAX))
REASON_OR_NONE = attrs.evolve(REASON, required=False)
ACTOR = Field("actor", "actor", Text(chars_max=ACTOR_CHARS_MAX), required=False)


@attrs.frozen(kw_only=True)
class Said:
    """Why, and who the body says is asking."""

    reason: str = ""
    actor: str | None = None

    @property
    def by(self) -> str:
        """Who is asking: a trusted gateway's consumer, or whose key it is. A name that a caller gives, in
        `X-Actor` or in the body, proves nothing: it stands behind that, as in `desk/ada`."""
        named = request.headers.get("X-Actor", self.actor)
        proven = proven_name()
        if proven is None:
            return ACTOR_DEFAULT if named is None else named.strip()
        return proven if named is None else f"{proven}/{named.strip()}"


@attrs.frozen
class LetterId:
    """The id of a dead letter, which has the form of a position."""

    def parse(self, value: object, path: str) -> str:
        if not isinstance(value, str) or not _is_letter_id(value):
            raise InvalidValue(path, "must be the id of a dead letter, such as 1690000000000-0")
        return value

    def schema(self) -> Schema:
        return {"type": "string", "pattern": _LETTER_ID}


_NUMBER = "(0|[1-9][0-9]{0,18})"  # what fits into 64 bits, without leading zeros
_LETTER_ID = f"^{_NUMBER}-{_NUMBER}$"
_is_letter_id = re.compile(f"{_NUMBER}-{_NUMBER}").fullmatch
