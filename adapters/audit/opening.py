"""What the first line of a file tells besides its entry: how the file is sealed, and what it follows."""

import re
from pathlib import Path
from typing import Final, NamedTuple

import attrs
import orjson

from adapters.audit.line import Key
from application.ports.errors import InvalidPosition
from application.ports.positions import parse

_BYTES_MAX: Final = 1_024
_opening = re.compile(
    rb'\{"position":"[\d-]{1,60}","chain":(\{"method":"[^"]{1,40}","follows":(?:null|\{[^{}]{1,400}\})\})[,}]'
)


class Bounds(NamedTuple):
    """The lowest and the highest position in a file."""

    low: Key
    high: Key


@attrs.frozen
class Follows:
    """The file before: its name, its last hash and, where it holds any, the bounds of its positions."""

    file: str
    hash: bytes
    bounds: Bounds | None = None


@attrs.frozen
class Opening:
    """`follows` is None for the first file of a trail."""

    method: str
    follows: Follows | None

    def render(self) -> bytes:
        """As fields of a line."""
        follows = self.follows and {
            "file": self.follows.file,
            "hash": self.follows.hash.decode(),
            "bounds": self.follows.bounds and [f"{time_ms}-{n}" for time_ms, n in self.follows.bounds],
        }
        return b',"chain":%b' % orjson.dumps({"method": self.method, "follows": follows})

    @classmethod
    def of(cls, line: bytes) -> "Opening | None":
        """What a line opens; None where it opens nothing."""
        found = _opening.match(line, 0, _BYTES_MAX)
        if found is None:
            return None
        try:
            chain = orjson.loads(found[1])
            follows = chain["follows"]
            return cls(chain["method"], follows and _follows(follows))
        except (ValueError, KeyError, TypeError, InvalidPosition):  # changed since
            return None


def opening_of(path: Path) -> Opening | None:
    """What the first line of the file says; None where it has none, or was written before lines were sealed.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return Opening.of(file.read(_BYTES_MAX))


def _follows(wire: dict[str, object]) -> Follows:
    bounds = wire["bounds"]
    if isinstance(bounds, list):
        low, high = (parse(str(position)) for position in bounds)
        return Follows(str(wire["file"]), str(wire["hash"]).encode(), Bounds(low, high))
    return Follows(str(wire["file"]), str(wire["hash"]).encode())
