"""A shop whose warehouse can be closed: nothing is given back, or nothing is held, and no retry helps."""

from collections.abc import Sequence

import attrs
from dependency_injector import providers

from application.events.streams import INVENTORY
from application.ports.event_store import Outcome, Transaction
from application.requests.intervene import Intervened
from application.worker.loop import Worker
from domain.checkout import saga
from domain.checkout.commands import Cancel, Intervene
from entrypoints.container import worker_of
from entrypoints.settings import Settings
from tests.interruptions import InterruptedStore
from tests.shop import Shop

WHY = "the warehouse is closed"
ACTOR = "ada"


@attrs.define
class Warehouse(InterruptedStore):
    """The store, which refuses what changes the inventory while it is closed."""

    closed: bool = True

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        if self.closed and stream == INVENTORY:
            raise RuntimeError(WHY)
        return self.store.append(stream, transactions)


@attrs.define
class ClosedShop:
    """A shop with one worker that depends on the warehouse."""

    worker: str
    shop: Shop = attrs.Factory(
        lambda: Shop(settings=Settings(attempts_max=2, compensation_attempts_max=2, retry_base_ms=1_000))
    )
    warehouse: Warehouse = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.warehouse = Warehouse(store=self.shop.store, at=lambda _: False)
        with self.shop.container.event_store.override(providers.Object(self.warehouse)):
            worker = self._worker()
        self.shop.workers[self.worker] = worker
        self.shop.receive({"p-1": 5})

    def _worker(self) -> Worker:
        return worker_of(self.shop.container, self.worker)

    def run_into_dead_letters(self) -> None:
        """So much time passes that every attempt has been made; no deadline comes."""
        self.shop.run()
        for _ in range(4):
            self.shop.pass_time(5)


def intervene(shop: Shop, checkout_id: str, command: Intervene) -> Intervened:
    """A person steps in."""
    done: Intervened = shop.container.checkout_desk().intervene(checkout_id, command)
    return done


def stuck_checkout() -> tuple[ClosedShop, str]:
    """A checkout that was cancelled and whose stock cannot be given back."""
    closed = ClosedShop(saga.STOCK_COMPENSATION)
    checkout = closed.shop.start({"p-1": 3})
    closed.shop.run(saga.STOCK_RESERVATION)
    intervene(closed.shop, checkout, Cancel(actor="shopper", reason="too slow"))
    closed.run_into_dead_letters()
    return closed, checkout
