"""Every port in memory, for tests and for a quick look."""

import attrs

from adapters.codec.envelope import EnvelopeCodec
from adapters.inmemory.audit_log import InMemoryAuditLog
from adapters.inmemory.dead_letters import InMemoryDeadLetters
from adapters.inmemory.deadlines import InMemoryDeadlines
from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.event_feed import InMemoryEventFeed
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.group_progress import InMemoryGroupProgress
from adapters.inmemory.heartbeats import InMemoryHeartbeats
from adapters.inmemory.inbox import InMemoryInbox
from adapters.inmemory.log import InMemoryLog
from adapters.inmemory.open_checkouts import InMemoryOpenCheckouts
from adapters.inmemory.read_model import InMemoryReadModel
from adapters.inmemory.readiness import InMemoryReadiness
from application.ports.clock import Clock
from application.ports.telemetry import Telemetry


@attrs.frozen(kw_only=True)
class Memory:
    """Ports that share one log."""

    log: InMemoryLog
    event_store: InMemoryEventStore
    event_bus: InMemoryEventBus
    event_feed: InMemoryEventFeed
    group_progress: InMemoryGroupProgress
    dead_letters: InMemoryDeadLetters
    heartbeats: InMemoryHeartbeats
    read_model: InMemoryReadModel = attrs.Factory(InMemoryReadModel)
    deadlines: InMemoryDeadlines = attrs.Factory(InMemoryDeadlines)
    open_checkouts: InMemoryOpenCheckouts = attrs.Factory(InMemoryOpenCheckouts)
    doubts: InMemoryOpenCheckouts = attrs.Factory(InMemoryOpenCheckouts)
    inbox: InMemoryInbox = attrs.Factory(InMemoryInbox)
    audit_log: InMemoryAuditLog = attrs.Factory(InMemoryAuditLog)
    readiness: InMemoryReadiness = attrs.Factory(InMemoryReadiness)


def memory(clock: Clock, telemetry: Telemetry, codec: EnvelopeCodec) -> Memory:
    """The ports on a log of their own, empty."""
    log = InMemoryLog(clock)
    return Memory(
        log=log,
        event_store=InMemoryEventStore(log, codec),
        event_bus=InMemoryEventBus(log, telemetry, codec),
        event_feed=InMemoryEventFeed(log, codec),
        group_progress=InMemoryGroupProgress(log),
        dead_letters=InMemoryDeadLetters(log),
        heartbeats=InMemoryHeartbeats(log),
    )
