"""Events as CloudEvents 1.0, for programs that know these and not our streams.

`source` and `id` name an event among all others: its stream and its position there. An event id of ours
is unique within its entity only; it goes along as `eventid`, which is what `causationid` points at.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import attrs

from adapters.codec.events import PAYLOADS
from adapters.codec.stored import entry_of
from application.events.origin import Origin
from application.events.recorded_event import RecordedEvent
from application.events.streams import INVENTORY
from application.ports.event_store import StoredEntry
from application.ports.positions import parse

EVENT: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
UNKNOWN: Final = "Unknown"
"""The end of the `type` of an entry that says none."""

CloudEvent = dict[str, object]

_INTEGER_MAX: Final = 2**31 - 1
_TIME_MAX_S: Final = 253_402_300_799  # the end of the year 9999
_ends_of_planes = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_forbidden = re.compile(rf"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef{_ends_of_planes}]")


@attrs.frozen
class CloudEvents:
    """`public_url`: where others find the API, without a slash at the end; empty where that is not known."""

    public_url: str = ""

    def of_entry(self, stream: str, entry: StoredEntry, *, schemas_url: str = "") -> CloudEvent:
        """An entry as it lies there. `schemas_url`: where the API is, if `public_url` does not say it.

        What is no event has its text as data and an extension `malformed` that says why.
        """
        event: CloudEvent = {
            "specversion": "1.0",
            "id": entry.position,
            "source": f"{self.public_url}/streams/{stream}",
            "type": f"{stream.removesuffix('.events')}.{_clean(entry.type or UNKNOWN)}",
            "sequence": "{:020d}-{:020d}".format(*parse(entry.position)),
            "datacontenttype": "text/plain" if isinstance(entry.payload, str) else "application/json",
        }
        at_s = entry.recorded_at_s if entry.emitted_at_s is None else entry.emitted_at_s
        if at_s <= _TIME_MAX_S:
            event["time"] = _rfc3339(at_s)
        base = self.public_url or schemas_url
        if base and entry.type in PAYLOADS:
            event["dataschema"] = f"{base}/schemas/{entry.type}.json"
        event |= {name: said for name, value in _about(stream, entry) if (said := _attribute(value))}
        event["data"] = entry.payload
        return event

    def of_event(self, recorded: RecordedEvent) -> CloudEvent:
        """An event that was read, as its entry would be."""
        return self.of_entry(recorded.stream, entry_of(recorded))


def _about(stream: str, entry: StoredEntry) -> Iterator[tuple[str, object]]:
    """The attributes that an entry may lack."""
    payload = entry.payload if isinstance(entry.payload, dict) else {}
    yield "subject", payload.get("produit_id") if stream == INVENTORY else entry.checkout_id
    yield "eventid", entry.event_id or entry.position
    yield "entityversion", entry.version
    yield "checkoutid", entry.checkout_id
    yield "causationid", entry.causation_id
    origin = Origin.of(entry.traceparent, entry.correlation_id)
    yield "correlationid", origin.correlation_id
    yield "traceparent", origin.traceparent
    yield "malformed", entry.malformed


def _rfc3339(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _attribute(value: object) -> str | int | None:
    """`value` if it may be an attribute: neither empty nor an integer beyond 32 bits."""
    match value:
        case str():
            return _clean(value)
        case int() if value <= _INTEGER_MAX:
            return value
        case _:
            return None


def _clean(text: str) -> str:
    """`text` without what no attribute may hold: control characters and what is no character."""
    return _forbidden.sub("�", text)
