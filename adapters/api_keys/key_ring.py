"""Which keys open the API now: those of a file, looked at again whenever it changes, and fixed ones."""

import hmac
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import attrs
import structlog

from adapters.api_keys.api_key import ApiKey, id_in, sha256_of
from adapters.api_keys.key_file import KeyFile
from adapters.api_keys.written import MalformedKeys

LOOK_EVERY_S: Final = 1.0
SETTLED_AFTER_S: Final = 2.0
"""A file that changed more recently may change once more without a difference in its time."""

_NOBODYS: Final = sha256_of("")


@attrs.frozen
class KeyRefused(Exception):
    """This opens nothing: why, for our own eyes, and whose key it is where it is a known one."""

    reason: str
    key_id: str | None = None


class KeyRing:
    """The keys. A file that cannot be read any more leaves them as they were, and says so in the log.

    Raises, when it is made:
        OSError, MalformedKeys: as `KeyFile`; or an id is in both the file and `fixed`.
    """

    def __init__(
        self,
        fixed: Iterable[ApiKey] = (),
        file: KeyFile | None = None,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._fixed: Final = {key.id: key for key in fixed}
        self._file: Final = file
        self._monotonic_s: Final = monotonic_s
        self._now_s: Final = now_s
        self._looking: Final = threading.Lock()
        self._look_at_s = monotonic_s() + LOOK_EVERY_S
        self._log: Final = structlog.get_logger(__name__)
        self._complaint: str | None = None
        self._seen = file.stamp() if file else None
        self._keys = self._read()

    def holder(self, secret: str) -> ApiKey:
        """The key that `secret` is. The same work is done whether its id is known or not.

        Raises:
            KeyRefused: it is none, or opens nothing any more.
        """
        if self._file and self._monotonic_s() >= self._look_at_s:
            self._look(self._file)
        id_ = id_in(secret)
        if id_ is None:
            raise KeyRefused("not a key")
        known = self._keys.get(id_)
        same = hmac.compare_digest(sha256_of(secret), known.sha256 if known else _NOBODYS)
        if known is None or not same:
            raise KeyRefused("wrong secret" if known else "unknown key", known.id if known else None)
        if reason := known.refused_for(self._now_s()):
            raise KeyRefused(reason, known.id)
        return known

    def _look(self, file: KeyFile) -> None:
        if not self._looking.acquire(blocking=False):
            return  # another request is at it
        try:
            self._look_at_s = self._monotonic_s() + LOOK_EVERY_S
            stamp = file.stamp()
            if stamp != self._seen or self._now_s() - stamp.changed_s < SETTLED_AFTER_S:
                self._take(self._read())
                self._seen = stamp
        except (OSError, MalformedKeys) as error:
            self._seen = None
            self._complain(_text(error))
        finally:
            self._looking.release()

    def _read(self) -> Mapping[str, ApiKey]:
        kept = {key.id: key for key in self._file.read()} if self._file else {}
        if both := kept.keys() & self._fixed.keys():
            raise MalformedKeys(f"key {min(both)} is in the environment too")
        return kept | self._fixed

    def _take(self, keys: Mapping[str, ApiKey]) -> None:
        self._complaint = None
        if keys != self._keys:
            self._keys = keys
            self._log.info("api keys changed", keys=len(keys))

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            self._log.error("api keys unreadable", error=complaint, still_in_force=len(self._keys))
        self._complaint = complaint


def _text(error: OSError | MalformedKeys) -> str:
    return str(error) if isinstance(error, MalformedKeys) else error.strerror or type(error).__name__
