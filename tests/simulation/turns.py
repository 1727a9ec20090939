"""Whose turn it is, and how time passes.

First come stormy rounds, in which faults happen, then calm ones, until nothing is left to do. A round is
over when everybody waits for something; then time jumps.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from adapters.inmemory.clock import FakeClock
from tests.simulation.baton import Relay, Runner
from tests.simulation.weather import Weather

NEVER_S: Final = float("inf")
CALM_ROUNDS_MAX: Final = 30


class Turns:
    """`time_jumps` is told of each jump, `is_over` asked whether it was the last."""

    def __init__(
        self,
        rng: Random,
        weather: Weather,
        clock: FakeClock,
        *,
        time_jumps: Callable[[float], None],
        is_over: Callable[[], bool],
    ) -> None:
        self._rng = rng
        self._weather = weather
        self._clock = clock
        self._time_jumps = time_jumps
        self._is_over = is_over
        self._calm_jump_s = weather.deadline_s * 1.1 + weather.claim_idle_s * 1.1 + 4.0
        self._stormy_rounds = 0
        self._calm_rounds = 0
        self.relay = Relay(self._choose)
        self.closing = False

    @property
    def runner(self) -> Runner:
        """The one whose turn it is."""
        assert self.relay.current is not None
        return self.relay.current

    @property
    def calm(self) -> bool:
        """Nothing goes wrong any more."""
        return self._calm_rounds > 0

    def sleep(self, seconds: float) -> None:
        """The runner does nothing for that long."""
        self.runner.wakes_s = self._clock.now_s() + seconds
        self.relay.give_way()

    def rest(self) -> None:
        """The runner, a consumer, does nothing until something comes or time jumps."""
        self.runner.idle = True
        self.sleep(NEVER_S)
        self.runner.idle = False

    def something_came(self) -> None:
        """Wake one idle consumer of each group, or more: of two that wait, only one is served."""
        now_s, called = self._clock.now_s(), dict[str, Runner]()
        for runner in self.relay.runners:
            if runner.idle and (runner.group not in called or self._rng.random() < 0.5):
                called[runner.group] = runner
        for runner in called.values():
            runner.wakes_s = min(runner.wakes_s, now_s + self._rng.choice((0.0, 0.005, 0.05)))

    def _choose(self) -> Runner | None:
        runners = self.relay.runners
        while runners:
            now_s = self._clock.now_s()
            awake = [runner for runner in runners if runner.wakes_s <= now_s]
            if awake:
                return self._rng.choice(awake)
            next_s = min(runner.wakes_s for runner in runners)
            if next_s < NEVER_S:
                self._clock.now = next_s
            else:
                self._next_round()
        return None

    def _next_round(self) -> None:
        if self._stormy_rounds < self._weather.stormy_rounds:
            self._stormy_rounds += 1
            jump_s = self._rng.choice(self._weather.moments_s())
        else:
            self._calm_rounds += 1
            enough = self._calm_rounds > 1 and self._is_over()
            self.closing = enough or self._calm_rounds > CALM_ROUNDS_MAX
            jump_s = self._calm_jump_s
        self._time_jumps(jump_s)
        self._clock.advance(jump_s)
        for runner in self.relay.runners:
            runner.wakes_s = self._clock.now_s()
