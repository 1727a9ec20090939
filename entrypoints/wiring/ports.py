"""Ports and their adapters: what every role shares."""

from dependency_injector import containers, providers
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.registry import Collector
from redis import Redis

from adapters.codec.envelope import EnvelopeCodec
from adapters.redis_streams.connection import connect
from adapters.redis_streams.durability import Copies
from adapters.redis_streams.event_bus import RedisEventBus
from adapters.redis_streams.event_reader import RedisEventReader
from adapters.redis_streams.event_store import RedisEventStore
from adapters.redis_streams.group_state import LagCount
from adapters.redis_streams.keys import doubts_key
from adapters.redis_streams.readiness import RedisReadiness
from adapters.system_clock import SystemClock
from adapters.telemetry.build_info import BuildInfo
from adapters.telemetry.counting import CountingAlone
from adapters.telemetry.log_lines import LoggingTelemetry
from adapters.telemetry.metered_store import MeteredEventStore
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.prometheus import PrometheusTelemetry
from adapters.telemetry.server import ServerGauges
from adapters.telemetry.several import SeveralTelemetries
from application.events.streams import CALLS
from entrypoints.settings import Settings
from entrypoints.wiring.later import Later


def _registry(*collectors: Collector) -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for collector in (BuildInfo(), *collectors):
        registry.register(collector)
    return registry


def _client(settings: Settings, role: str, patience_ms: int) -> "Redis":
    return connect(
        settings.redis_url,
        socket_timeout_ms=patience_ms,
        connect_timeout_ms=settings.connect_timeout_ms,
        client_name=role,
        tls=settings.redis_tls,
        password_file=settings.redis_password_file,
        keepalive_s=settings.redis_keepalive_s,
    )


class Ports(containers.DeclarativeContainer):
    """Give it `settings`, `role` (the worker's name, or "api") and, for another backend, `backend`."""

    settings = providers.Dependency(instance_of=Settings)
    backend = providers.Object("redis")
    role = providers.Object("api")

    clock = providers.Singleton(SystemClock)
    probing_redis = providers.Singleton(  # of its own, to answer in time whatever the others wait for
        _client, settings, role, settings.provided.api_timeout_ms
    )
    redis_readiness = providers.Singleton(
        RedisReadiness,
        probing_redis,
        replicas_wanted=settings.provided.wait_replicas,
        replica_silence_max_s=settings.provided.replica_silence_max_s,
    )
    counting = providers.Singleton(CountingAlone)
    registry = providers.Selector(
        backend,
        redis=providers.Singleton(
            _registry, providers.Factory(ServerGauges, redis_readiness.provided.condition)
        ),
        memory=providers.Singleton(_registry),
    )
    codec = providers.Singleton(EnvelopeCodec, settings.provided.payload_max_bytes)
    cloud_events = providers.Singleton(
        Later("adapters.codec.cloud_events:CloudEvents"), settings.provided.public_url
    )
    metrics = providers.Singleton(Metrics, registry)
    telemetry = providers.Factory(
        SeveralTelemetries,
        providers.Factory(PrometheusTelemetry, metrics, consumer=role),
        providers.Singleton(LoggingTelemetry, role),
    )

    traces = providers.Singleton(Later("entrypoints.wiring.tracing:traces"), settings, role)
    """To be asked for only where TRACES=on."""

    redis = providers.Singleton(_client, settings, role, settings.provided.socket_timeout_ms)
    memory = providers.Singleton(Later("entrypoints.wiring.memory:memory"), clock, telemetry, codec)
    log = memory.provided.log

    copies = providers.Factory(
        Copies, replicas=settings.provided.wait_replicas, timeout_ms=settings.provided.wait_timeout_ms
    )
    bare_event_store = providers.Selector(
        backend,
        redis=providers.Singleton(RedisEventStore, redis, clock, codec, copies=copies),
        memory=memory.provided.event_store,
    )
    event_store = providers.Singleton(MeteredEventStore, bare_event_store, telemetry)
    event_reader = providers.Selector(
        backend,
        redis=providers.Singleton(RedisEventReader, redis, codec),
        memory=bare_event_store,
    )
    event_feed = providers.Selector(
        backend,
        redis=providers.Singleton(
            Later("adapters.redis_streams.event_feed:RedisEventFeed"),
            providers.Singleton(  # of its own: it is one that waits
                _client, settings, role, settings.provided.tail_patience_ms
            ),
            codec,
        ),
        memory=memory.provided.event_feed,
    )
    group_progress = providers.Selector(
        backend,
        redis=providers.Singleton(Later("adapters.redis_streams.group_progress:RedisGroupProgress"), redis),
        memory=memory.provided.group_progress,
    )
    event_bus = providers.Selector(
        backend,
        redis=providers.Singleton(
            RedisEventBus,
            redis,
            telemetry,
            codec,
            providers.Factory(
                LagCount,
                entries_max=settings.provided.lag_counted_max,
                trusted_s=settings.provided.lag_check_s,
            ),
        ),
        memory=memory.provided.event_bus,
    )
    readiness = providers.Selector(backend, redis=redis_readiness, memory=memory.provided.readiness)

    read_model = providers.Selector(
        backend,
        redis=providers.Singleton(Later("adapters.redis_streams.read_model:RedisReadModel"), redis),
        memory=memory.provided.read_model,
    )
    deadlines = providers.Selector(
        backend,
        redis=providers.Singleton(Later("adapters.redis_streams.deadlines:RedisDeadlines"), redis),
        memory=memory.provided.deadlines,
    )
    dead_letters = providers.Selector(
        backend,
        redis=providers.Singleton(Later("adapters.redis_streams.dead_letters:RedisDeadLetters"), redis),
        memory=memory.provided.dead_letters,
    )
    open_checkouts = providers.Selector(
        backend,
        redis=providers.Singleton(Later("adapters.redis_streams.open_checkouts:RedisOpenCheckouts"), redis),
        memory=memory.provided.open_checkouts,
    )
    doubts = providers.Selector(
        backend,
        redis=providers.Singleton(
            Later("adapters.redis_streams.open_checkouts:RedisOpenCheckouts"), redis, key=doubts_key(CALLS)
        ),
        memory=memory.provided.doubts,
    )
    """The checkouts with a call in doubt."""
    oldest_waits = providers.Factory(
        Later("application.questions.oldest_waits:OldestWaits"), event_reader, open_checkouts, clock
    )
