"""The one place where ports meet adapters.

`backend` is "redis" in production and "memory" for tests and for a quick look. Anything may be
overridden, as tests do with the clock.
"""

import socket
from collections.abc import Callable

from dependency_injector import containers, providers
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from adapters.audit.ndjson_file import NdjsonAuditLog
from adapters.codec.envelope import EnvelopeCodec
from adapters.inmemory.audit_log import InMemoryAuditLog
from adapters.inmemory.dead_letters import InMemoryDeadLetters
from adapters.inmemory.deadlines import InMemoryDeadlines
from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.inbox import InMemoryInbox
from adapters.inmemory.log import InMemoryLog
from adapters.inmemory.open_checkouts import InMemoryOpenCheckouts
from adapters.inmemory.read_model import InMemoryReadModel
from adapters.inmemory.readiness import InMemoryReadiness
from adapters.notification.log_notifier import LogNotifier
from adapters.redis_streams.connection import connect
from adapters.redis_streams.dead_letters import RedisDeadLetters
from adapters.redis_streams.deadlines import RedisDeadlines
from adapters.redis_streams.durability import Copies
from adapters.redis_streams.event_bus import RedisEventBus
from adapters.redis_streams.event_reader import RedisEventReader
from adapters.redis_streams.event_store import RedisEventStore
from adapters.redis_streams.inbox import RedisInbox
from adapters.redis_streams.open_checkouts import RedisOpenCheckouts
from adapters.redis_streams.read_model import RedisReadModel
from adapters.redis_streams.readiness import RedisReadiness
from adapters.system_clock import SystemClock
from adapters.telemetry.durability import DurabilityGauges
from adapters.telemetry.logging import LoggingTelemetry
from adapters.telemetry.metered_store import MeteredEventStore
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.open_checkouts import OpenCheckoutGauges
from adapters.telemetry.prometheus import PrometheusTelemetry
from adapters.telemetry.several import SeveralTelemetries
from application.compensate import Compensate
from application.create_order import CreateOrder
from application.expire_checkout import ExpireCheckout
from application.find_stuck import StuckFinder
from application.handler import Handler
from application.intervene import CheckoutDesk
from application.keep_audit import KeepAudit
from application.list_events import EventLister
from application.mend_dead_letters import DeadLetterDesk
from application.notify_client import NotifyClient
from application.ports.event_bus import Subscription
from application.project_orders import ProjectOrders
from application.receive_stock import StockReceiver
from application.replay_checkout import CheckoutReplayer
from application.reserve_stock import ReserveStock
from application.show_orders import OrderBook
from application.show_stock import StockRoom
from application.start_checkout import CheckoutStarter
from application.streams import CHECKOUTS
from application.worker import Worker, WorkerPolicy
from domain.checkout import saga
from entrypoints.settings import Settings


def _policy(settings: Settings, worker: str) -> WorkerPolicy:
    giving_back = worker == saga.STOCK_COMPENSATION
    return WorkerPolicy(
        batch_max=settings.batch_max,
        block_ms=settings.block_ms,
        claim_idle_ms=settings.claim_idle_ms,
        retry_base_ms=settings.retry_base_ms,
        retry_max_ms=settings.retry_max_ms,
        attempts_max=settings.compensation_attempts_max if giving_back else settings.attempts_max,
        consumer_forgotten_ms=int(settings.consumer_forgotten_s * 1000),
    )


def _subscription(settings: Settings, worker: str) -> Subscription:
    # The same after a restart, and another one for another process of this worker on this host.
    consumer = settings.consumer_name or f"{socket.gethostname()}-{settings.metrics_port_of(worker)}"
    return Subscription(stream=CHECKOUTS, group=saga.STEPS[worker].group, consumer=consumer)


def _registry(*collectors: Collector) -> CollectorRegistry:
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    return registry


class Container(containers.DeclarativeContainer):
    """Give it `settings`, `role` (the worker's name, or "api") and, for another backend, `backend`."""

    settings = providers.Dependency(instance_of=Settings)
    backend = providers.Object("redis")
    role = providers.Object("api")
    socket_timeout_ms = settings.provided.socket_timeout_ms

    clock = providers.Singleton(SystemClock)
    probing_redis = providers.Singleton(  # of its own, to answer in time whatever the others wait for
        connect,
        settings.provided.redis_url,
        socket_timeout_ms=settings.provided.api_timeout_ms,
        connect_timeout_ms=settings.provided.connect_timeout_ms,
        client_name=role,
    )
    redis_readiness = providers.Singleton(
        RedisReadiness, probing_redis, replicas_wanted=settings.provided.wait_replicas
    )
    registry = providers.Selector(
        backend,
        redis=providers.Singleton(
            _registry, providers.Factory(DurabilityGauges, redis_readiness.provided.condition)
        ),
        memory=providers.Singleton(_registry),
    )
    codec = providers.Singleton(EnvelopeCodec, settings.provided.payload_max_bytes)
    metrics = providers.Singleton(Metrics, registry)
    telemetry = providers.Factory(
        SeveralTelemetries,
        providers.Factory(PrometheusTelemetry, metrics, consumer=role),
        providers.Singleton(LoggingTelemetry),
    )

    redis = providers.Singleton(
        connect,
        settings.provided.redis_url,
        socket_timeout_ms=socket_timeout_ms,
        connect_timeout_ms=settings.provided.connect_timeout_ms,
        client_name=role,
    )
    log = providers.Singleton(InMemoryLog, clock)

    copies = providers.Factory(
        Copies, replicas=settings.provided.wait_replicas, timeout_ms=settings.provided.wait_timeout_ms
    )
    bare_event_store = providers.Selector(
        backend,
        redis=providers.Singleton(RedisEventStore, redis, clock, codec, copies=copies),
        memory=providers.Singleton(InMemoryEventStore, log, codec),
    )
    event_store = providers.Singleton(MeteredEventStore, bare_event_store, telemetry)
    event_reader = providers.Selector(
        backend,
        redis=providers.Singleton(RedisEventReader, redis, codec),
        memory=bare_event_store,
    )
    event_bus = providers.Selector(
        backend,
        redis=providers.Singleton(RedisEventBus, redis, telemetry, codec),
        memory=providers.Singleton(InMemoryEventBus, log, telemetry, codec),
    )
    read_model = providers.Selector(
        backend,
        redis=providers.Singleton(RedisReadModel, redis),
        memory=providers.Singleton(InMemoryReadModel),
    )
    deadlines = providers.Selector(
        backend,
        redis=providers.Singleton(RedisDeadlines, redis),
        memory=providers.Singleton(InMemoryDeadlines),
    )
    dead_letters = providers.Selector(
        backend,
        redis=providers.Singleton(RedisDeadLetters, redis),
        memory=providers.Singleton(InMemoryDeadLetters, log),
    )
    open_checkouts = providers.Selector(
        backend,
        redis=providers.Singleton(RedisOpenCheckouts, redis),
        memory=providers.Singleton(InMemoryOpenCheckouts),
    )
    inbox = providers.Selector(
        backend,
        redis=providers.Singleton(RedisInbox, redis),
        memory=providers.Singleton(InMemoryInbox),
    )
    audit_log = providers.Selector(
        backend,
        redis=providers.Singleton(
            NdjsonAuditLog,
            settings.provided.audit_directory,
            key_file=settings.provided.audit_key_file,
            file_max_bytes=settings.provided.audit_file_max_bytes,
        ),
        memory=providers.Singleton(InMemoryAuditLog),
    )
    readiness = providers.Selector(
        backend,
        redis=redis_readiness,
        memory=providers.Singleton(InMemoryReadiness),
    )
    notifier = providers.Singleton(LogNotifier)

    starter = providers.Factory(CheckoutStarter, event_store)
    receiver = providers.Factory(StockReceiver, event_store)
    replayer = providers.Factory(CheckoutReplayer, event_reader)
    lister = providers.Factory(EventLister, event_reader)
    orders = providers.Factory(OrderBook, event_reader, read_model)
    stock = providers.Factory(StockRoom, event_reader)
    checkout_desk = providers.Factory(CheckoutDesk, event_store)
    stuck_finder = providers.Factory(
        StuckFinder, event_reader, open_checkouts, dead_letters, event_bus, clock
    )
    open_checkout_gauges = providers.Factory(OpenCheckoutGauges, stuck_finder, open_checkouts)
    dead_letter_desk = providers.Factory(DeadLetterDesk, dead_letters, clock)

    handler: providers.Aggregate[Handler] = providers.Aggregate(
        {
            saga.STOCK_RESERVATION: providers.Factory(ReserveStock, event_store),
            saga.ORDER_CREATION: providers.Factory(
                CreateOrder, event_store, total_max=settings.provided.order_total_max
            ),
            saga.STOCK_COMPENSATION: providers.Factory(Compensate, event_store),
            saga.DEADLINE: providers.Factory(
                ExpireCheckout,
                event_store,
                deadlines,
                open_checkouts,
                clock,
                deadline_s=settings.provided.checkout_deadline_s,
            ),
            saga.CQRS_PROJECTION: providers.Factory(ProjectOrders, event_reader, read_model),
            saga.NOTIFICATION: providers.Factory(NotifyClient, event_reader, notifier, inbox),
            saga.AUDIT: providers.Factory(KeepAudit, audit_log),
        }
    )
    policy = providers.Factory(_policy, settings, worker=role)


def worker_of(container: Container, name: str, *, on_poll: Callable[[], object] = lambda: None) -> Worker:
    """The worker `name`, ready to run. `on_poll` is called whenever the bus has answered it."""
    subscription = _subscription(container.settings(), name)
    last_poll_s = container.metrics().groups.last_poll_s.labels(subscription.stream, subscription.group)
    clock = container.clock()

    def polled() -> None:
        last_poll_s.set(clock.now_s())
        on_poll()

    return Worker(
        container.event_bus(),
        subscription,
        container.handler(name),
        clock=clock,
        telemetry=container.telemetry(),
        policy=container.policy(worker=name),
        on_poll=polled,
    )
