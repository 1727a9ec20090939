"""An existing inventory and an existing order service in memory, with faults that can be switched on.

They keep what a real one would: how much there is, which sales there are, and, where they are `repeatable`,
the keys of what they have done.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

import attrs

from application.ports.existing_services import (
    Call,
    CallRefused,
    ExistingInventory,
    ExistingOrders,
    NotCalled,
    OutcomeUnknown,
)

Fault = Literal["refuse", "not-reached", "lost-after", "lost-before", "circuit-open"]
"""What may become of a call: it is refused; it does not arrive; its answer is lost after the effect or
before it; it is not even tried."""

Answer = TypeVar("Answer")


@attrs.define
class Effect:
    """Something that really happened: which operation, under which key."""

    operation: str
    key: str
    produit_id: str | None = None
    units: int = 0
    vente_id: str | None = None


class _Faulty:
    """Faults are used up one a call, in order; `always` is used where none is left."""

    def __init__(self, *, repeatable: bool, longest_s: float) -> None:
        self.repeatable = repeatable
        self.longest_s = longest_s
        self.faults: deque[Fault | None] = deque()
        self.always: Fault | None = None
        self.effects: list[Effect] = []
        self.before_answer: Callable[[], None] = lambda: None
        """Called in the middle of each call, effect done, answer not given."""
        self._answers: dict[str, object] = {}
        self._lock = threading.RLock()

    def ready(self) -> None:
        if (self.faults[0] if self.faults else self.always) == "circuit-open":
            if self.faults:
                self.faults.popleft()
            raise NotCalled("the circuit is open")

    def _call(self, call: Call, effect: Callable[[], Answer]) -> Answer:
        with self._lock:
            fault = self.faults.popleft() if self.faults else self.always
            match fault:
                case "refuse" if not (self.repeatable and call.key in self._answers):
                    raise CallRefused("not today")
                case "not-reached" | "circuit-open":
                    raise NotCalled("connection refused")
                case "lost-before":
                    raise OutcomeUnknown("no answer in time")
            answer = self._once(call.key, effect)
        self.before_answer()
        if fault == "lost-after":
            raise OutcomeUnknown("no answer in time")
        return answer

    def _once(self, key: str, effect: Callable[[], Answer]) -> Answer:
        if self.repeatable and key in self._answers:
            return self._answers[key]  # type: ignore[return-value]  # of the same call under the same key
        answer = effect()
        self._answers[key] = answer
        return answer


class InMemoryExistingInventory(_Faulty, ExistingInventory):
    """`stock`: product -> units."""

    def __init__(
        self, stock: Mapping[str, int] | None = None, *, repeatable: bool = False, longest_s: float = 1.0
    ) -> None:
        super().__init__(repeatable=repeatable, longest_s=longest_s)
        self.stock: Counter[str] = Counter(stock or {})

    def take(self, *, produit_id: str, units: int, call: Call) -> None:
        def effect() -> None:
            if produit_id not in self.stock:
                raise CallRefused(f"{produit_id} is not known")
            if self.stock[produit_id] < units:
                raise CallRefused(f"not enough stock: {self.stock[produit_id]} of {produit_id}")
            self.stock[produit_id] -= units
            self.effects.append(Effect("take", call.key, produit_id, units))

        self._call(call, effect)

    def give_back(self, *, produit_id: str, units: int, call: Call) -> None:
        def effect() -> None:
            self.stock[produit_id] += units
            self.effects.append(Effect("give-back", call.key, produit_id, units))

        self._call(call, effect)


@attrs.define
class Sale:
    """A sale as the order service keeps it."""

    client_id: str
    produit_id: str
    units: int
    active: bool = True


class InMemoryExistingOrders(_Faulty, ExistingOrders):
    """`sales`: id -> sale."""

    def __init__(self, *, repeatable: bool = False, longest_s: float = 1.0) -> None:
        super().__init__(repeatable=repeatable, longest_s=longest_s)
        self.sales: dict[str, Sale] = {}

    def enter(self, *, client_id: str, produit_id: str, units: int, call: Call) -> str:
        def effect() -> str:
            vente_id = f"vente-{len(self.sales) + 1}"
            self.sales[vente_id] = Sale(client_id, produit_id, units)
            self.effects.append(Effect("enter", call.key, produit_id, units, vente_id))
            return vente_id

        return self._call(call, effect)

    def cancel(self, *, vente_id: str, reason: str, call: Call) -> None:
        def effect() -> None:
            sale = self.sales.get(vente_id)
            if sale is None:
                raise CallRefused(f"there is no sale {vente_id}")
            if sale.active:
                sale.active = False
                self.effects.append(Effect("cancel", call.key, sale.produit_id, sale.units, vente_id))

        self._call(call, effect)
