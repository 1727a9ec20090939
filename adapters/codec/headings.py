"""What the envelope of an entry says of its event, read without a look at the payload."""

from typing import NamedTuple

from adapters.codec.envelope import DIGITS_MAX, SCHEMA, Fields, is_foreign, whole
from application.events.streams import CHECKOUTS
from application.ports.positions import recorded_at_s
from domain.identifiers import is_identifier


class EntryHeading(NamedTuple):
    """The heading of an event of ours."""

    type: str
    entity: str
    version: int
    recorded_at_s: float
    causation_id: str | None


def heading_in(stream: str, position: str, fields: Fields) -> EntryHeading | None:
    """None where only the event inside can tell: in an entry of another program or schema, or on a stream
    whose entities are no checkouts."""
    if stream != CHECKOUTS or is_foreign(fields) or fields.get(b"schema") != SCHEMA:
        return None
    entity, version = fields.get(b"checkout_id", b"").decode(errors="replace"), fields[b"version"]
    if not is_identifier(entity) or not version.isdigit() or len(version) > DIGITS_MAX:
        return None
    cause = fields.get(b"causation_id", b"").decode(errors="replace")
    return EntryHeading(
        fields.get(b"type", b"").decode(errors="replace"),
        entity,
        int(version),
        recorded_at_s(position),
        whole(entity, cause) or None,
    )
