"""What all operations share: how a problem looks, which headers there are, who may come in."""

from typing import Final, get_args

from adapters.api_keys.api_key import SCOPES
from adapters.codec.shapes import Schema
from adapters.http.contract.parameters import (
    APPLIED,
    CHALLENGE,
    CORRELATION_ID_BACK,
    ETAG,
    LINK,
    LOCATION,
    RATE_LIMIT,
    RATE_LIMIT_POLICY,
    REPLAYED,
    RETRY_AFTER,
    TRACEPARENT_BACK,
    VARY,
)
from adapters.http.contract.schemas import PATH, TEXT, list_of, one_of, record
from adapters.http.problem_kinds import KINDS, Kind
from application.ports.dead_letters import State


def type_of(*kinds: Kind) -> Schema:
    """The type of a problem of one of these kinds."""
    return PATH | {"pattern": f"/problems/({'|'.join(kind.name for kind in kinds)})$"}


PROBLEM_SCHEMA: Final[Schema] = record(
    ("field", "limit", "state", "allowed", "scope", "policy", "standing"),
    type=type_of(*KINDS.values()) | {"description": "Behind a gateway, what it cut off stands before it."},
    title=TEXT | {"enum": sorted({kind.title for kind in KINDS.values()})},
    status={"type": "integer", "enum": sorted({kind.status for kind in KINDS.values()})},
    detail=TEXT | {"description": "What was wrong with this request, for a person."},
    field=TEXT | {"description": "The field, parameter, header or id that it is about."},
    limit=TEXT | {"description": "What is allowed there."},
    state=one_of(*get_args(State)) | {"description": "The state of the dead letter."},
    scope=one_of(*SCOPES, "closed") | {"description": "What the key lacks; no key opens what is closed."},
    policy=TEXT | {"description": "The limit that was reached."},
    standing=TEXT | {"description": "How the call stands."},
    allowed=list_of(TEXT) | {"description": "The methods that are possible."},
) | {"description": "A problem (RFC 9457). Its `type` never changes; its detail may."}

EVERY_ANSWER: Final = (CORRELATION_ID_BACK, TRACEPARENT_BACK, RATE_LIMIT, RATE_LIMIT_POLICY)
"""Headers that every answer has."""

OF_PROBLEMS: Final = {401: (CHALLENGE,), 403: (CHALLENGE,), 429: (RETRY_AFTER,), 503: (RETRY_AFTER,)}
"""Status -> the headers that its problems have."""

HEADERS: Final = (CHALLENGE, LOCATION, REPLAYED, LINK, RETRY_AFTER, APPLIED, ETAG, VARY, *EVERY_ANSWER)

SECURITY_SCHEMES: Final = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key of the service."},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "The same key, as a bearer token."},
}
