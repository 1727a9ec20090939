"""Event ids, derived from what caused the event: a step run twice writes the same ids."""

from base64 import b32encode, urlsafe_b64encode
from hashlib import blake2b

_ID_BYTES = 9  # 72 bits, 12 characters; an id needs to differ only from the other ids of its entity
_CHECKOUT_ID_BYTES = 10  # 80 bits, 16 characters


def caused_by(event_id: str, group: str, ordinal: int) -> str:
    """The id of the `ordinal`-th event that `group` answers to the event `event_id`."""
    cause = f"{event_id}\n{group}\n{ordinal}".encode()
    return urlsafe_b64encode(blake2b(cause, digest_size=_ID_BYTES).digest()).decode()


def checkout_id_from(seed: bytes) -> str:
    """A checkout id, the same for the same `seed` (random bytes, or a caller's idempotency key).

    Lower-case base 32: easy to read aloud and never mistaken for an option on a command line.
    """
    return b32encode(blake2b(seed, digest_size=_CHECKOUT_ID_BYTES).digest()).decode().lower()
