"""Every kind of problem that an answer may tell of: one table, read by whoever answers and by the documents.

To add a kind: one constant here. `adapters/http/problems.py` answers with it, `/openapi.json` describes it.
"""

from collections.abc import Mapping
from typing import Final

import attrs


@attrs.frozen(kw_only=True)
class Kind:
    """A kind of problem; `/problems/<name>` is its type (RFC 9457), which never changes.

    `meaning` says what happened and `remedy` what the caller does about it, in whole sentences. `example`
    holds a detail and the members beside it, as an answer has them.
    """

    name: str
    status: int
    title: str
    meaning: str
    remedy: str
    example: Mapping[str, object] = attrs.field(eq=False)

    @property
    def type(self) -> str:
        """What an answer calls it."""
        return f"/problems/{self.name}"

    @property
    def as_answered(self) -> dict[str, object]:
        """A whole problem of this kind."""
        return {"type": self.type, "title": self.title, "status": self.status, **self.example}


BAD_REQUEST: Final = Kind(
    name="bad-request",
    status=400,
    title="Bad request",
    meaning="The request is not well-formed HTTP, or it ended before it should.",
    remedy="Send it again, whole. Nothing of it was done.",
    example={"detail": "The browser (or proxy) sent a request that this server could not understand."},
)
BROKEN_JSON: Final = Kind(
    name="broken-json",
    status=400,
    title="The body is not JSON",
    meaning="The body is not JSON (RFC 8259) in UTF-8.",
    remedy="The detail says where the body breaks off. Put it right; nothing was done.",
    example={
        "detail": "body is not JSON: unexpected end of data: line 1 column 2 (char 1)",
        "field": "body",
        "limit": "must be JSON",
    },
)
KEY_NEEDED: Final = Kind(
    name="key-needed",
    status=401,
    title="A valid key is needed",
    meaning="The request shows no key, or one that is not known, has expired or was revoked.",
    remedy="Send a valid key as `X-API-Key: ...` or `Authorization: Bearer ...`. Nothing was done.",
    example={"detail": "send a key as X-API-Key, or as Authorization: Bearer"},
)
SCOPE_MISSING: Final = Kind(
    name="scope-missing",
    status=403,
    title="The key does not open this",
    meaning="The key is valid, but it lacks the scope that this operation needs.",
    remedy="Use a key that has the scope in `scope`. Nothing was done.",
    example={"detail": "key shop-1 lacks the scope operate", "scope": "operate"},
)
NOT_FOUND: Final = Kind(
    name="not-found",
    status=404,
    title="Not found",
    meaning="There is nothing at this path, or nothing that has the id in it.",
    remedy="Look at the id. What was just accepted is found at once, on every process of the service.",
    example={"detail": "there is no checkout c-404", "field": "checkout_id"},
)
METHOD_NOT_ALLOWED: Final = Kind(
    name="method-not-allowed",
    status=405,
    title="Method not allowed",
    meaning="The path exists, but not for this method.",
    remedy="Use one of the methods in `allowed`, which the `Allow` header has too.",
    example={"detail": "DELETE is not possible here; possible: GET, HEAD", "allowed": ["GET", "HEAD"]},
)
ALREADY_DECIDED: Final = Kind(
    name="already-decided",
    status=409,
    title="Already decided",
    meaning="Somebody has redriven or discarded this dead letter before; the first decision stands.",
    remedy="Look at the dead letter: `decision` says who, why and when.",
    example={"detail": "dead letter 1690000000000-0 was redriven before by ada", "state": "redriven"},
)
CHECKOUT_ENDED: Final = Kind(
    name="checkout-ended",
    status=409,
    title="The checkout has ended",
    meaning="The checkout has succeeded or failed, and an end is final.",
    remedy="Nothing can be done about this checkout any more; start another one.",
    example={"detail": "checkout c-1 has ended", "field": "checkout_id"},
)
CHECKOUT_FAILING: Final = Kind(
    name="checkout-failing",
    status=409,
    title="The checkout is failing",
    meaning="The checkout is giving back what it took; no deadline stops that.",
    remedy="Wait for its end. `force-compensation` ends it where giving back does not work.",
    example={
        "detail": "checkout c-1 is failing already, so that it has no deadline any more",
        "field": "checkout_id",
    },
)
ENTRY_GONE: Final = Kind(
    name="entry-gone",
    status=409,
    title="The entry is gone",
    meaning="The stream no longer holds the entry that the dead letter is about, so nothing can be redriven.",
    remedy="Discard the dead letter, with a reason.",
    example={"detail": "the entry it is about is no longer on the stream; it can only be discarded"},
)
NOT_IN_DOUBT: Final = Kind(
    name="not-in-doubt",
    status=409,
    title="The call is not in doubt",
    meaning="There is nothing to decide about this call: it was decided otherwise, or its answer has come.",
    remedy="Look at the call: `standing` says how it stands, and `notes` how it came to that.",
    example={"detail": "call take-1 is not in doubt: it is done", "standing": "done"},
)
BODY_TOO_LARGE: Final = Kind(
    name="body-too-large",
    status=413,
    title="Body too large",
    meaning="The body is longer than BODY_MAX_BYTES.",
    remedy="Send less: a cart has at most 100 lines. Nothing was read.",
    example={
        "detail": "body must be at most 65536 bytes",
        "field": "body",
        "limit": "must be at most 65536 bytes",
    },
)
WRONG_CONTENT_TYPE: Final = Kind(
    name="wrong-content-type",
    status=415,
    title="Wrong content type",
    meaning="The body is not said to be JSON.",
    remedy="Send JSON, with `Content-Type: application/json`.",
    example={
        "detail": "Content-Type must be application/json",
        "field": "Content-Type",
        "limit": "must be application/json",
    },
)
INVALID_VALUE: Final = Kind(
    name="invalid-value",
    status=422,
    title="A value is outside its limits",
    meaning="A field of the body, a parameter, a header or an id breaks its limit, or is not known here.",
    remedy="`field` names it and `limit` says what is allowed. Put it right; nothing was done.",
    example={
        "detail": "panier.produits[0].quantite must be a whole number from 1 to 100000",
        "field": "panier.produits[0].quantite",
        "limit": "must be a whole number from 1 to 100000",
    },
)
IDEMPOTENCY_KEY_REUSED: Final = Kind(
    name="idempotency-key-reused",
    status=422,
    title="Idempotency key used before",
    meaning="The key has been used before, for another request. Keys do not expire.",
    remedy="Take a new key for every new request, and the same key only to repeat one as it was.",
    example={
        "detail": "this Idempotency-Key was used with another body",
        "field": "Idempotency-Key",
        "limit": "must be new for every new request",
    },
)
REFUSED: Final = Kind(
    name="refused",
    status=422,
    title="The request is against the rules",
    meaning="The request is well-formed, but the rules of the shop forbid it.",
    remedy="The detail says which rule. Repeating the request does not help.",
    example={"detail": "the stock of p-1 would be more than can be counted"},
)
TOO_MANY_REQUESTS: Final = Kind(
    name="too-many-requests",
    status=429,
    title="Too many requests",
    meaning="The key, or all callers together, asked more often than the service allows.",
    remedy="Ask again after the seconds in `Retry-After`. Nothing was done.",
    example={"detail": "key shop-1 may ask 50 times per second", "policy": "key"},
)
INTERNAL_ERROR: Final = Kind(
    name="internal-error",
    status=500,
    title="Internal error",
    meaning="A fault of ours. It is in the log of the service, with everything needed to find it.",
    remedy="Tell whoever runs the service. With the same Idempotency-Key it is safe to repeat.",
    example={"detail": "the request could not be answered"},
)
OVERLOADED: Final = Kind(
    name="overloaded",
    status=503,
    title="Too many requests at once",
    meaning="More requests came than the service works on at once. This one was not looked at.",
    remedy="Repeat it after the seconds in `Retry-After`. Nothing was done.",
    example={"detail": "nothing was done; it is safe to repeat the request later"},
)
TOO_MANY_FOLLOWERS: Final = Kind(
    name="too-many-followers",
    status=503,
    title="Too many followers",
    meaning="As many as FOLLOWERS_MAX follow events on this process already.",
    remedy="Connect again after the seconds in `Retry-After`, with the same Last-Event-ID.",
    example={"detail": "100 follow already; nothing is missed by connecting later"},
)
UNAVAILABLE: Final = Kind(
    name="unavailable",
    status=503,
    title="The store did not answer",
    meaning="The event store did not answer in time. Whether something was written is not known.",
    remedy="Ask again after the seconds in `Retry-After`; repeat a POST with the same Idempotency-Key.",
    example={
        "detail": "whether anything was written is not known; "
        "with the same Idempotency-Key it is safe to repeat"
    },
)

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind for _, kind in sorted(globals().items()) if isinstance(kind, Kind)
}
"""Every kind, by its name."""
