"""Opening a delivery: decode it and, if another program wrote it, give it its place in its entity."""

from collections.abc import Callable

from adapters.codec.envelope import EnvelopeCodec, Fields, is_foreign
from application.ports.errors import FactTooEarly
from application.recorded_event import RecordedEvent
from domain.checkout.events import CheckoutInitiated

Adopt = Callable[[str, str, str, bool], int | None]
"""(stream, entity, position, whether it may be the first) -> its version, None where it came too early."""


def open_entry(
    codec: EnvelopeCodec, stream: str, position: str, fields: Fields, adopt: Adopt
) -> RecordedEvent:
    """The event in an entry.

    Raises:
        MalformedEvent: there is none.
        FactTooEarly: a foreign fact about a checkout that nobody has started yet; its start may still
            be in another consumer's hands.
    """
    if not is_foreign(fields):
        return codec.decode(stream, position, fields)
    draft = codec.decode(stream, position, fields, version=0)
    starts = isinstance(draft.event, CheckoutInitiated)
    version = adopt(stream, draft.entity, position, starts)
    if version is None:
        raise FactTooEarly(draft.entity)
    return codec.decode(stream, position, fields, version)
