"""Existing services under many schedules: faults, deaths, races, deadlines and doubts, drawn from a seed."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from adapters.inmemory.existing_services import Fault
from application.ports.errors import Unavailable
from domain.checkout import saga
from domain.checkout.commands import Cancel
from domain.errors import CheckoutEnded
from tests.ended_elsewhere import run_to_the_end
from tests.interruptions import Crash, InterruptedStore, crash, worker_on
from tests.shop_elsewhere import START, ShopElsewhere
from tests.simulation.laws import NO_BUG, LawBroken
from tests.simulation.laws_elsewhere import check_elsewhere, effects_of

STEPS: Final = (saga.STOCK_RESERVATION, saga.ORDER_CREATION, saga.STOCK_COMPENSATION)
FAULTS: Final[tuple[Fault, ...]] = ("refuse", "not-reached", "lost-after", "lost-before", "circuit-open")


class Schedule:
    """Some checkouts, two consumers of each step, and trouble at any call of the store or of a service."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        random.seed(seed)  # the worker's jitter
        self.shop = ShopElsewhere(services_repeatable=self.rng.random() < 0.3)
        self.trouble = self.rng.choice([0.0, 0.02, 0.06])
        self.depth = 0
        self.workers = {(name, n): self._worker(name, n) for name in STEPS for n in (1, 2)}
        for service in (self.shop.inventory, self.shop.sales):
            service.before_answer = self._in_the_middle
        self.checkouts: list[str] = []
        self.happened: Counter[str] = Counter()

    def run(self) -> None:
        for _ in range(60):
            if len(self.checkouts) < 4 and self.rng.random() < 0.4:
                self.checkouts.append(self.shop.start(self._cart(), key=f"k-{len(self.checkouts)}"))
            if self.rng.random() < self.trouble * 4:
                service = self.rng.choice([self.shop.inventory, self.shop.sales])
                fault = self.rng.choice(FAULTS)
                self.happened[f"a service is to answer: {fault}"] += 1
                service.faults.append(fault)
            if self.checkouts and self.rng.random() < 0.03:
                self._cancel(self.rng.choice(self.checkouts))
            self._somebody_goes_on()
        self.trouble = 0.0
        for service in (self.shop.inventory, self.shop.sales):
            service.faults.clear()
        run_to_the_end(self.shop, *self.checkouts)

    def _cart(self) -> dict[str, int]:
        products = self.rng.sample(sorted(START), self.rng.randint(1, 3))
        return {product: self.rng.randint(1, 4) for product in products}

    def _cancel(self, checkout: str) -> None:
        try:
            self.shop.container.checkout_desk().intervene(
                checkout, Cancel(actor="a", reason="changed my mind")
            )
            self.happened["an operator cancels"] += 1
        except CheckoutEnded:
            return

    def _worker(self, name: str, number: int):  # type: ignore[no-untyped-def]  # a Worker
        store = InterruptedStore(self.shop.store, lambda _: False)
        store._moment = lambda *_: self._at_the_store()  # type: ignore[method-assign]  # at every moment
        return worker_on(self.shop, name, consumer=f"c-{number}", store=store)

    def _at_the_store(self) -> None:
        if self.rng.random() < self.trouble:
            self._goes_wrong([crash, self._lose, self._nap, self._others_go_on], "at the store")

    def _in_the_middle(self) -> None:
        if self.rng.random() < self.trouble * 3:
            self._goes_wrong([crash, self._nap, self._others_go_on], "in the middle of a call")

    def _goes_wrong(self, ways: Sequence[Callable[[], None]], where: str) -> None:
        way = self.rng.choice(ways)
        self.happened[f"{way.__name__.strip('_').replace('_', ' ')} {where}"] += 1
        way()

    def _lose(self) -> None:
        raise Unavailable("connection reset")

    def _nap(self) -> None:
        self.shop.clock.advance(self.rng.choice([0.5, 3.0, 10.0, 31.0]))
        self._others_go_on()

    def _others_go_on(self) -> None:
        if self.depth < 3:
            self.depth += 1
            try:
                for _ in range(self.rng.randint(1, 4)):
                    self._somebody_goes_on()
            finally:
                self.depth -= 1

    def _somebody_goes_on(self) -> None:
        """Of those who are not in the middle of something themselves."""
        self.shop.clock.advance(self.rng.choice([0.1, 1.0, 5.0, 35.0, 200.0]) * self.rng.random())
        if self.rng.random() < 0.2:
            self.shop.workers[saga.DEADLINE].turn()
            return
        idle = sorted(key for key, worker in self.workers.items() if worker is not None)
        if not idle:
            return
        key = self.rng.choice(idle)
        worker, self.workers[key] = self.workers[key], None
        try:
            worker.turn()
        except Crash:
            worker = self._worker(*key)
        except Unavailable:
            pass
        self.workers[key] = worker


@attrs.frozen
class Outcome:
    """How the schedule of `seed` went; `broken` is None where every law held."""

    seed: int
    schedule: Schedule
    broken: LawBroken | None

    def report(self, *, short: bool = True) -> str:
        """The facts and the calls of every checkout; with `short=False` also all that the services did."""
        shop, lines = self.schedule.shop, [f"seed {self.seed}: {self.broken or 'every law held'}"]
        for checkout in self.schedule.checkouts:
            lines.append(f"{checkout}: {' -> '.join(shop.facts(checkout))}")
            lines += [f"  {call}: {standing}" for call, standing in shop.calls(checkout).items()]
        if not short:
            lines += [repr(effect) for effect in effects_of(shop)]
        return "\n".join([*lines, f"again: make soak EXISTING=1 RUNS=1 SEED={self.seed}"])

    @property
    def happened(self) -> Counter[str]:
        """How often each kind of trouble came, and how many checkouts ended which way."""
        shop = self.schedule.shop
        ends = (shop.replay(checkout).view.status for checkout in self.schedule.checkouts)
        return self.schedule.happened + Counter(f"a checkout has {end}" for end in ends)


def run(seed: int) -> Outcome:
    """The schedule of `seed`: the same each time."""
    schedule = Schedule(seed)
    try:
        schedule.run()
        check_elsewhere(schedule.shop, *schedule.checkouts)
    except LawBroken as broken:
        return Outcome(seed, schedule, broken)
    except AssertionError as error:
        return Outcome(seed, schedule, LawBroken(NO_BUG, repr(error)))
    return Outcome(seed, schedule, None)
