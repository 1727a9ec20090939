"""Who sent a webhook, and that nobody changed it: Standard Webhooks signatures (`v1`, HMAC-SHA256).

A secret is `whsec_` and 24 to 64 random bytes in base64, as others who speak this standard write it.
"""

import base64
import binascii
import hashlib
import hmac
import re
from pathlib import Path
from typing import Final

import attrs

PREFIX: Final = "whsec_"
SECRET_BYTES_MIN: Final = 24
SECRET_BYTES_MAX: Final = 64
SECRETS_MAX: Final = 10
SECRETS_RULE: Final = (
    f"1 to {SECRETS_MAX} secrets: {PREFIX} and {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes in base64"
)
_FILE_BYTES_MAX: Final = 4_096


class SecretError(Exception):
    """The secrets cannot be used. Its message says why, without what is in them."""


@attrs.frozen
class Signer:
    """Signs with every secret it has, so that one can be replaced while receivers still check the other."""

    _keys: tuple[bytes, ...] = attrs.field(repr=False, eq=False)

    @classmethod
    def of(cls, secrets: str) -> "Signer":
        """`secrets`: one or several, with commas or white space between them.

        Raises:
            SecretError: one of them is none, or there are none or too many.
        """
        keys = tuple(_key(secret) for secret in re.split(r"[,\s]+", secrets.strip(" ,\r\n\t")))
        if len(keys) > SECRETS_MAX:
            raise SecretError(f"must be {SECRETS_RULE}")
        return cls(keys)

    @classmethod
    def from_file(cls, path: Path) -> "Signer":
        """The same from a file; lines that begin with # are left out.

        Raises:
            SecretError: it cannot be read, or what is in it is no secret.
        """
        try:
            with path.open("rb") as file:
                text = file.read(_FILE_BYTES_MAX + 1).decode("ascii")
        except OSError as error:
            raise SecretError(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError:
            raise SecretError(f"{path}: must hold {SECRETS_RULE}") from None
        if len(text) > _FILE_BYTES_MAX:
            raise SecretError(f"{path}: must be at most {_FILE_BYTES_MAX} bytes")
        try:
            return cls.of("\n".join(line for line in text.splitlines() if not line.startswith("#")))
        except SecretError:
            raise SecretError(f"{path}: must hold {SECRETS_RULE}") from None

    def headers(self, webhook_id: str, at_s: float, body: bytes) -> dict[str, str]:
        """The three headers of a webhook. `at_s`: when it is sent, epoch seconds."""
        timestamp = str(int(at_s))
        signed = b"%b.%b.%b" % (webhook_id.encode(), timestamp.encode(), body)
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": " ".join(_signature(key, signed) for key in self._keys),
        }


def _signature(key: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not SECRET_BYTES_MIN <= len(key) <= SECRET_BYTES_MAX:
        raise SecretError(f"must be {SECRETS_RULE}") from None
    return key
