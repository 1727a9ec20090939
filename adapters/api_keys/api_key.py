"""A key to the API: what its holder has, and the little that we keep of it."""

import base64
import hashlib
import re
import secrets
from typing import Final, Literal, get_args

import attrs

Scope = Literal["checkout:write", "read", "inventory:write", "operate"]
"""What a key may open. No scope contains another."""

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

SECRET_BYTES: Final = 20
"""160 bits, from the system: nobody finds them by trying, so their hash need not be slow."""

PREFIX: Final = "cpt"
KEY_CHARS_MAX: Final = 100
ID_PATTERN: Final = "[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?"
ID_RULE: Final = "must be 1 to 32 of a-z, 0-9 and -, with no - at either end"
SHA256_PATTERN: Final = "[0-9a-f]{64}"

is_key_id: Final = re.compile(ID_PATTERN).fullmatch
_id_in: Final = re.compile(f"{PREFIX}_({ID_PATTERN})_[a-z2-7]+").fullmatch


@attrs.frozen(kw_only=True)
class ApiKey:
    """What is kept of a key. `sha256` is of all its characters, in hexadecimal; times are epoch seconds."""

    id: str
    sha256: str
    scopes: frozenset[Scope]
    created_at_s: float | None = None
    note: str = ""
    expires_at_s: float | None = None
    revoked_at_s: float | None = None

    def refused_for(self, now_s: float) -> str | None:
        """Why it opens nothing at that moment; None where it does."""
        if self.revoked_at_s is not None:
            return "revoked"
        if self.expires_at_s is not None and self.expires_at_s <= now_s:
            return "expired"
        return None


def new_secret(id: str) -> str:
    """A new key for its holder: `cpt_<id>_<32 letters and digits>`. It is nowhere else."""
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode().lower()
    return f"{PREFIX}_{id}_{secret}"


def new_id() -> str:
    """An id for a key that nobody has named."""
    return f"key-{secrets.token_hex(4)}"


def sha256_of(secret: str) -> str:
    """What is kept of `secret`."""
    return hashlib.sha256(secret.encode()).hexdigest()


def id_in(secret: str) -> str | None:
    """The id that a key names; None where it cannot be a key."""
    found = _id_in(secret) if len(secret) <= KEY_CHARS_MAX else None
    return found[1] if found else None


def in_order(scopes: frozenset[Scope]) -> list[Scope]:
    """The scopes as they are always listed."""
    return [scope for scope in SCOPES if scope in scopes]
