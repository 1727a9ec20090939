"""Parameters and headers that several operations have."""

from collections.abc import Mapping
from typing import Final

from adapters.codec.schemas import documents
from adapters.codec.shapes import Schema
from adapters.http.acting import LetterId
from adapters.http.contract.operation import Answer, Header, Parameter
from adapters.http.contract.page_files import FILES
from adapters.http.contract.schemas import ID, PATH, TEXT, one_of, record
from adapters.http.limits import HttpLimits
from adapters.http.problem_kinds import KINDS
from adapters.http.query import CURSOR_CHARS_MAX
from application.events.origin import CORRELATION_ID_CHARS_MAX
from application.events.streams import STREAMS
from application.questions.show_calls import CALL_ID_PATTERN
from application.requests.idempotency_key import KEY_CHARS_MAX
from application.requests.who_and_why import ACTOR_CHARS_MAX

PATH_PARAMETERS: Final[Mapping[str, tuple[str, Schema]]] = {
    "checkout_id": ("The checkout.", ID),
    "client_id": ("The client.", ID),
    "commande_id": ("The order.", ID),
    "produit_id": ("The product.", ID),
    "stream": ("The stream.", one_of(*STREAMS)),
    "name": ("The problem, as its type ends.", one_of(*sorted(KINDS))),
    "asset": ("The file.", one_of(*FILES)),
    "file": ("The schema, by its event type.", one_of(*documents())),
    "id": ("The dead letter; its id has the form of a position.", LetterId().schema()),
    "call_id": (
        "The call: its checkout, and its name in it.",
        {"type": "string", "pattern": CALL_ID_PATTERN},
    ),
}
"""Name -> meaning and form."""


def text_parameter(name: str, description: str, *, chars_max: int) -> Parameter:
    """A query parameter that is free text."""
    return Parameter(name, "query", description, {"type": "string", "minLength": 1, "maxLength": chars_max})


def whole_parameter(name: str, description: str, *, low: int, high: int, default: int) -> Parameter:
    """A query parameter that is a whole number."""
    schema = {"type": "integer", "minimum": low, "maximum": high, "default": default}
    return Parameter(name, "query", description, schema)


def choice_parameter(name: str, description: str, *allowed: str) -> Parameter:
    """A query parameter that is one of some words, the first by default."""
    return Parameter(name, "query", description, one_of(*allowed) | {"default": allowed[0]})


def cursor_parameter(name: str, description: str) -> Parameter:
    """A query parameter that is a position or a cursor."""
    pattern = rf"^[\x21-\x7e]{{1,{CURSOR_CHARS_MAX}}}$"
    return Parameter(name, "query", description, {"type": "string", "pattern": pattern})


def _count(limits: HttpLimits) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": limits.page_max, "default": limits.page_default}


COUNT: Final = Parameter("count", "query", "How many at most.", _count)
AFTER: Final = cursor_parameter("after", "Where to go on: the `next` of the page before.")

_PLAIN_KEY: Final = rf"[!#-~][ -~]{{0,{KEY_CHARS_MAX - 1}}}"
_QUOTED_KEY: Final = rf'"(?:[ !#-\[\]-~]|\\["\\]){{1,{KEY_CHARS_MAX}}}"'
IDEMPOTENCY_KEY: Final = Parameter(
    "Idempotency-Key",
    "header",
    f"Names the request, so that it can be repeated safely: 1 to {KEY_CHARS_MAX} printable ASCII characters, "
    "plain or as a quoted string. The same key with the same request gets the same answer again, with "
    "another request 422. Keys do not expire.",
    {"type": "string", "pattern": f"^(?:{_PLAIN_KEY}|{_QUOTED_KEY})$"},
    "cart-7f3a-1",
)
_TRACE: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACEPARENT: Final = Parameter(
    "traceparent",
    "header",
    "W3C Trace Context; carried into every event that comes of the request. An invalid one is ignored.",
    TEXT,
    _TRACE,
)
_CORRELATION_ID: Final = {
    "type": "string",
    "pattern": rf"^[\x21-\x7e]{{1,{CORRELATION_ID_CHARS_MAX}}}$",
}
CORRELATION_ID: Final = Parameter(
    "X-Correlation-ID",
    "header",
    "Carried into every event that comes of the request, and into the log.",
    _CORRELATION_ID,
    "order-form-118",
)
IF_NONE_MATCH: Final = Parameter(
    "If-None-Match",
    "header",
    "The ETag of the answer that the caller has: 304 if it still holds.",
    TEXT,
)
PREFER: Final = Parameter(
    "Prefer",
    "header",
    "`wait=5` (RFC 7240): rather wait so many seconds for the end of the checkout than be told that it has "
    "not come yet. At most PREFER_WAIT_MAX_S.",
    TEXT,
    "wait=5",
)
MIN_POSITION: Final = Parameter(
    "min_position",
    "query",
    "The `position` of an event that the answer must know of. Waits a moment for the read model to come to "
    "it; where it does not, the answer is 202.",
    {"type": "string", "pattern": r"^[0-9]{1,20}(-[0-9]{1,20})?$"},
)
LAST_EVENT_ID: Final = Parameter(
    "Last-Event-ID",
    "header",
    "The position of the last event that was seen: an event stream goes on after it. Nothing else heeds it.",
    TEXT,
)
EVERY_REQUEST: Final = (CORRELATION_ID, TRACEPARENT)
"""What every operation takes."""

ACTOR: Final = Parameter(
    "X-Actor",
    "header",
    "Who acts, for the record; goes before `actor` in the body.",
    {"type": "string", "maxLength": ACTOR_CHARS_MAX, "pattern": r"\S"},
    "ada",
)

LOCATION: Final = Header("Location", "Where the answer to this request is found.", PATH)
REPLAYED: Final = Header(
    "Idempotency-Replayed",
    "`true` where the key came before, and this is the first answer again.",
    one_of("true"),
    always=False,
)
LINK: Final = Header(
    "Link",
    'The next page, as `<path>; rel="next"` (RFC 8288); missing on the last.',
    {"type": "string", "pattern": '^<[^>]+>; rel="next"$'},
    always=False,
)
RETRY_AFTER: Final = Header(
    "Retry-After", "Seconds to wait before asking again.", {"type": "string", "pattern": "^[0-9]{1,4}$"}
)
RATE_LIMIT: Final = Header(
    "RateLimit",
    "Requests left (`r`) and seconds until there are more (`t`), where a limit is in force.",
    TEXT,
    always=False,
)
RATE_LIMIT_POLICY: Final = Header(
    "RateLimit-Policy",
    "The limits in force: so many requests (`q`) in so many seconds (`w`), of a key or of all.",
    TEXT,
    always=False,
)
CHALLENGE: Final = Header("WWW-Authenticate", "What is asked for (RFC 6750).", TEXT)
APPLIED: Final = Header(
    "Preference-Applied", "`wait=5` where the preference was honoured.", TEXT, always=False
)
VARY: Final = Header("Vary", "What the answer depends on.", TEXT)
CORRELATION_ID_BACK: Final = Header(
    "X-Correlation-ID", "The one of the request; a new one where it had none.", _CORRELATION_ID
)
TRACEPARENT_BACK: Final = Header(
    "traceparent",
    "The one of the request; where the service traces, its own span in that trace.",
    TEXT,
    always=False,
)
ETAG: Final = Header(
    "ETag", "Names this version, for If-None-Match; a stream of events has none.", TEXT, always=False
)

BEHIND: Final = Answer(
    202,
    "The read model has not come to `min_position` yet; ask again.",
    record(status=one_of("behind"), min_position=TEXT, detail=TEXT),
    headers=(RETRY_AFTER,),
)
