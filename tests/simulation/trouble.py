"""What goes wrong, where and how often.

To add a fault: a member of `Fault` (weather.py) and a case here, in `before` or `after`.
"""

from collections.abc import Mapping
from random import Random
from typing import Final

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.log import InMemoryLog
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.delivery import Delivery
from application.ports.errors import Unavailable
from domain.checkout.saga import SAGA, STEPS, STOCK_COMPENSATION
from tests.simulation.baton import Runner
from tests.simulation.diary import Diary
from tests.simulation.ports import Crash
from tests.simulation.turns import Turns
from tests.simulation.weather import Fault, Weather

SHAKEN_CALLS: Final = 4
SHAKEN_RATE: Final = 0.25
FOR_EVER_S: Final = float("inf")
CLOSED: Final = "the warehouse takes nothing back"
ELSEWHERE: Final = 1 / 3
DELICATE: Final[Mapping[str, float]] = {
    "event_store.append": 1,
    "event_store.snapshots": 1,
    "event_bus.acknowledge": 1,
    "read_model.apply": 1,
    "audit_log.keep": 1,
    "deadlines.schedule": 1,
    "deadlines.cancel": 1,
    "event_bus.set_aside": 5,
    "event_reader.read": 5,
    "inbox.unseen": 5,
    "inbox.mark": 5,
    "notifier.notify": 5,
    "dead_letters.page": 5,
    "dead_letters.redrive": 20,
    "dead_letters.discard": 20,
}
"""How often a fault comes at a call, against the usual rate: where it does most, and where calls are rare."""


class Trouble:
    """Draws a fault for a call, and lets it happen before or after the call."""

    def __init__(
        self,
        rng: Random,
        weather: Weather,
        *,
        clock: FakeClock,
        turns: Turns,
        bus: InMemoryEventBus,
        log: InMemoryLog,
        diary: Diary,
    ) -> None:
        self._rng = rng
        self._weather = weather
        self._clock = clock
        self._turns = turns
        self._bus = bus
        self._log = log
        self._diary = diary
        self._left = weather.faults_max
        self._out_of_order_until_s: dict[str, float] = {}
        self._to_hand_out_twice: set[str] = set()
        self._handed_out: dict[str, list[Delivery]] = {}
        self._closed_until_s = 0.0

    def draw(self, name: str, runner: Runner) -> Fault | None:
        """Rarely two in a row by chance alone, so trouble attracts trouble."""
        rate = self._weather.fault_rate
        if runner.shaken:
            runner.shaken -= 1
            rate = SHAKEN_RATE if rate else rate
        else:
            rate *= DELICATE.get(name, ELSEWHERE)
        if self._turns.calm or not self._left or self._rng.random() >= rate:
            return None
        self._left -= 1
        runner.shaken = SHAKEN_CALLS
        fault = self._rng.choice(self._weather.faults)
        self._diary.note(runner.name, fault.value, f"({name})")
        return fault

    def store_is_away(self) -> bool:
        """Whether the event store answers nobody just now."""
        return self._out_of_order_until_s.get("event_store", 0.0) > self._clock.now_s()

    def open_warehouse(self) -> None:
        """What comes back is taken again."""
        self._closed_until_s = 0.0

    def look_at_warehouse(self, stream: object) -> None:
        """While it is closed compensation cannot give anything back, not even when all else is calm."""
        giving_back = stream == INVENTORY and self._turns.runner.group == STEPS[STOCK_COMPENSATION].group
        if giving_back and self._clock.now_s() < self._closed_until_s:
            raise RuntimeError(CLOSED)

    def before(self, name: str, fault: Fault | None) -> None:
        """Whatever of `fault` comes before the call."""
        if fault is None and not self._out_of_order_until_s:
            return
        port = name.partition(".")[0]
        match fault:
            case Fault.CRASH_BEFORE:
                raise Crash
            case Fault.NAP_BEFORE:
                self._nap()
            case Fault.REFUSED:
                raise Unavailable(f"{name} refuses")
            case Fault.OUTAGE:
                lasts_s = self._rng.choice(self._weather.outages_s(port))
                self._out_of_order_until_s[port] = self._clock.now_s() + lasts_s
            case Fault.GROUP_LOST:
                self._lose_group()
            case Fault.HANDED_OUT_TWICE:
                self._to_hand_out_twice.add(self._turns.runner.group)
            case Fault.CLOSED:
                lasts_s = self._rng.choice((FOR_EVER_S, FOR_EVER_S, *self._weather.moments_s()))
                self._closed_until_s = self._clock.now_s() + lasts_s
            case Fault.CLOCK_JUMP:
                self._clock.advance(self._rng.choice((-0.05, *self._weather.moments_s())))
            case _:
                pass
        if self._out_of_order_until_s.get(port, 0.0) > self._clock.now_s() and not self._turns.calm:
            raise Unavailable(f"{port} is out of order")

    def after(self, name: str, fault: Fault | None) -> None:
        """Whatever of `fault` comes after the call, which has had its effect."""
        if fault is None:
            return
        match fault:
            case Fault.CRASH_AFTER:
                raise Crash
            case Fault.NAP_AFTER:
                self._nap()
            case Fault.ANSWER_LOST:
                raise Unavailable(f"{name} answers to nobody")
            case _:
                pass

    def hand_out(self, group: str, deliveries: list[Delivery]) -> list[Delivery]:
        """At least once: what one consumer is handed, the next of its group may be handed as well."""
        again = self._handed_out.pop(group, [])
        if deliveries and group in self._to_hand_out_twice:
            self._to_hand_out_twice.remove(group)
            self._handed_out[group] = list(deliveries)
            self._turns.something_came()
        return [*deliveries, *again]

    def _nap(self) -> None:
        self._turns.sleep(self._rng.choice(self._weather.moments_s()))

    def _lose_group(self) -> None:
        group = self._rng.choice(SAGA).group
        self._bus.forget_group(CHECKOUTS, group)
        with_checkpoint = self._rng.random() < 0.5
        if with_checkpoint:
            self._log.stream(CHECKOUTS).checkpoints.pop(group, None)
        self._diary.note(group, "vanishes" + (" with its checkpoint" if with_checkpoint else ""))
