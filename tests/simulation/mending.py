"""The operator at the end of the day: whatever waits for a person is seen to, once."""

from random import Random

from adapters.inmemory.dead_letters import InMemoryDeadLetters
from adapters.inmemory.group_progress import InMemoryGroupProgress
from application.events.streams import CHECKOUTS
from application.ports.dead_letters import Wanted
from application.questions.find_stuck import StuckFinder
from application.requests.intervene import CheckoutDesk
from application.requests.mend_dead_letters import DeadLetterDesk
from domain.checkout.commands import (
    Cancel,
    ForceCompensation,
    Intervene,
    PostponeDeadline,
    Resolve,
    RetryStep,
)
from domain.checkout.evolving import OPERATOR
from tests.simulation.laws import STUCK_SHOWN, hold
from tests.simulation.stories import stories
from tests.simulation.watch import NEVER_S, ROWS_MAX
from tests.simulation.world import World

SAID = {"actor": "operator", "reason": "seen to"}


def mend(world: World) -> bool:
    """See to what is stuck, to what has all the time it needs, and to the dead letters; whether there was
    anything of the kind. What came back from customers is taken back from now on."""
    world.trouble.open_warehouse()
    told = stories(world.log.stream(CHECKOUTS))
    stuck = [id_ for id_, story in told.items() if story.state == "stuck"]
    they_are_shown(world, stuck)
    acts: dict[str, Intervene] = {id_: act for id_ in stuck if (act := _end_of_being_stuck(world.rng))}
    for id_, story in told.items():
        if story.state in {"initiated", "stock held", "ordered"} and world.watch.due_s[id_] == NEVER_S:
            acts[id_] = _end_of_patience(world.rng, world.clock.now_s())
    desk = CheckoutDesk(world.store, new_id=lambda: world.rng.randbytes(8).hex())
    for id_, act in acts.items():
        desk.intervene(id_, act)
        world.diary.note("operator", f"sees to {id_} in the end: {type(act).__name__}")
    return bool(acts) | _mend_dead_letters(world)


def they_are_shown(world: World, stuck: list[str]) -> None:
    """Check that a person who asks what is stuck is told of these."""
    if stuck:
        dead_letters = InMemoryDeadLetters(world.log)
        progress = InMemoryGroupProgress(world.log)
        finder = StuckFinder(world.store, world.open_checkouts, dead_letters, progress, world.clock)
        shown = {found.view.checkout_id: found for found in finder.older_than(0.0, count=ROWS_MAX)[0]}
        for id_ in stuck:
            waits_for = shown[id_].next.worker if id_ in shown else None
            hold(STUCK_SHOWN, waits_for == OPERATOR, f"{id_} is stuck, and is shown to wait for {waits_for}")


def _end_of_being_stuck(rng: Random) -> Intervene | None:
    """None: its dead letter will be handed out again."""
    return rng.choice((RetryStep(**SAID), ForceCompensation(**SAID), Resolve(**SAID), None))


def _end_of_patience(rng: Random, now_s: float) -> Intervene:
    now = PostponeDeadline(**SAID, expires_at_s=now_s)
    return rng.choice((Cancel(**SAID), ForceCompensation(**SAID), Resolve(**SAID), now))


def _mend_dead_letters(world: World) -> bool:
    """Discard some of what will never make sense, and hand out the others again."""
    desk = DeadLetterDesk(InMemoryDeadLetters(world.log), world.clock)
    kept, _ = desk.page(Wanted(), count=ROWS_MAX)
    for letter in kept:
        if letter.position in world.watch.malformed and world.rng.random() < 0.3:
            desk.discard(letter.id, actor="operator", reason="nonsense")
    redriven = desk.redrive_all(Wanted(), actor="operator")
    world.diary.note("operator", f"hands out {len(redriven)} dead letters again")
    return bool(redriven)
