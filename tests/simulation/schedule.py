"""Run the schedule of one seed, and say what came of it."""

from collections.abc import Iterator
from functools import partial

import attrs

from application.events.streams import CHECKOUTS, INVENTORY
from tests.simulation.endings import check_endings
from tests.simulation.laws import NO_BUG, LawBroken
from tests.simulation.mending import mend
from tests.simulation.processes import enter_all
from tests.simulation.stories import entry_at
from tests.simulation.world import World


@attrs.frozen
class Outcome:
    """How the schedule of `seed` went; `broken` is None where every law held."""

    world: World
    broken: LawBroken | None

    @property
    def seed(self) -> int:
        return self.world.seed

    def report(self, *, short: bool = True) -> str:
        """What happened, for people."""
        return "\n".join(self._lines(short))

    def _lines(self, short: bool) -> Iterator[str]:
        world = self.world
        yield f"seed {self.seed}: {self.broken or 'every law held'}"
        yield f"weather: {world.weather}"
        yield "seconds, who, what (! marks what is no call of a port)"
        yield from world.diary.lines(short=short)
        for stream in (INVENTORY, CHECKOUTS):
            log = world.log.stream(stream)
            for entity, known in log.index.items():
                facts = sorted((version, position) for position, version in known.values())
                types = [entry.type for _, p in facts if (entry := entry_at(log, p))]
                yield f"{entity}: {' -> '.join(types)}"
        yield f"again: {command_for(self.seed)}"


def run(seed: int) -> Outcome:
    """The schedule of `seed`: the same each time."""
    world = World(seed)
    world.mend = partial(mend, world)
    try:
        enter_all(world)
        world.turns.relay.run()
        check_endings(world)
    except LawBroken as broken:
        return Outcome(world, broken)
    except AssertionError as error:
        return Outcome(world, LawBroken(NO_BUG, repr(error)))
    return Outcome(world, None)


def command_for(seed: int) -> str:
    """What runs this schedule alone."""
    return f"make soak RUNS=1 SEED={seed}"
