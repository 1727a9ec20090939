"""A whole shop for tests: the real container on the in-memory adapters, its workers run by hand."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property, partial
from typing import cast

import attrs
from dependency_injector import providers

from adapters.inmemory.audit_log import InMemoryAuditLog
from adapters.inmemory.clock import FakeClock
from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.log import InMemoryLog
from adapters.inmemory.notifier import RecordingNotifier
from adapters.inmemory.telemetry import RecordingTelemetry
from application.events.streams import CHECKOUTS
from application.ports.event_store import EventStore
from application.ports.read_model import ClientOrders
from application.questions.replay_checkout import Replay
from application.worker.loop import Worker
from application.worker.policy import WorkerPolicy
from domain.cart import Cart, Line
from domain.checkout.saga import SAGA
from entrypoints.container import Container, worker_of
from entrypoints.settings import Settings
from tests.lent import at_the_end

CLIENT = "client-1"
_free: list[tuple[Container, list[providers.BaseSingleton[object]]]] = []


def cart_of(units: Mapping[str, int], unit_price: str | None = "10.00") -> Cart:
    """A cart of `units` (product -> units), all at one price."""
    price = None if unit_price is None else Decimal(unit_price)
    return Cart.of(Line(produit_id=p, units=n, unit_price=price) for p, n in units.items())


@attrs.define
class Shop:
    """Everything in memory, on a clock that tests move. Nothing runs until it is told to."""

    settings: Settings = attrs.Factory(Settings)
    clock: FakeClock = attrs.Factory(FakeClock)
    notifier: RecordingNotifier = attrs.Factory(RecordingNotifier)
    telemetry: RecordingTelemetry = attrs.Factory(RecordingTelemetry)
    container: Container = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.container = _container()
        self.container.override_providers(settings=self.settings, backend=providers.Object("memory"))
        policy = self.container.policy.provides
        assert policy is not None
        at_once = providers.Factory(
            partial(_at_once, policy), self.container.settings, worker=self.container.role
        )
        self.container.policy.override(at_once)
        self.wire(self.container)

    @cached_property
    def workers(self) -> dict[str, Worker]:
        """The saga's, made when they are first asked for: many tests never do."""
        return {step.worker: worker_of(self.container, step.worker) for step in SAGA}

    def wire(self, container: Container) -> None:
        """Put what tests look at in its place."""
        container.clock.override(providers.Object(self.clock))
        container.notifier.override(providers.Object(self.notifier))
        container.telemetry.override(providers.Object(self.telemetry))

    @property
    def store(self) -> EventStore:
        return cast(EventStore, self.container.event_store())

    @property
    def bus(self) -> InMemoryEventBus:
        return cast(InMemoryEventBus, self.container.event_bus())

    @property
    def log(self) -> InMemoryLog:
        return cast(InMemoryLog, self.container.log())

    @property
    def audit_log(self) -> InMemoryAuditLog:
        return cast(InMemoryAuditLog, self.container.audit_log())

    def receive(self, units: Mapping[str, int]) -> None:
        """Take stock in."""
        for produit_id, count in units.items():
            self.container.receiver().receive(produit_id=produit_id, units=count)

    def start(self, units: Mapping[str, int], *, client_id: str = CLIENT, key: str | None = None) -> str:
        """Start a checkout at 10.00 a unit; its id."""
        started = self.container.starter().start(client_id=client_id, cart=cart_of(units), key=key)
        return str(started.checkout_id)

    def run(self, *names: str, turns_max: int = 100) -> None:
        """Run these workers (all of them by default) until nothing is left to receive."""
        chosen = [self.workers[name] for name in names or self.workers]
        for _ in range(turns_max):
            if not sum(worker.turn() for worker in chosen):
                return
        raise AssertionError("the workers found no end")

    def pass_time(self, seconds: float) -> None:
        """Let time pass, then run everything."""
        self.clock.advance(seconds)
        self.run()

    def facts(self, checkout_id: str) -> list[str]:
        """The types of a checkout's events, in order."""
        (history,) = self.store.read(CHECKOUTS, [checkout_id])
        return [recorded.type for recorded in history]

    def replay(self, checkout_id: str) -> Replay:
        replay = self.container.replayer().replay(checkout_id)
        assert isinstance(replay, Replay), checkout_id
        return replay

    def orders(self, client_id: str = CLIENT) -> ClientOrders:
        found = self.container.orders().of_client(client_id, count=100)
        assert isinstance(found, ClientOrders)
        return found

    def stock(self, produit_id: str) -> tuple[int, int]:
        """(units free, units held)."""
        view = self.container.stock().of(produit_id)
        return (view.units_free, view.units_held) if view else (0, 0)


def _container() -> Container:
    """One for as long as the test lasts, as good as new: to make one takes longer than most tests."""
    container, singletons = _free.pop() if _free else _made()
    at_the_end(partial(_as_new, container, singletons))
    return container


def _made() -> tuple[Container, list[providers.BaseSingleton[object]]]:
    """With its singletons: to look for them again after each test takes longer than to reset them."""
    container = Container()
    return container, list(container.traverse(types=[providers.BaseSingleton]))


def _as_new(container: Container, singletons: list[providers.BaseSingleton[object]]) -> None:
    for provider in container.providers.values():
        provider.reset_override()
    for singleton in singletons:
        singleton.reset()
    _free.append((container, singletons))


def _at_once(policy: Callable[..., WorkerPolicy], settings: Settings, worker: str) -> WorkerPolicy:
    """The policy, but that nobody waits for what is not there: it will not come meanwhile."""
    return attrs.evolve(policy(settings, worker), block_ms=0)
