"""One schedule: the real service in memory, its processes taking turns call by call, and trouble.

Everything is drawn from the seed, so the same seed is the same run.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
from dependency_injector import providers

from adapters.inmemory.audit_log import InMemoryAuditLog
from adapters.inmemory.clock import FakeClock
from adapters.inmemory.dead_letters import InMemoryDeadLetters
from adapters.inmemory.deadlines import InMemoryDeadlines
from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.inbox import InMemoryInbox
from adapters.inmemory.log import Group, InMemoryLog
from adapters.inmemory.notifier import RecordingNotifier
from adapters.inmemory.open_checkouts import InMemoryOpenCheckouts
from adapters.inmemory.read_model import InMemoryReadModel
from adapters.inmemory.telemetry import RecordingTelemetry
from application.events.streams import CHECKOUTS
from application.ports.event_bus import Subscription
from application.worker.loop import Worker
from application.worker.policy import WorkerPolicy
from domain.checkout.saga import SAGA, STOCK_COMPENSATION
from entrypoints.container import Container, worker_of
from entrypoints.settings import Settings
from tests.simulation.diary import Diary
from tests.simulation.laws import NOT_STUCK, hold
from tests.simulation.ports import Port
from tests.simulation.trouble import Trouble
from tests.simulation.turns import Turns
from tests.simulation.watch import Watch
from tests.simulation.weather import ORDER_TOTAL_MAX, Weather, forecast

CALLS_MAX: Final = 20_000

_container = Container(settings=Settings(), backend=providers.Object("memory"))
"""Made once, because that takes longer than a schedule; each world puts its own adapters in."""


class World:
    """The adapters, the clock, who runs, and what has happened so far."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        random.seed(seed)  # the worker's jitter
        self.weather: Weather = forecast(self.rng)
        self.clock = FakeClock()
        self.diary = Diary(self.clock)
        self.telemetry = RecordingTelemetry()
        self.log = InMemoryLog(self.clock)
        self.bus = InMemoryEventBus(self.log, self.telemetry)
        self.store = InMemoryEventStore(self.log)
        self.read_model = InMemoryReadModel()
        self.deadlines = InMemoryDeadlines()
        self.open_checkouts = InMemoryOpenCheckouts()
        self.inbox = InMemoryInbox()
        self.audit_log = InMemoryAuditLog()
        self.notifier = RecordingNotifier()
        self.container = _container
        self.settings = attrs.evolve(
            Settings(), checkout_deadline_s=self.weather.deadline_s, order_total_max=ORDER_TOTAL_MAX
        )
        self._furnish()
        self.watch = Watch(self.log, self.weather.deadline_s)
        self.turns = Turns(
            self.rng,
            self.weather,
            self.clock,
            time_jumps=lambda by_s: self.diary.note("time", f"jumps by {by_s:.3f} s"),
            is_over=self._is_over,
        )
        self.trouble = Trouble(
            self.rng,
            self.weather,
            clock=self.clock,
            turns=self.turns,
            bus=self.bus,
            log=self.log,
            diary=self.diary,
        )
        self._calls = 0
        self._mended = False
        self.mend: Callable[[], bool] = lambda: False
        """See to what waits for an operator; whether there was anything."""
        self.accepted: set[str] = set()
        """Checkouts of which a shopper was told the id."""
        self.foreign: set[str] = set()
        """Positions of well-formed entries that another program wrote."""

    def _furnish(self) -> None:
        policy = WorkerPolicy(
            block_ms=0,
            batch_max=self.weather.batch_max,
            claim_idle_ms=int(self.weather.claim_idle_s * 1000),
        )
        _put(_container.settings, self.settings)
        patient = attrs.evolve(policy, attempts_max=self.weather.compensation_attempts_max)
        _container.policy.reset_override()
        _container.policy.override(
            providers.Callable(lambda worker: patient if worker == STOCK_COMPENSATION else policy)
        )
        _put(_container.clock, self.clock)
        _put(_container.telemetry, self.telemetry)
        _put(_container.bare_event_store, Port(self, "event_store", self.store))
        _put(_container.event_reader, Port(self, "event_reader", self.store))
        _put(_container.event_bus, Port(self, "event_bus", self.bus))
        _put(_container.read_model, Port(self, "read_model", self.read_model))
        _put(_container.deadlines, Port(self, "deadlines", self.deadlines))
        _put(_container.inbox, Port(self, "inbox", self.inbox))
        _put(_container.audit_log, Port(self, "audit_log", self.audit_log))
        _put(_container.open_checkouts, Port(self, "open_checkouts", self.open_checkouts))
        _put(_container.dead_letters, Port(self, "dead_letters", InMemoryDeadLetters(self.log)))
        _put(_container.notifier, Port(self, "notifier", self.notifier))
        _container.event_store.reset()
        # Without the group commit: who waits there for another thread does not hand the turn on.
        _put(_container.starting_store, _container.event_store())

    def worker(self, name: str, consumer: str) -> Worker:
        """A new process of worker `name`."""
        _put(self.container.settings, attrs.evolve(self.settings, consumer_name=consumer))
        return worker_of(self.container, name)

    def call(self, name: str, method: Callable[..., object], *args: object, **kwargs: object) -> object:
        """One call of a port by the runner: trouble may come before and after it, and others before it,
        which is as good as after the one before."""
        if self.turns.relay.current is None:  # the shop is not open yet
            return method(*args, **kwargs)
        self._calls += 1
        hold(NOT_STUCK, self._calls < CALLS_MAX, "the schedule has no end")
        self.clock.advance(self.rng.random() * self.weather.tick_s)
        runner = self.turns.runner
        fault = self.trouble.draw(name, runner)
        self.trouble.before(name, fault)
        if self.rng.random() < self.weather.switch_rate:
            self.turns.relay.give_way()
        held = self._held(args[0]) if name == "event_bus.claim" else {}
        if name == "event_store.append":
            self.trouble.look_at_warehouse(args[0])
        answer = method(*args, **kwargs)
        self.diary.call(runner.name, name, *args, *kwargs.values(), answer)
        self._look(name, args, answer, held)
        if isinstance(answer, list) and name == "event_bus.receive":
            answer = self.trouble.hand_out(runner.group, answer)
        self.trouble.after(name, fault)
        return answer

    def _look(self, name: str, args: tuple[object, ...], answer: object, held: dict[str, float]) -> None:
        """Check what must hold always. `held`: what other consumers had in hand before a claim."""
        if held:
            self.watch.look_at_claim(held, answer, self.clock.now_s() - self.weather.claim_idle_s)
        if name == "read_model.apply":
            self.watch.look_at_rows(self.read_model, args[0])
        if self.watch.look():
            self.turns.something_came()

    def _held(self, subscription: object) -> dict[str, float]:
        """Position -> since when another consumer of the group has held it."""
        assert isinstance(subscription, Subscription)
        group = self.log.stream(CHECKOUTS).groups.get(subscription.group, Group())
        return {p: h.since_s for p, h in group.pending.items() if h.consumer != subscription.consumer}

    def write(self, who: str, fields: Mapping[bytes, bytes]) -> str:
        """Add an entry past the store, as any program may; its position."""
        position = self.log.add(CHECKOUTS, fields)
        self.diary.note(who, f"writes {fields.get(b'type', b'?').decode()} {fields.get(b'payload', b'?')!r}")
        self.turns.something_came()
        return position

    def something_waits(self, group: str) -> bool:
        """Whether `group` has deliveries before it, or is not there."""
        log = self.log.stream(CHECKOUTS)
        known = log.groups.get(group)
        return known is None or bool(log.after(known.cursor, 1))

    def something_is_pending(self, group: str) -> bool:
        """Whether somebody of `group` has deliveries in hand."""
        known = self.log.stream(CHECKOUTS).groups.get(group)
        return known is not None and bool(known.pending)

    def _is_over(self) -> bool:
        """Nothing is left, not even for an operator, who has come once."""
        if not self.nothing_is_left():
            return False
        if not self._mended:
            self._mended = True
            return not self.mend()
        return True

    def nothing_is_left(self) -> bool:
        """Whether every group is done with everything, except that of a worker that is down."""
        groups = self.log.stream(CHECKOUTS).groups
        return not any(
            self.something_waits(step.group) or groups[step.group].pending
            for step in SAGA
            if self.weather.consumers[step.worker]
        )


def _put(provider: "providers.Provider[Any]", value: object) -> None:
    """Let `provider` answer with `value` from now on."""
    provider.reset_override()
    provider.override(providers.Object(value))
