"""How a line is sealed, so that no line can be changed, removed, added or moved without a trace.

A sealed line ends in `,"number":<n>,"hash":"<64 hex digits>"}`. `number` is 1 for the first line of the
trail and one more for each that follows, through all files. The hash is SHA-256, or HMAC-SHA-256 where
there is a key, over the 64 digits of the hash of the line before (64 zeros where there is none) and the
bytes of the line up to `,"hash"`: its very bytes, so that no two readers can disagree on what they are.
"""

import hashlib
import hmac
import re
from pathlib import Path
from typing import Final, NamedTuple

import attrs

PLAIN: Final = "sha256"
KEY_CHARS_MIN: Final = 32
SEAL_BYTES_MAX: Final = 105
_HASH_BYTES: Final = len(b',"hash":""}\n') + 64

_seal = re.compile(rb',"number":([1-9]\d{0,18}),"hash":"([0-9a-f]{64})"\}\n')


_keyed = re.compile(rf"hmac-{PLAIN}:[0-9a-f]{{16}}").fullmatch


class Link(NamedTuple):
    """The end of a chain: the number of its last line, and that line's hash."""

    number: int
    hash: bytes


START: Final = Link(0, b"0" * 64)


class SealedLine(NamedTuple):
    """What a line says of itself."""

    number: int
    hash: bytes
    content: bytes
    """What the hash is over, apart from the hash before."""


class KeyFileError(Exception):
    """The file of keys cannot be used. Its message says why, without what is in it."""


@attrs.frozen
class KeyNeeded(Exception):
    """The trail is sealed with a key: `method`."""

    method: str


@attrs.frozen
class Seal:
    """A way to seal. `method` is `sha256`, or `hmac-sha256:` and the fingerprint of the key."""

    method: str = PLAIN
    _key: bytes | None = attrs.field(default=None, repr=False, eq=False)

    @classmethod
    def keyed(cls, key: bytes) -> "Seal":
        """Sealed with `key`: who does not have it cannot make a line that fits."""
        fingerprint = hmac.digest(key, b"comptoir audit trail", PLAIN).hex()[:16]
        return cls(f"hmac-{PLAIN}:{fingerprint}", key)

    @property
    def has_key(self) -> bool:
        return self._key is not None

    def hash_of(self, before: bytes, content: bytes) -> bytes:
        """The hash of a line, as hex digits, that follows one whose hash is `before`."""
        if self._key is None:
            return hashlib.sha256(before + content).hexdigest().encode()
        return hmac.digest(self._key, before + content, PLAIN).hex().encode()

    def close(self, line: bytes, before: Link) -> tuple[bytes, Link]:
        """`line` with its seal, and the end of the chain after it."""
        number = before.number + 1
        content = b'%b,"number":%d' % (line[:-2], number)
        link = Link(number, self.hash_of(before.hash, content))
        return b'%b,"hash":"%b"}\n' % (content, link.hash), link


def is_keyed(method: str) -> bool:
    """Whether the method of a trail is one with a key."""
    return _keyed(method) is not None


def read_line(line: bytes) -> SealedLine | None:
    """A whole line, its end included, in its parts; None where it bears no seal."""
    found = _seal.fullmatch(line, max(0, line.rfind(b',"number":')))
    return found and SealedLine(int(found[1]), found[2], line[:-_HASH_BYTES])


def last_link_in(lines: bytes) -> Link | None:
    """The last seal in some lines, wherever in them it is."""
    link = None
    for link in _seal.finditer(lines):  # noqa: B007 - the last one is wanted
        pass
    return link and Link(int(link[1]), link[2])


def read_seals(key_file: Path | None) -> tuple[Seal, ...]:
    """The seals that may be on a trail. New lines get the first; the others are of earlier days.

    `key_file` has one key a line, the newest first.

    Raises:
        KeyFileError: it cannot be read, is empty, or has a key that is too short.
    """
    if key_file is None:
        return (Seal(),)
    try:
        keys = [key for line in key_file.read_bytes().splitlines() if (key := line.strip())]
    except OSError as error:
        raise KeyFileError(f"{key_file}: {error.strerror}") from error
    if not keys or min(map(len, keys)) < KEY_CHARS_MIN:
        raise KeyFileError(
            f"{key_file}: each of its lines must be a key of at least {KEY_CHARS_MIN} characters"
        )
    return (*map(Seal.keyed, keys), Seal())
