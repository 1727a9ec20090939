"""Who takes part: consumers, shoppers, the warehouse, an operator, another program, and a vandal.

Each is a plain function that a runner does; it blocks, sleeps and dies like a process of its own.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Final

from adapters.inmemory.event_bus import fields_of
from application.ports.dead_letters import Wanted
from application.ports.errors import Unavailable
from application.requests.mend_dead_letters import DeadLetterDesk
from domain.cart import Cart
from domain.checkout.commands import (
    Cancel,
    ForceCompensation,
    Intervene,
    PostponeDeadline,
    Resolve,
    RetryStep,
)
from domain.checkout.saga import STEPS
from domain.errors import DomainError
from tests.shop import cart_of
from tests.simulation.baton import Runner
from tests.simulation.laws import SAME_ANSWER, hold
from tests.simulation.ports import Crash
from tests.simulation.world import World

CLIENTS: Final = ("client-1", "client-2")
TRIES_MAX: Final = 6
LOOK_S: Final = 20.0  # between two looks at what an outage has cut short
LONG_AGO_S: Final = 86_400 * 365
MALFORMED: Final[tuple[Mapping[str, str | bytes], ...]] = (
    {"type": "CheckoutInitiated", "payload": "{not json"},
    {"type": "CheckoutInitiated", "payload": '["a list"]'},
    {"type": "CheckoutInitiated", "payload": '{"checkout_id": "m-1", "client_id": "client-1"}'},
    {"type": "StockReserved"},
    {"type": "StockReserved", "payload": b"\xff\xfe"},
    {"type": "CheckoutSucceeded", "payload": '{"checkout_id": "m-2"}'},
    {"type": "CheckoutFailed", "payload": '{"checkout_id": "", "reason": "an id of no characters"}'},
    {"type": "OrderCreationFailed", "payload": "{}", "schema": "99"},
    {"type": "Unheard-of", "payload": "{}"},
    {"payload": '{"checkout_id": "m-3"}'},
)


def enter_all(world: World) -> None:
    """Send everybody in."""
    for produit_id, units in world.weather.stock.items():
        if units:
            world.container.receiver().receive(produit_id=produit_id, units=units, key=f"first {produit_id}")
    for worker, count in world.weather.consumers.items():
        for number in range(count):
            _enter(
                world,
                f"{worker}-{number}",
                partial(consume, world, worker, f"c-{number}"),
                group=STEPS[worker].group,
            )
    visits = {"shopper": world.weather.checkouts, **world.weather.visits}
    for kind, count in visits.items():
        for number in range(count):
            _enter(
                world,
                f"{kind} {number}",
                partial(VISITORS[kind], world, number),
                later_s=world.rng.random() * world.weather.arrivals_s,
            )


def _enter(
    world: World, name: str, work: Callable[[], None], *, later_s: float = 0.0, group: str = ""
) -> None:
    world.turns.relay.enter(Runner(name, world.clock.now_s() + later_s, group), work)


def consume(world: World, worker: str, consumer: str) -> None:
    """A process of `worker`, started again whenever it has died: as before, or under another name."""
    group, life, turns = STEPS[worker].group, 0, 0

    def stopped() -> bool:
        nonlocal turns
        turns += 1
        if turns > 1 and not world.turns.closing and not world.something_waits(group):
            if world.trouble.store_is_away() and world.something_is_pending(group):
                world.turns.sleep(LOOK_S)
            else:
                world.turns.rest()
        return world.turns.closing

    while not world.turns.closing:
        turns = 0
        try:
            world.worker(worker, consumer).run(stopped, world.turns.sleep)
        except Crash:
            life += 1
            if world.rng.random() < 0.3:
                consumer = f"{consumer.partition('.')[0]}.{life}"
            world.turns.sleep(world.rng.choice((0.0, *world.weather.moments_s())))
            world.diary.note(f"{worker} {consumer}", "starts again")


def shop(world: World, number: int) -> None:
    """A shopper, who asks again with the same key until there is an answer, and sometimes after that."""
    key = f"key-{number}" if world.rng.random() < 0.8 else None
    cart, client_id = some_cart(world, world.rng), world.rng.choice(CLIENTS)
    answers = set()
    for _ in range(TRIES_MAX):
        try:
            starter = world.container.starter(random_bytes=world.rng.randbytes)
            answers.add(starter.start(client_id=client_id, cart=cart, key=key).checkout_id)
        except (Unavailable, Crash):
            world.turns.sleep(world.rng.choice(world.weather.moments_s()))
        else:
            world.accepted |= answers
            if world.rng.random() < 0.6:
                break
        if key is None:
            break
    hold(SAME_ANSWER, len(answers) <= 1, f"{key} is {sorted(answers)}")


def receive_stock(world: World, number: int) -> None:
    """The warehouse, which sends a receipt again until it is sure that it has arrived."""
    produit_id = world.rng.choice(list(world.weather.stock))
    units = world.rng.randint(1, 4)
    for _ in range(TRIES_MAX):
        try:
            world.container.receiver().receive(produit_id=produit_id, units=units, key=f"receipt-{number}")
        except (Unavailable, Crash):
            world.turns.sleep(0.1)
        else:
            break


def write_facts(world: World, number: int) -> None:
    """Another program: it starts a checkout of its own, and takes some step's place for it or for ours."""
    rng = world.rng
    ours = [*world.watch.started_s]
    checkout_id = rng.choice(ours) if ours and rng.random() < 0.5 else f"f-{rng.randint(1, 2)}"
    cart = some_cart(world, Random(f"{world.seed} {checkout_id}"))
    start = {
        "panier": {"produits": [{"produit_id": p, "quantite": n} for p, n in cart.units_by_product().items()]}
    }
    facts: list[tuple[str, Mapping[str, object]]] = [
        ("StockReserved", start),
        ("StockReservationFailed", {"reason": "the other shop has none"}),
        ("OrderCreated", {"commande_id": f"x-{checkout_id}", "total": 1}),
        ("OrderCreationFailed", {"reason": "the other till is shut"}),
        ("CheckoutSucceeded", {"commande_id": f"x-{checkout_id}"}),
        ("CheckoutFailed", {"reason": "the other shop gave up"}),
        ("StockReleased", {}),
    ]
    order_and_end = [facts[2], facts[4]]  # as our own step writes them
    at_once = rng.random() < 0.25
    written = order_and_end if at_once else rng.sample(facts, rng.randint(0, 2))
    if checkout_id.startswith("f-"):
        written.insert(rng.randint(0, len(written)), ("CheckoutInitiated", start))
    for type_name, payload in written:
        known = {"checkout_id": checkout_id, "client_id": CLIENTS[0]}
        fields = fields_of(
            type=type_name,
            payload=json.dumps(known | dict(payload)),
            ts=str(world.clock.now_s() - rng.choice((0, LONG_AGO_S))),
        )
        world.foreign.add(world.write("another program", fields))
        if not at_once:
            world.turns.sleep(rng.choice((0.0, 0.02, 0.2)))


def intervene(world: World, number: int) -> None:
    """An operator, who stops a checkout, gives it time or another try, or sees to dead letters."""
    rng = world.rng
    for _ in range(rng.randint(1, 3)):
        known = [*world.watch.started_s]
        with contextlib.suppress(Unavailable, Crash, DomainError):
            if known and rng.random() < 0.7:
                desk = world.container.checkout_desk(new_id=lambda: rng.randbytes(8).hex())
                desk.intervene(rng.choice(known), some_act(world))
            else:
                see_to_dead_letters(world, world.container.dead_letter_desk())
        world.turns.sleep(rng.choice(world.weather.moments_s()))


def some_act(world: World) -> Intervene:
    """Anything that an operator may ask for."""
    said = {"actor": "operator", "reason": "asked for"}
    expires_at_s = world.clock.now_s() + world.rng.choice(world.weather.moments_s())
    return world.rng.choice(
        (
            Cancel(**said),
            RetryStep(**said),
            ForceCompensation(**said),
            Resolve(**said),
            PostponeDeadline(**said, expires_at_s=expires_at_s),
            PostponeDeadline(**said, expires_at_s=None),
        )
    )


def see_to_dead_letters(world: World, desk: DeadLetterDesk) -> None:
    """Let one be that can make no sense, or hand out all of them again."""
    kept, _ = desk.page(Wanted(), count=100)
    nonsense = [letter.id for letter in kept if letter.position in world.watch.malformed]
    if nonsense and world.rng.random() < 0.5:
        desk.discard(nonsense[0], actor="operator", reason="nonsense")
    else:
        desk.redrive_all(Wanted(), actor="operator")


def vandalize(world: World, number: int) -> None:
    """Somebody who writes what is no event."""
    for _ in range(world.rng.randint(1, 3)):
        position = world.write("vandal", fields_of(**world.rng.choice(MALFORMED)))
        world.watch.malformed.add(position)
        world.turns.sleep(0.01)


def some_cart(world: World, rng: Random) -> Cart:
    """One to three products, one of them perhaps unknown, at a price that may be too much in all."""
    products = [*world.weather.stock, "p-unknown"] if rng.random() < 0.1 else list(world.weather.stock)
    chosen = rng.sample(products, rng.randint(1, min(3, len(products))))
    return cart_of(
        {produit_id: rng.randint(1, 2) for produit_id in chosen}, unit_price=rng.choice(("10", "25"))
    )


VISITORS: Final[Mapping[str, Callable[[World, int], None]]] = {
    "shopper": shop,
    "warehouse": receive_stock,
    "another program": write_facts,
    "operator": intervene,
    "vandal": vandalize,
}
