"""Event ids, derived from what caused the event: a step run twice writes the same ids.

Those of a checkout's own events say so: `<checkout>.<version of the cause><the step's sign><ordinal>`. The
rest are hashes.
"""

import re
from base64 import b32encode, urlsafe_b64encode
from hashlib import blake2b

_ID_BYTES = 9  # 72 bits, 12 characters; an id needs to differ only from the other ids of its entity
_CHECKOUT_ID_BYTES = 10  # 80 bits, 16 characters

_answer = re.compile(r"\.[0-9]+([a-z])[0-9]*").fullmatch


def start_of(checkout_id: str) -> str:
    """The id of the event that starts a checkout: nothing in its history caused it."""
    return f"{checkout_id}.0"


def answer_to(checkout_id: str, version: int, sign: str, ordinal: int) -> str:
    """The id of the `ordinal`-th event (from 0) that the step with that sign answers to the checkout's
    `version`-th event."""
    return f"{checkout_id}.{version}{sign}{ordinal or ''}"


def sign_of(event_id: str, checkout_id: str) -> str | None:
    """The sign of the step that answered with it; None where it is no id of an answer."""
    if not event_id.startswith(checkout_id):
        return None
    found = _answer(event_id, len(checkout_id))
    return found[1] if found else None


def caused_by(event_id: str, group: str, ordinal: int) -> str:
    """The id of the `ordinal`-th thing that `group` does elsewhere on account of the event `event_id`."""
    cause = f"{event_id}\n{group}\n{ordinal}".encode()
    return urlsafe_b64encode(blake2b(cause, digest_size=_ID_BYTES).digest()).decode()


def checkout_id_from(seed: bytes) -> str:
    """A checkout id, the same for the same `seed` (random bytes, or a caller's idempotency key).

    Lower-case base 32: easy to read aloud and never mistaken for an option on a command line.
    """
    return b32encode(blake2b(seed, digest_size=_CHECKOUT_ID_BYTES).digest()).decode().lower()
