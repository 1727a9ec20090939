"""What a reader of the document should know first."""

from typing import Final, get_args

from adapters.http.limits import HttpLimits
from application.events.streams import Event

_IT_DOES: Final = """\
Comptoir takes a shopper's checkout, carries it through a choreographed saga (reserve the stock, create the
order, or give everything back), keeps every step as an event, and answers questions about it from read models
and from replay.
"""
_IT_READS: Final = """\
What happened to each checkout, event by event, and which orders came of it. This process only reads:
checkouts are started and looked after elsewhere, by the whole API.
"""
_LIMITS: Final = """
**Limits.** A page has at most {page_max:,} entries{and_a_body}. {at_once_max}
requests are worked on at once by each process, {queue_max} more wait up to {queue_wait_ms} ms; the rest is
answered 503 with `Retry-After`, before anything was done.

**Problems.** Every error is `application/problem+json` (RFC 9457). `type` says which kind and never changes;
`field` and `limit` say what to put right. An unknown path is 404, a method that a path does not have 405 with
`Allow`. Unknown query parameters and unknown fields of a body are refused: a misspelt one would be lost.
"""
_REPEATING: Final = """
**Repeating.** With an `Idempotency-Key`, a POST may be repeated until it is answered: it happens once.
"""
_MORE: Final = """
**Lists** are read page by page: `next` is the cursor for `after`, and the `Link` header has the whole path.
Answers may get more fields, and `HEAD` answers as `GET` does, without the body.

**Events.** [asyncapi.json]({prefix}/asyncapi.json) (AsyncAPI 3.0) describes the streams, and who reads and
writes what. The JSON Schema of each event's payload: {schemas}. This document itself is at
[openapi.json]({prefix}/openapi.json), every problem is explained at [problems]({prefix}/problems).
"""


def introduction(limits: HttpLimits, prefix: str, *, reads_only: bool) -> str:
    """In Markdown."""
    schemas = [f"[{event.__name__}]({prefix}/schemas/{event.__name__}.json)" for event in get_args(Event)]
    text = _IT_READS + _LIMITS + _MORE if reads_only else _IT_DOES + _LIMITS + _REPEATING + _MORE
    return text.format(
        and_a_body="" if reads_only else f", a body {limits.body_max_bytes:,} bytes",
        page_max=limits.page_max,
        at_once_max=limits.at_once_max,
        queue_max=limits.queue_max,
        queue_wait_ms=limits.queue_wait_ms,
        schemas=", ".join(schemas),
        prefix=prefix,
    )
