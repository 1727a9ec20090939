"""What each worker does, and how."""

import socket
from collections.abc import Callable

import attrs
from dependency_injector import providers

from application.events.streams import CHECKOUTS, HEARTBEATS
from application.ports.event_bus import Subscription
from application.worker.handler import Handler
from application.worker.heartbeat import Listening
from application.worker.loop import Worker
from application.worker.policy import WorkerPolicy
from domain.checkout import saga
from entrypoints.settings import Settings
from entrypoints.wiring.later import Later
from entrypoints.wiring.ports import Ports


def _linger_ms(settings: Settings, worker: str) -> int:
    if worker == saga.STOCK_COMPENSATION:
        return settings.compensation_linger_ms
    return 0 if worker in saga.AWAITED else settings.linger_ms


def _calls_services(settings: Settings, worker: str) -> bool:
    """Whether its step makes calls to existing services."""
    calling = {
        saga.STOCK_RESERVATION: settings.inventory == "http",
        saga.ORDER_CREATION: settings.orders == "http",
        saga.STOCK_COMPENSATION: "http" in (settings.inventory, settings.orders),
    }
    return calling.get(worker, False)


def _policy(settings: Settings, worker: str) -> WorkerPolicy:
    batch_max, attempts_max = settings.batch_max, settings.attempts_max
    if worker == saga.STOCK_COMPENSATION:
        attempts_max = settings.compensation_attempts_max
    elif worker == saga.NOTIFICATION and settings.notify_url:  # all under way at once: one timeout bounds it
        batch_max = min(settings.batch_max, settings.notify_at_once_max)
        attempts_max = settings.notify_attempts_max
    if _calls_services(settings, worker):  # no more than it works on: the rest goes to its colleagues
        batch_max = min(settings.batch_max, settings.calls_at_once)
    return WorkerPolicy(
        batch_max=batch_max,
        block_ms=settings.block_ms,
        linger_ms=_linger_ms(settings, worker),
        claim_idle_ms=settings.claim_idle_ms,
        retry_base_ms=settings.retry_base_ms,
        retry_max_ms=settings.retry_max_ms,
        attempts_max=attempts_max,
        unfinished_attempts_max=settings.unfinished_attempts_max,
        housekeeping_ms=settings.housekeeping_ms,
        consumer_forgotten_ms=int(settings.consumer_forgotten_s * 1000),
    )


def _subscription(settings: Settings, worker: str) -> Subscription:
    # The same after a restart, and another one for another process of this worker on this host.
    consumer = settings.consumer_name or f"{socket.gethostname()}-{settings.metrics_port_of(worker)}"
    return Subscription(stream=CHECKOUTS, group=saga.STEPS[worker].group, consumer=consumer)


class Workers(Ports):
    """The steps on the ports. A worker imports its own step."""

    notifier = providers.Singleton(
        Later("entrypoints.wiring.notifying:notifier"),
        Ports.settings,
        Ports.clock,
        Ports.cloud_events.provider,
    )
    inbox = providers.Selector(
        Ports.backend,
        redis=providers.Singleton(Later("adapters.redis_streams.inbox:RedisInbox"), Ports.redis),
        memory=Ports.memory.provided.inbox,
    )
    audit_log = providers.Selector(
        Ports.backend,
        redis=providers.Singleton(
            Later("adapters.audit.ndjson_file:NdjsonAuditLog"),
            Ports.settings.provided.audit_directory,
            key_file=Ports.settings.provided.audit_key_file,
            file_max_bytes=Ports.settings.provided.audit_file_max_bytes,
        ),
        memory=Ports.memory.provided.audit_log,
    )
    timed_audit_log = providers.Factory(
        Later("adapters.telemetry.saga_durations:TimedAuditLog"),
        audit_log,
        providers.Singleton(
            Later("adapters.telemetry.saga_durations:SagaDurations"),
            Ports.registry,
            Ports.settings.provided.timed_checkouts_max,
        ),
    )
    dead_letter_gauges = providers.Factory(
        Later("adapters.telemetry.dead_letters:DeadLetterGauges"),
        Ports.dead_letters,
        Ports.clock,
        Ports.settings.provided.dead_letters_read_max,
    )
    service_figures = providers.Singleton(
        Later("adapters.telemetry.service_calls:ServiceFigures"), Ports.registry
    )
    existing_inventory = providers.Singleton(
        Later("entrypoints.wiring.existing:http_inventory"), Ports.settings, service_figures
    )
    existing_orders = providers.Singleton(
        Later("entrypoints.wiring.existing:http_orders"), Ports.settings, service_figures
    )
    called_inventory = providers.Selector(
        Ports.settings.provided.traces,
        off=existing_inventory,
        on=Ports.traces.provided.inventory.call(existing_inventory),
    )
    called_orders = providers.Selector(
        Ports.settings.provided.traces,
        off=existing_orders,
        on=Ports.traces.provided.orders.call(existing_orders),
    )
    open_checkout_gauges = providers.Factory(
        Later("adapters.telemetry.open_checkouts:OpenCheckoutGauges"),
        Ports.oldest_waits,
        Ports.open_checkouts,
        Ports.settings.provided.open_checkouts_read_max,
    )
    doubt_gauges = providers.Factory(
        Later("adapters.telemetry.doubts:DoubtGauges"), Ports.doubts, Ports.clock
    )

    calls_at_once = providers.Singleton(
        Later("entrypoints.wiring.calls:calls_at_once"),
        Ports.event_store,
        Ports.doubts,
        Ports.clock,
        Ports.settings,
    )
    holds = providers.Selector(
        Ports.settings.provided.inventory,
        own=providers.Factory(Later("application.steps.stock_holds:StockHolds"), Ports.event_store),
        http=providers.Factory(
            Later("application.calls.existing_stock:ExistingStock"), called_inventory, calls_at_once
        ),
    )
    order_keeper = providers.Selector(
        Ports.settings.provided.orders,
        own=providers.Factory(
            Later("application.steps.order_keeping:OwnOrders"),
            total_max=Ports.settings.provided.order_total_max,
        ),
        http=providers.Factory(
            Later("application.calls.existing_sales:ExistingSales"),
            called_orders,
            calls_at_once,
            total_max=Ports.settings.provided.order_total_max,
        ),
    )

    handler: providers.Aggregate[Handler] = providers.Aggregate(
        {
            saga.STOCK_RESERVATION: providers.Factory(
                Later("application.steps.reserve_stock:ReserveStock"), Ports.event_store, holds
            ),
            saga.ORDER_CREATION: providers.Factory(
                Later("application.steps.create_order:CreateOrder"), Ports.event_store, order_keeper
            ),
            saga.STOCK_COMPENSATION: providers.Factory(
                Later("application.steps.compensate:Compensate"), Ports.event_store, holds, order_keeper
            ),
            saga.DEADLINE: providers.Factory(
                Later("application.steps.expire_checkout:ExpireCheckout"),
                Ports.event_store,
                Ports.deadlines,
                Ports.open_checkouts,
                Ports.clock,
                deadline_s=Ports.settings.provided.checkout_deadline_s,
            ),
            saga.CQRS_PROJECTION: providers.Factory(
                Later("application.steps.project_orders:ProjectOrders"), Ports.event_reader, Ports.read_model
            ),
            saga.NOTIFICATION: providers.Factory(
                Later("application.steps.notify_client:NotifyClient"), Ports.event_reader, notifier, inbox
            ),
            saga.AUDIT: providers.Factory(Later("application.steps.keep_audit:KeepAudit"), timed_audit_log),
        }
    )
    policy = providers.Factory(_policy, Ports.settings, worker=Ports.role)


def worker_of(
    container: Workers,
    name: str,
    *,
    on_poll: Callable[[], object] = lambda: None,
    listening: bool = False,
) -> Worker:
    """The worker `name`, ready to run. `on_poll` is called whenever the bus has answered it. `listening`: to
    the heartbeats as well."""
    subscription = _subscription(container.settings(), name)
    last_poll_s = container.metrics().groups.last_poll_s.labels(subscription.stream, subscription.group)
    clock = container.clock()

    def polled() -> None:
        last_poll_s.set(clock.now_s())
        on_poll()

    handler = container.handler(name)
    if container.settings().traces == "on":
        handler = container.traces().steps(handler, subscription)
    return Worker(
        container.event_bus(),
        subscription,
        _listening(container, handler, subscription) if listening else handler,
        clock=clock,
        telemetry=container.telemetry(),
        policy=container.policy(worker=name),
        on_poll=polled,
    )


def _listening(container: Workers, handler: Handler, subscription: Subscription) -> Listening:
    gauges, labels = container.metrics().groups, (HEARTBEATS, subscription.group)
    recorded_s, delay_s = gauges.heartbeat_s.labels(*labels), gauges.heartbeat_delay_s.labels(*labels)

    def heard(recorded_at_s: float, age_s: float) -> None:
        recorded_s.set(recorded_at_s)
        delay_s.set(age_s)

    return Listening(
        handler,
        container.event_bus(),
        attrs.evolve(subscription, stream=HEARTBEATS),
        clock=container.clock(),
        every_s=container.settings().heartbeat_s,
        heard=heard,
    )
