"""The key that the gateway wants to see."""

import re
from pathlib import Path
from typing import Final

import attrs

from adapters.http.existing.answers import Misconfigured

KEY_CHARS_MAX: Final = 4_096
_is_key = re.compile(r"[!-~]{1,4096}").fullmatch


@attrs.define(repr=False)
class ApiKey:
    """From `text`, or from a file, which is read again once it has changed: a new key needs no restart."""

    text: str = ""
    file: Path | None = None
    _seen: tuple[int, int, int] | None = attrs.field(default=None, init=False)
    _read: str = attrs.field(default="", init=False)

    def now(self) -> str:
        """The key; empty where there is none.

        Raises:
            Misconfigured: the file cannot be read, or holds no key.
        """
        if self.file is None:
            return self.text
        try:
            stat = self.file.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if seen != self._seen:
                self._read, self._seen = self._from(self.file), seen
        except OSError as error:
            raise Misconfigured(f"API_KEY_FILE: {error.strerror}") from error
        return self._read

    def _from(self, file: Path) -> str:
        with file.open("rb") as opened:
            text = opened.read(KEY_CHARS_MAX + 2).decode("ascii", "replace").strip()
        if not _is_key(text):
            raise Misconfigured(f"API_KEY_FILE must hold 1 to {KEY_CHARS_MAX} printable ASCII characters")
        return text
