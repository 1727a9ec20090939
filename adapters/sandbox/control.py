"""The switches of the sandbox, and its ledger: /faults, /ledger, /stock. They are no part of the wire."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import attrs
import orjson

from adapters.sandbox.books import Books
from adapters.sandbox.faults import Fault, FaultBook

PAGE_DEFAULT: Final = 1_000
PAGE_MAX: Final = 10_000
ERROR_CHARS_MAX: Final = 400


@attrs.frozen
class Reply:
    status: int
    body: Mapping[str, Any]


@attrs.frozen
class Control:
    """Answers what is about the sandbox itself."""

    books: Books
    faults: FaultBook

    def reply(self, method: str, path: str, query: str, body: bytes) -> Reply | None:
        """The answer; None where the path is one of the services'."""
        match method, path:
            case "GET", "/faults":
                return self._shown(200)
            case "POST", "/faults":
                return self._add(body)
            case "DELETE", "/faults":
                self.faults.clear()
                return self._shown(200)
            case "GET", "/ledger":
                return self._ledger(query)
            case "GET", "/stock":
                return Reply(200, {"stock": dict(self.books.stock), "sold": self.books.sold()})
            case _:
                return None

    def _shown(self, status: int) -> Reply:
        return Reply(status, {"faults": [attrs.asdict(fault) for fault in self.faults.all()]})

    def _add(self, body: bytes) -> Reply:
        try:
            given = orjson.loads(body)
            if not isinstance(given, dict):
                raise ValueError("a fault is a JSON object")  # noqa: TRY004 - answered like the other mistakes
            self.faults.add(Fault.of(given))
        except (ValueError, TypeError) as error:
            return Reply(400, {"error": str(error.args[0])[:ERROR_CHARS_MAX]})
        return self._shown(201)

    def _ledger(self, query: str) -> Reply:
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        after, count = asked.get("after", "0"), asked.get("count", str(PAGE_DEFAULT))
        if not (after.isdecimal() and count.isdecimal() and 1 <= int(count) <= PAGE_MAX):
            return Reply(400, {"error": f"after and count are whole numbers, count from 1 to {PAGE_MAX}"})
        found = self.books.entries(after=int(after), count=int(count))
        more = found[-1].number if len(found) == int(count) else None
        return Reply(200, {"entries": [attrs.asdict(entry) for entry in found], "next": more})
