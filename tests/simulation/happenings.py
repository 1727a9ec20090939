"""What has happened in a schedule, by kind: told from its diary and its streams once it is over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, cast

import attrs

from application.events.streams import CHECKOUTS
from application.ports.delivery import Delivery
from application.ports.event_bus import Subscription
from application.ports.event_store import Conflict, Outcome, Transaction
from application.ports.positions import parse
from application.worker.policy import WorkerPolicy
from domain.checkout.events import CheckoutDeadlineExpired
from tests.simulation import coverage
from tests.simulation.diary import Note
from tests.simulation.stories import Story, stories
from tests.simulation.weather import Fault
from tests.simulation.world import World

FAULTS: Final = frozenset(fault.value for fault in Fault)
ATTEMPTS_MAX: Final = WorkerPolicy().unfinished_attempts_max


@attrs.define
class Hands:
    """Who held what, as far as the diary has been read. Keys are (group, position)."""

    holder: dict[tuple[str, str], str] = attrs.Factory(dict)
    newest: dict[str, tuple[int, int]] = attrs.Factory(lambda: defaultdict(lambda: (0, 0)))
    consumers: dict[str, set[str]] = attrs.Factory(lambda: defaultdict(set))
    forgiven: Counter[tuple[str, str]] = attrs.Factory(Counter)

    def take(self, who: Subscription, deliveries: Sequence[Delivery]) -> Iterator[str]:
        """`who` is handed these."""
        for delivery in deliveries:
            key, place = (who.group, delivery.position), parse(delivery.position)
            if self.holder.get(key, who.consumer) != who.consumer:
                yield coverage.TAKEN_OVER
            if place < self.newest[who.group]:
                yield coverage.REORDERED
            self.holder[key] = who.consumer
            self.newest[who.group] = max(place, self.newest[who.group])
            self.consumers[who.group].add(who.consumer)

    def let_go(self, who: Subscription, positions: Sequence[str]) -> Iterator[str]:
        """`who` says that it is done with these, or could not be."""
        if any(self.holder.get((who.group, p), who.consumer) != who.consumer for p in positions):
            yield coverage.ZOMBIE

    def forgive(self, who: Subscription, deliveries: Sequence[Delivery]) -> Iterator[str]:
        """An outage has cut the attempt of `who` at these short."""
        self.forgiven.update((who.group, delivery.position) for delivery in deliveries)
        yield from self.let_go(who, [delivery.position for delivery in deliveries])

    def in_all(self) -> Iterator[str]:
        """What can be told at the end."""
        for consumers in self.consumers.values():
            if len(consumers) > 1:
                yield coverage.SHARED
        if max(self.forgiven.values(), default=0) > ATTEMPTS_MAX:
            yield coverage.STORE_AWAY_LONG


def what_happened(world: World) -> Counter[str]:
    """Kind -> how often."""
    hands, told = Hands(), stories(world.log.stream(CHECKOUTS))
    happened = Counter(_of_streams(world, told.values()))
    for note in world.diary.notes:
        happened.update(_of_call(note, hands, told) if note.is_call else _of_trouble(note))
    happened.update(hands.in_all())
    return happened


def _of_trouble(note: Note) -> Iterator[str]:
    """A note that is no call: a fault with the call that it came at, or something in words."""
    if note.what not in FAULTS:
        return
    call = str(note.about[0]).strip("()")
    yield note.what
    yield coverage.at(note.what, call)
    if note.what == Fault.OUTAGE.value and call.startswith("event_store."):
        yield coverage.STORE_AWAY


def _of_call(note: Note, hands: Hands, told: Mapping[str, Story]) -> Iterator[str]:
    match note.what, note.about:
        case "event_bus.receive" | "event_bus.claim", (Subscription() as who, *_, deliveries):
            yield from hands.take(who, cast(list[Delivery], deliveries))
        case "event_bus.acknowledge", (Subscription() as who, positions, *_):
            yield from hands.let_go(who, cast(list[str], positions))
        case "event_bus.forgive", (Subscription() as who, deliveries, *_):
            yield from hands.forgive(who, cast(list[Delivery], deliveries))
        case "event_store.append", (_, transactions, outcomes):
            pairs = zip(cast(list[Transaction], transactions), cast(list[Outcome], outcomes), strict=True)
            for transaction, outcome in pairs:
                yield from _of_append(note.who, transaction, outcome, told)
        case "dead_letters.redrive", (*_, "redriven"):
            yield coverage.REDRIVEN
        case "dead_letters.discard", (*_, True):
            yield coverage.DISCARDED
        case _:
            pass


def _of_append(
    who: str, transaction: Transaction, outcome: Outcome, told: Mapping[str, Story]
) -> Iterator[str]:
    if isinstance(outcome, Conflict):
        yield coverage.CONFLICT
        (write, *_) = transaction
        is_late = any(isinstance(new.event, CheckoutDeadlineExpired) for new in write.events)
        story = told.get(write.entity)
        if is_late or (story and story.expired_after(write.expected_version)):
            yield coverage.RACE
    elif who.startswith("operator"):
        yield coverage.INTERVENED


def _of_streams(world: World, told: Iterable[Story]) -> Iterator[str]:
    log = world.log.stream(CHECKOUTS)
    yield from [coverage.FOREIGN] * len(world.foreign)
    yield from [coverage.MALFORMED] * len(world.watch.malformed)
    yield from [coverage.SET_ASIDE] * len(log.dead_letters)
    for story in told:
        for entry in story.entries:
            match entry.type:
                case "CheckoutDeadlineExpired":
                    yield coverage.EXPIRED
                case "DeadlinePostponed":
                    yield coverage.POSTPONED if "expires_at" in entry.payload else coverage.LIFTED
                case "CompensationFailed":
                    yield coverage.STUCK
        stuck = story.turn_to("stuck")
        if stuck and any(e.type in coverage.BY_HAND for e in story.entries[story.entries.index(stuck) :]):
            yield coverage.SEEN_TO
