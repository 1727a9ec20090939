"""The stand-in for the existing services, with its switches at hand."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import attrs
import httpx

from adapters.sandbox.books import Books
from adapters.sandbox.faults import FaultBook
from adapters.sandbox.server import SandboxServer
from adapters.system_clock import SystemClock

API_KEY: Final = "a-key-of-the-tests"
TAKE: Final = "/api/inventaire/api/ddd/inventaire/diminuer-stock/"
GIVE_BACK: Final = "/api/inventaire/api/ddd/inventaire/augmenter-stock/"
SHOW: Final = "/api/inventaire/api/ddd/inventaire/stock-central/"
ENTER: Final = "/api/commandes/api/v1/ventes-ddd/enregistrer/"
CANCEL: Final = "/api/commandes/api/v1/ventes-ddd/{}/annuler/"


@attrs.frozen
class Sandbox:
    """One that runs somewhere; everything is asked over HTTP."""

    url: str
    http: httpx.Client

    @classmethod
    @contextmanager
    def at(cls, url: str, api_key: str = API_KEY) -> Iterator["Sandbox"]:
        """The one at `url`, for a while."""
        found = cls.open(url, api_key)
        with found.http:
            yield found

    @classmethod
    def open(cls, url: str, api_key: str = API_KEY) -> "Sandbox":
        """The one at `url`; to be closed."""
        return cls(url, httpx.Client(base_url=url, headers={"X-API-Key": api_key}, trust_env=False))

    def go_wrong(self, kind: str, **how: object) -> None:
        """Switch a fault on."""
        self.http.post("/faults", json={"kind": kind, **how}).raise_for_status()

    def go_right(self) -> None:
        """Switch all faults off."""
        self.http.delete("/faults").raise_for_status()

    def entries(self) -> Sequence[Mapping[str, Any]]:
        """Every call that came in."""
        found: list[Mapping[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = self.http.get("/ledger", params={"after": after, "count": 10_000}).json()
            found += page["entries"]
            after = page["next"]
        return found

    def effects(self) -> Sequence[Mapping[str, Any]]:
        """Every call that had its effect."""
        return [entry for entry in self.entries() if entry["happened"]]

    def stock(self, produit_id: str) -> int:
        """Units on the shelf."""
        return int(self.http.get("/stock").json()["stock"][produit_id])

    def sold(self) -> Mapping[str, int]:
        """Product -> units of the sales that stand."""
        sold: Mapping[str, int] = self.http.get("/stock").json()["sold"]
        return sold


@contextmanager
def sandbox(stock: Mapping[str, int], *, idempotent: bool = False) -> Iterator[Sandbox]:
    """One in this process, on a port of its own."""
    books = Books(SystemClock(), idempotent=idempotent)
    books.stock_up(stock)
    server = SandboxServer(books, FaultBook(seed=1), api_key=API_KEY)
    with server.running(), Sandbox.at(server.url) as found:
        yield found
