from collections.abc import Iterator, Mapping
from contextlib import suppress

import attrs
import pytest

from adapters.http.existing.inventory import HttpInventory
from adapters.http.existing.orders import HttpOrders
from application.ports.existing_services import Call, OutcomeUnknown
from tests.contracts.existing_services import STOCK, ExistingServicesContract, Hand
from tests.existing import Existing, existing
from tests.sandbox import Sandbox, sandbox

FAILURES_MAX = 5


@attrs.frozen
class HandOnSandbox(Hand):
    sandbox: Sandbox
    existing: Existing

    def refuse(self) -> None:
        self._next("refuse")

    def not_reached(self) -> None:
        self._next("error", status=503, retry_after_s=3_600)

    def lose_answer(self, *, happened: bool) -> None:
        self._next("lost" if happened else "silent")

    def leave_alone(self) -> None:
        self.sandbox.go_wrong("reset", calls=FAILURES_MAX)
        for _ in range(FAILURES_MAX):
            with suppress(OutcomeUnknown):
                self.existing.inventory.take(produit_id="produit-1", units=1, call=Call(key="reset"))

    def stock(self, produit_id: str) -> int:
        return self.sandbox.stock(produit_id)

    def sold(self) -> Mapping[str, int]:
        return self.sandbox.sold()

    def effects(self) -> int:
        return len(self.sandbox.effects())

    def _next(self, kind: str, **how: object) -> None:
        self.sandbox.go_right()
        self.sandbox.go_wrong(kind, calls=1, **how)


def _hand(*, repeatable: bool) -> Iterator[HandOnSandbox]:
    with sandbox(STOCK, idempotent=repeatable) as running:
        at = existing(running.url, repeatable=repeatable, failures_max=FAILURES_MAX)
        with at.inventory.service.http:
            yield HandOnSandbox(running, at)


class TestExistingServicesOverHttp(ExistingServicesContract):
    @pytest.fixture
    def hand(self) -> Iterator[HandOnSandbox]:
        yield from _hand(repeatable=False)

    @pytest.fixture
    def inventory(self, hand: HandOnSandbox) -> HttpInventory:
        return hand.existing.inventory

    @pytest.fixture
    def orders(self, hand: HandOnSandbox) -> HttpOrders:
        return hand.existing.orders

    @pytest.fixture
    def repeatable_hand(self) -> Iterator[HandOnSandbox]:
        yield from _hand(repeatable=True)

    @pytest.fixture
    def repeatable_inventory(self, repeatable_hand: HandOnSandbox) -> HttpInventory:
        return repeatable_hand.existing.inventory

    @pytest.fixture
    def repeatable_orders(self, repeatable_hand: HandOnSandbox) -> HttpOrders:
        return repeatable_hand.existing.orders
