"""What the two services know, stock and sales, and a ledger of every call and of whether it happened."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from adapters.sandbox import rules
from adapters.sandbox.journal import Journal
from adapters.sandbox.rules import Answer, Asked, Sale
from application.ports.clock import Clock

ENTRIES_MAX: Final = 1_000_000


@attrs.frozen(kw_only=True)
class Entry:
    """A call that came in. `happened`: it had its effect. `status`: what was answered, 0 for no answer."""

    number: int
    at_s: float
    operation: str
    happened: bool
    status: int
    fault: str | None
    key: str | None
    correlation_id: str | None
    traceparent: str | None
    produit_id: str | None
    quantite: int | None
    client_id: str | None
    vente_id: str | None


class Books:
    """Safe to use from many threads. With `idempotent`, a key that is known gets the answer that it got."""

    def __init__(self, clock: Clock, *, idempotent: bool = False, journal: Journal | None = None) -> None:
        self.stock: Final[dict[str, int]] = {}
        self.sales: Final[dict[str, Sale]] = {}
        self._clock: Final = clock
        self._idempotent: Final = idempotent
        self._journal: Final = journal
        self._entries: Final[list[Entry]] = []
        self._answers: Final[dict[tuple[str, str], tuple[Mapping[str, Any], Answer]]] = {}
        self._lock: Final = threading.Lock()
        for line in journal.lines() if journal else ():
            self._remember(line)

    def stock_up(self, units: Mapping[str, int]) -> None:
        """Put these on the shelf, product by product; what is there already stays as it is."""
        with self._lock:
            new = {id_: count for id_, count in units.items() if id_ not in self.stock}
            self.stock.update(new)
            if self._journal and new:
                self._journal.write({"stock": new})

    def product_of(self, asked: Asked) -> str | None:
        """The product that a call is about."""
        sale = self.sales.get(asked.vente_id or "")
        produit_id = sale.produit_id if sale else asked.produit_id or asked.body.get("produit_id")
        return produit_id if isinstance(produit_id, str) else None

    def do(self, asked: Asked, fault: str | None = None, *, unanswered: bool = False) -> Answer:
        """Do what is asked, or refuse it. `fault` is what will become of the answer."""
        with self._lock:
            if len(self._entries) >= ENTRIES_MAX:
                return Answer(503, {"error": f"the ledger holds {ENTRIES_MAX} calls and is full"})
            known = self._known(asked)
            if known:
                self._enter(asked, known, False, fault, unanswered)
                return known
            answer = rules.answer(asked, self.stock, self.sales)
            self._apply(asked, answer)
            entry = self._enter(asked, answer, answer.happened, fault, unanswered)
            if self._journal and answer.happened:
                self._journal.write(
                    {
                        "entry": attrs.asdict(entry),
                        "asked": attrs.asdict(asked),
                        "answer": attrs.asdict(answer),
                    }
                )
            return answer

    def note(self, asked: Asked, fault: str, status: int) -> None:
        """A call that did not get as far as the books."""
        with self._lock:
            self._enter(asked, Answer(status, {}), False, fault, status == 0)

    def entries(self, *, after: int = 0, count: int) -> Sequence[Entry]:
        """The ledger in its order, `count` entries behind number `after`."""
        return self._entries[after : after + count]

    def sold(self) -> Counter[str]:
        """Product -> units of the sales that stand."""
        counted: Counter[str] = Counter()
        with self._lock:
            for sale in self.sales.values():
                if sale.active:
                    counted[sale.produit_id] += sale.quantite
        return counted

    def _known(self, asked: Asked) -> Answer | None:
        if not self._idempotent or not asked.key:
            return None
        body, answer = self._answers.get((asked.operation, asked.key), (None, None))
        if answer and body != asked.body:
            return Answer(422, {"error": "Idempotency-Key réutilisée avec un autre contenu"})
        return answer

    def _apply(self, asked: Asked, answer: Answer) -> None:
        if answer.happened:
            rules.apply(asked, answer, self.stock, self.sales)
        if self._idempotent and asked.key:
            self._answers[asked.operation, asked.key] = (asked.body, answer)

    def _enter(
        self, asked: Asked, answer: Answer, happened: bool, fault: str | None, unanswered: bool
    ) -> Entry:
        quantite = asked.body.get("quantite")
        entry = Entry(
            number=len(self._entries) + 1,
            at_s=self._clock.now_s(),
            operation=asked.operation,
            happened=happened,
            status=0 if unanswered else answer.status,
            fault=fault,
            key=asked.key,
            correlation_id=asked.correlation_id,
            traceparent=asked.traceparent,
            produit_id=self.product_of(asked),
            quantite=quantite if isinstance(quantite, int) else None,
            client_id=asked.body.get("client_id"),
            vente_id=asked.vente_id or answer.vente_id,
        )
        self._entries.append(entry)
        return entry

    def _remember(self, line: Mapping[str, Any]) -> None:
        if "stock" in line:
            self.stock.update(line["stock"])
            return
        asked, answer = Asked(**line["asked"]), Answer(**line["answer"])
        self._apply(asked, answer)
        self._entries.append(Entry(**line["entry"] | {"number": len(self._entries) + 1}))
