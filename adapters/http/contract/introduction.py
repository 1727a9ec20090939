"""What a reader of the document should know first."""

from typing import get_args

from adapters.http.limits import HttpLimits
from application.streams import Event

_TEXT = """\
Comptoir takes a shopper's checkout, carries it through a choreographed saga (reserve the stock, create the
order, or give everything back), keeps every step as an event, and answers questions about it from read models
and from replay.

**Limits.** A body has at most {body_max_bytes:,} bytes, a page at most {page_max:,} entries. {at_once_max}
requests are worked on at once by each process, {queue_max} more wait up to {queue_wait_ms} ms; the rest is
answered 503 with `Retry-After`, before anything was done.

**Problems.** Every error is `application/problem+json` (RFC 9457). `type` says which kind and never changes;
`field` and `limit` say what to put right. An unknown path is 404, a method that a path does not have 405 with
`Allow`. Unknown fields of a body and unknown query parameters are refused: a misspelt one would be lost.

**Repeating.** With an `Idempotency-Key`, a POST may be repeated until it is answered: it happens once.

**Lists** are read page by page: `next` is the cursor for `after`, and the `Link` header has the whole path.
Answers may get more fields, and `HEAD` answers as `GET` does, without the body.

**Events.** [asyncapi.json]({prefix}/asyncapi.json) (AsyncAPI 3.0) describes the streams, and who reads and
writes what. The JSON Schema of each event's payload: {schemas}. This document itself is at
[openapi.json]({prefix}/openapi.json), every problem is explained at [problems]({prefix}/problems).
"""


def introduction(limits: HttpLimits, prefix: str) -> str:
    """In Markdown."""
    schemas = [f"[{event.__name__}]({prefix}/schemas/{event.__name__}.json)" for event in get_args(Event)]
    return _TEXT.format(
        body_max_bytes=limits.body_max_bytes,
        page_max=limits.page_max,
        at_once_max=limits.at_once_max,
        queue_max=limits.queue_max,
        queue_wait_ms=limits.queue_wait_ms,
        schemas=", ".join(schemas),
        prefix=prefix,
    )
