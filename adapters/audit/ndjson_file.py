"""The audit trail as files: one a day, one line of JSON an entry."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Final

from adapters.audit.day_file import DayFile
from adapters.audit.line import Key, render
from application.ports.audit_log import AuditLog
from application.ports.errors import Unavailable
from application.ports.event_store import StoredEntry
from application.positions import parse

_DAYS_OPEN_MAX: Final = 4
_DAY_S: Final = 86_400
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_LAST_DAY: Final = date.max.toordinal() - _FIRST_DAY  # another program may give a record any time it likes


class NdjsonAuditLog(AuditLog):
    """`audit-<UTC day of the record>.ndjson` under `directory`, each entry once.

    Processes may share the directory. A file may be moved away once its day is over; should its history
    come again after that, it is written again. Without `fsync` a loss of power may lose what the
    operating system had not written yet.
    """

    def __init__(self, directory: Path, *, fsync: bool = True) -> None:
        self._directory = directory
        self._fsync = fsync
        self._days: OrderedDict[int, DayFile] = OrderedDict()
        self._lock = Lock()

    def keep(self, entries: Sequence[StoredEntry]) -> None:
        """One write and one fsync a day that the entries are of."""
        days: dict[int, dict[Key, StoredEntry]] = {}
        for entry in entries:
            day = int(min(max(entry.recorded_at_s // _DAY_S, 0), _LAST_DAY))
            days.setdefault(day, {}).setdefault(parse(entry.position), entry)
        try:
            with self._lock:
                for day, of_day in days.items():
                    self._keep_day(day, of_day)
        except OSError as error:
            raise Unavailable(f"the audit trail cannot be written: {error}") from error

    def close(self) -> None:
        """Give the files back; they are opened again when needed."""
        with self._lock:
            while self._days:
                self._days.popitem()[1].close()

    def _keep_day(self, day: int, entries: dict[Key, StoredEntry]) -> None:
        file = self._file(day)
        file.add({key: render(entry) for key, entry in entries.items()})
        if self._fsync:
            file.sync()

    def _file(self, day: int) -> DayFile:
        file = self._days.get(day)
        if file is not None and not file.is_still_there():
            del self._days[day]
            file.close()
            file = None
        if file is None:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self._days[day] = DayFile(self._directory / _name(day))
            if len(self._days) > _DAYS_OPEN_MAX:
                self._days.popitem(last=False)[1].close()
        self._days.move_to_end(day)
        return file


def _name(day: int) -> str:
    return f"audit-{date.fromordinal(_FIRST_DAY + day)}.ndjson"
