"""What whoever began a chain of events said of it, so that it can be found again everywhere."""

import re
from typing import Final

import attrs

CORRELATION_ID_CHARS_MAX: Final = 128
CORRELATION_ID_RULE: Final = f"must be 1 to {CORRELATION_ID_CHARS_MAX} visible ASCII characters, no spaces"

is_correlation_id: Final = re.compile(rf"[\x21-\x7e]{{1,{CORRELATION_ID_CHARS_MAX}}}").fullmatch
is_traceparent: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
).fullmatch
"""W3C Trace Context, version 00."""

_TRACE_ID: Final = slice(3, 35)


@attrs.frozen(kw_only=True)
class Origin:
    """The trace and the correlation id of the request at the beginning; every event that follows from it
    carries both."""

    traceparent: str | None = None
    correlation_id: str | None = None

    def __attrs_post_init__(self) -> None:
        assert self.traceparent is None or is_traceparent(self.traceparent), self.traceparent
        assert self.correlation_id is None or is_correlation_id(self.correlation_id), self.correlation_id

    @classmethod
    def of(cls, traceparent: str | None, correlation_id: str | None) -> "Origin":
        """As far as these are what they should be; what is none is left out."""
        trace = traceparent if traceparent and is_traceparent(traceparent) else None
        correlation = correlation_id if correlation_id and is_correlation_id(correlation_id) else None
        return cls(traceparent=trace, correlation_id=correlation) if trace or correlation else NO_ORIGIN

    @property
    def trace_id(self) -> str | None:
        """The trace in `traceparent`, 32 hexadecimal digits."""
        return self.traceparent and self.traceparent[_TRACE_ID]

    @property
    def log_fields(self) -> dict[str, str]:
        """What a log line says of it: `correlation_id` and `trace_id`, where they are known."""
        told = {"correlation_id": self.correlation_id, "trace_id": self.trace_id}
        return {name: value for name, value in told.items() if value}

    def or_else(self, earlier: "Origin") -> "Origin":
        """This one, and what `earlier` says where this one is silent."""
        if earlier is NO_ORIGIN:
            return self
        return Origin(
            traceparent=self.traceparent or earlier.traceparent,
            correlation_id=self.correlation_id or earlier.correlation_id,
        )


NO_ORIGIN: Final = Origin()
"""Nobody said anything."""
