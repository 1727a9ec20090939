"""A file in which the sandbox finds its books again: one JSON document a line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import orjson


@attrs.frozen
class Journal:
    path: Path

    def lines(self) -> Iterator[dict[str, Any]]:
        """What was written. A last line that a crash cut short had no effect that anybody was told of."""
        if not self.path.exists():
            return
        kept = self.path.read_bytes().splitlines(keepends=True)
        if kept and not kept[-1].endswith(b"\n"):
            self.path.write_bytes(b"".join(kept[:-1]))
            kept.pop()
        yield from map(orjson.loads, kept)

    def write(self, line: Mapping[str, Any]) -> None:
        """Add a line; it survives the end of the process, not that of the machine."""
        with self.path.open("ab") as file:
            file.write(orjson.dumps(line) + b"\n")
