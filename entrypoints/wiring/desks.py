"""What callers ask for, over HTTP and on the command line."""

import structlog
from dependency_injector import providers

from adapters.group_commit import GroupCommit
from adapters.telemetry.told_errors import told
from application.calls.settle_doubts import CallDesk
from application.events.streams import CHECKOUTS
from application.live.live import Live, LiveLimits
from application.live.tail import TailLimits
from application.ports.errors import Unavailable
from application.questions.explain_checkout import CheckoutExplainer
from application.questions.find_stuck import StuckFinder
from application.questions.list_events import EventLister
from application.questions.replay_checkout import CheckoutReplayer
from application.questions.show_orders import OrderBook
from application.questions.show_stock import StockRoom
from application.requests.intervene import CheckoutDesk
from application.requests.mend_dead_letters import DeadLetterDesk
from application.requests.receive_stock import StockReceiver
from application.requests.start_checkout import CheckoutStarter
from entrypoints.wiring.later import Later
from entrypoints.wiring.ports import Ports


def _log_trouble(error: Unavailable) -> None:
    structlog.get_logger(__name__).warning("events not read", error=told(error))


class Desks(Ports):
    """The use cases on the ports."""

    starting_store = providers.Singleton(GroupCommit, Ports.event_store, CHECKOUTS)
    heartbeats = providers.Selector(
        Ports.backend,
        redis=providers.Singleton(Later("adapters.redis_streams.heartbeats:RedisHeartbeats"), Ports.redis),
        memory=Ports.memory.provided.heartbeats,
    )
    starter = providers.Factory(CheckoutStarter, starting_store)
    receiver = providers.Factory(StockReceiver, Ports.event_store)
    replayer = providers.Factory(CheckoutReplayer, Ports.event_reader)
    lister = providers.Factory(EventLister, Ports.event_reader)
    orders = providers.Factory(OrderBook, Ports.event_reader, Ports.read_model)
    orders_rebuilder = providers.Factory(
        Later("application.requests.rebuild_orders:OrdersRebuilder"),
        Ports.event_reader,
        providers.Selector(
            Ports.backend,
            redis=providers.Singleton(
                Later("adapters.redis_streams.read_model_editions:RedisReadModelEditions"), Ports.redis
            ),
            memory=Ports.read_model,
        ),
    )
    stock = providers.Factory(StockRoom, Ports.event_reader)
    new_live = providers.Factory(
        Live,
        feed=Ports.event_feed,
        progress=Ports.group_progress,
        replayer=replayer,
        limits=providers.Factory(
            LiveLimits,
            tail=providers.Factory(
                TailLimits,
                block_ms=Ports.settings.provided.tail_block_ms,
                linger_ms=Ports.settings.provided.tail_linger_ms,
                kept_entries=Ports.settings.provided.tail_kept,
            ),
            handing_out_per_s=Ports.settings.provided.follow_sends_per_s,
            reading_again_per_s=Ports.settings.provided.follow_again_per_s,
        ),
        on_trouble=providers.Object(_log_trouble),
    )
    live = providers.Singleton(new_live)
    checkout_desk = providers.Factory(CheckoutDesk, Ports.event_store)
    explainer = providers.Factory(
        CheckoutExplainer,
        replayer,
        Ports.event_reader,
        Ports.group_progress,
        Ports.dead_letters,
    )
    stuck_finder = providers.Factory(
        StuckFinder,
        Ports.event_reader,
        Ports.open_checkouts,
        Ports.dead_letters,
        Ports.group_progress,
        Ports.clock,
    )
    dead_letter_desk = providers.Factory(DeadLetterDesk, Ports.dead_letters, Ports.clock)
    call_desk = providers.Factory(CallDesk, Ports.event_store, Ports.doubts)
    verifier = providers.Factory(
        Later("application.verify.verifier:Verifier"),
        Ports.event_reader,
        Ports.group_progress,
        Ports.read_model,
        Ports.open_checkouts,
    )
