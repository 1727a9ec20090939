"""Every adapter of a server, and everything that may be asked of each."""

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.telemetry import RecordingTelemetry
from adapters.redis_streams.client import Client
from adapters.redis_streams.dead_letters import RedisDeadLetters
from adapters.redis_streams.deadlines import RedisDeadlines
from adapters.redis_streams.event_bus import RedisEventBus
from adapters.redis_streams.event_feed import RedisEventFeed
from adapters.redis_streams.event_store import RedisEventStore
from adapters.redis_streams.group_progress import RedisGroupProgress
from adapters.redis_streams.inbox import RedisInbox
from adapters.redis_streams.open_checkouts import RedisOpenCheckouts
from adapters.redis_streams.read_model import RedisReadModel
from adapters.redis_streams.read_model_editions import RedisReadModelEditions
from application.events.streams import CHECKOUTS, INVENTORY
from application.ports.dead_letters import Decision, Wanted
from application.ports.delivery import Delivery
from domain.inventory.stock_item import StockItem
from tests.contracts.consumers import ONE
from tests.contracts.event_bus_setting_aside import WHY
from tests.contracts.facts import CHECKOUT, CLIENT, PRODUCT, at, initiated, received, start_by_another_program
from tests.contracts.read_model import created, failed

POSITION = "1700000000000-0"
ANOTHER = attrs.evolve(ONE, group="group-of-the-dead-letter")
DECISION = Decision(actor="ada", reason="it is right now", at_s=1e9)


@attrs.frozen
class AllPorts:
    """The adapters of one client, and a foreign start that consumer one holds, unopened."""

    store: RedisEventStore
    bus: RedisEventBus
    read_model: RedisReadModel
    deadlines: RedisDeadlines
    inbox: RedisInbox
    open_checkouts: RedisOpenCheckouts
    dead_letters: RedisDeadLetters
    feed: RedisEventFeed
    progress: RedisGroupProgress
    editions: RedisReadModelEditions
    dead_letter: str
    delivery: Delivery

    @classmethod
    def of(cls, client: Client) -> "AllPorts":
        store = RedisEventStore(client, FakeClock())
        bus = RedisEventBus(client, RecordingTelemetry())
        client.xadd(CHECKOUTS, dict(start_by_another_program("foreign")))  # type: ignore[arg-type]
        bus.join(ONE)
        (delivery,) = bus.receive(ONE, count=1, block_ms=0)
        client.xgroup_createconsumer(CHECKOUTS, ONE.group, "gone")
        read_model = RedisReadModel(client)
        read_model.apply([created()])
        return cls(
            store,
            bus,
            read_model,
            RedisDeadlines(client),
            RedisInbox(client),
            RedisOpenCheckouts(client),
            RedisDeadLetters(client),
            RedisEventFeed(client),
            RedisGroupProgress(client),
            RedisReadModelEditions(client),
            _dead_letter(client, bus),
            delivery,
        )


def _dead_letter(client: Client, bus: RedisEventBus) -> str:
    """Set the foreign start aside for another group; the id of the dead letter."""
    bus.join(ANOTHER)
    (delivery,) = bus.receive(ANOTHER, count=1, block_ms=0)
    bus.set_aside(ANOTHER, delivery, WHY)
    (kept,), _ = RedisDeadLetters(client).page(CHECKOUTS, Wanted(), count=1)
    return kept.id


Ask = Callable[[AllPorts], object]

READS: Final[Mapping[str, Ask]] = {
    "read": lambda ports: ports.store.read(CHECKOUTS, [CHECKOUT]),
    "versions": lambda ports: ports.store.versions(CHECKOUTS, [CHECKOUT]),
    "snapshots": lambda ports: ports.store.snapshots(INVENTORY, [PRODUCT]),
    "known_entities": lambda ports: ports.store.known_entities(INVENTORY, count=10),
    "find": lambda ports: ports.store.find(CHECKOUTS, [(CHECKOUT, "initiated")]),
    "page": lambda ports: ports.store.page(CHECKOUTS, count=10),
    "pending": lambda ports: ports.bus.pending(ONE, count=10),
    "backlog": lambda ports: ports.bus.backlog(ONE),
    "orders_of": lambda ports: ports.read_model.orders_of(CLIENT, count=10),
    "checkout_of": lambda ports: ports.read_model.checkout_of("o-1"),
    "due": lambda ports: ports.deadlines.due(2e9, count=10),
    "upcoming": lambda ports: ports.deadlines.upcoming(count=10),
    "oldest": lambda ports: ports.open_checkouts.oldest(count=10),
    "count": lambda ports: ports.open_checkouts.count(),
    "dead letters": lambda ports: ports.dead_letters.page(CHECKOUTS, Wanted(), count=10),
    "dead letter": lambda ports: ports.dead_letters.get(CHECKOUTS, ports.dead_letter),
    "feed": lambda ports: ports.feed.read(CHECKOUTS, after="0-0", count=1, block_ms=0),
    "end": lambda ports: ports.feed.end(CHECKOUTS),
    "progress": lambda ports: ports.progress.has_handled(CHECKOUTS, ONE.group, POSITION),
    "places": lambda ports: ports.progress.places(CHECKOUTS),
    "tidy": lambda ports: ports.editions.tidy(),  # there is nothing to delete
    "unseen": lambda ports: ports.inbox.unseen(ONE.group, [POSITION]),
}
MOVES: Final[Mapping[str, Ask]] = {
    "receive": lambda ports: ports.bus.receive(ONE, count=1, block_ms=0),
    "claim": lambda ports: ports.bus.claim(ONE, [ports.delivery.position], min_idle_ms=0),
    "forgive": lambda ports: ports.bus.forgive(ONE, [ports.delivery]),
    "acknowledge": lambda ports: ports.bus.acknowledge(ONE, [ports.delivery.position]),
    "cancel": lambda ports: ports.deadlines.cancel([CHECKOUT]),
    "ended": lambda ports: ports.open_checkouts.ended([CHECKOUT]),
    "redrive": lambda ports: ports.dead_letters.redrive(CHECKOUTS, ports.dead_letter, DECISION),
    "forget_idle_consumers": lambda ports: ports.bus.forget_idle_consumers(ONE, 0),
}
"""What changes something and needs no memory for it."""

WRITES: Final[Mapping[str, Ask]] = {
    "append": lambda ports: ports.store.append(
        INVENTORY,
        [(at(0, received(), snapshot=StockItem(units_received=10)), at(0, received("produit-2")))],
    ),
    "open": lambda ports: ports.delivery.open(),
    "join": lambda ports: ports.bus.join(attrs.evolve(ONE, group="another")),
    "set_aside": lambda ports: ports.bus.set_aside(ONE, ports.delivery, WHY),
    "save_checkpoint": lambda ports: ports.bus.save_checkpoint(ONE),
    "apply": lambda ports: ports.read_model.apply([created(2)]),
    "begin": lambda ports: ports.editions.begin(),
    "schedule": lambda ports: ports.deadlines.schedule({CHECKOUT: 1e9}),
    "opened": lambda ports: ports.open_checkouts.opened({CHECKOUT: 1e9}),
    "discard": lambda ports: ports.dead_letters.discard(CHECKOUTS, ports.dead_letter, DECISION),
    "mark": lambda ports: ports.inbox.mark(ONE.group, [POSITION]),
}
ANYTHING: Final[Mapping[str, Ask]] = {
    **READS,
    **MOVES,
    **WRITES,
    "apply over": lambda ports: ports.read_model.apply([failed()]),
    "append start": lambda ports: ports.store.append(CHECKOUTS, [(at(0, initiated()),)]),
}
