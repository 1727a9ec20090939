"""Where a contract runs: each place makes the adapters, and a hand on the log from outside."""

from collections.abc import Iterator
from typing import ClassVar

import pytest
from fakeredis import FakeRedis, FakeServer

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.dead_letters import InMemoryDeadLetters
from adapters.inmemory.deadlines import InMemoryDeadlines
from adapters.inmemory.event_bus import InMemoryEventBus
from adapters.inmemory.event_feed import InMemoryEventFeed
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.group_progress import InMemoryGroupProgress
from adapters.inmemory.inbox import InMemoryInbox
from adapters.inmemory.log import InMemoryLog
from adapters.inmemory.open_checkouts import InMemoryOpenCheckouts
from adapters.inmemory.read_model import InMemoryReadModel
from adapters.inmemory.telemetry import RecordingTelemetry
from adapters.redis_streams.client import Client
from adapters.redis_streams.connection import connect
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
from application.ports.dead_letters import DeadLetters
from application.ports.deadlines import Deadlines
from application.ports.event_bus import EventBus
from application.ports.event_feed import EventFeed
from application.ports.event_store import EventStore
from application.ports.group_progress import GroupProgress
from application.ports.inbox import Inbox
from application.ports.open_checkouts import OpenCheckouts
from application.ports.read_model import ReadModel, ReadModelEditions
from tests.contracts.outside import Outside, OutsideInMemory, OutsideRedis

SOCKET_TIMEOUT_MS = 10_000


class Place:
    """The clock of whoever writes stands still."""

    WAITS: ClassVar = True

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def telemetry(self) -> RecordingTelemetry:
        return RecordingTelemetry()


class InMemory(Place):
    LOOKED_AT_MAX: ClassVar = "adapters.inmemory.event_store._LOOKED_AT_MAX"
    KNOWS_EVERY_ORDER: ClassVar = True

    @pytest.fixture
    def log(self, clock: FakeClock) -> InMemoryLog:
        return InMemoryLog(clock)

    @pytest.fixture
    def store(self, log: InMemoryLog) -> EventStore:
        return InMemoryEventStore(log)

    @pytest.fixture
    def bus(self, log: InMemoryLog, telemetry: RecordingTelemetry) -> EventBus:
        return InMemoryEventBus(log, telemetry)

    @pytest.fixture
    def feed(self, log: InMemoryLog) -> EventFeed:
        return InMemoryEventFeed(log)

    @pytest.fixture
    def progress(self, log: InMemoryLog) -> GroupProgress:
        return InMemoryGroupProgress(log)

    @pytest.fixture
    def outside(self, log: InMemoryLog, clock: FakeClock) -> Outside:
        return OutsideInMemory(log, clock)

    @pytest.fixture
    def read_model(self) -> ReadModel:
        return InMemoryReadModel()

    @pytest.fixture
    def editions(self, read_model: InMemoryReadModel) -> ReadModelEditions:
        return read_model

    @pytest.fixture
    def deadlines(self) -> Deadlines:
        return InMemoryDeadlines()

    @pytest.fixture
    def inbox(self) -> Inbox:
        return InMemoryInbox()

    @pytest.fixture
    def dead_letters(self, log: InMemoryLog) -> DeadLetters:
        return InMemoryDeadLetters(log)

    @pytest.fixture
    def open_checkouts(self) -> OpenCheckouts:
        return InMemoryOpenCheckouts()


class OnServer(Place):
    """A subclass provides `client`, on an empty server."""

    LOOKED_AT_MAX: ClassVar = "adapters.redis_streams.event_reader.LOOKED_AT_MAX"
    KNOWS_EVERY_ORDER: ClassVar = False
    READ_COMMAND: ClassVar = "EVAL_RO"

    @pytest.fixture
    def store(self, client: Client, clock: FakeClock) -> EventStore:
        return RedisEventStore(client, clock, read_command=self.READ_COMMAND)

    @pytest.fixture
    def bus(self, client: Client, telemetry: RecordingTelemetry) -> EventBus:
        return RedisEventBus(client, telemetry)

    @pytest.fixture
    def feed(self, client: Client) -> EventFeed:
        return RedisEventFeed(client)

    @pytest.fixture
    def progress(self, client: Client) -> GroupProgress:
        return RedisGroupProgress(client)

    @pytest.fixture
    def outside(self, client: Client) -> Outside:
        return OutsideRedis(client)

    @pytest.fixture
    def read_model(self, client: Client) -> ReadModel:
        return RedisReadModel(client, read_command=self.READ_COMMAND)

    @pytest.fixture
    def editions(self, client: Client) -> ReadModelEditions:
        return RedisReadModelEditions(client)

    @pytest.fixture
    def deadlines(self, client: Client) -> Deadlines:
        return RedisDeadlines(client)

    @pytest.fixture
    def inbox(self, client: Client) -> Inbox:
        return RedisInbox(client)

    @pytest.fixture
    def dead_letters(self, client: Client) -> DeadLetters:
        return RedisDeadLetters(client)

    @pytest.fixture
    def open_checkouts(self, client: Client) -> OpenCheckouts:
        return RedisOpenCheckouts(client)


class OnFakeredis(OnServer):
    """It has no EVAL_RO and does not block."""

    pytestmark = pytest.mark.runs_on("fakeredis")
    WAITS: ClassVar = False
    READ_COMMAND: ClassVar = "EVAL"

    @pytest.fixture
    def client(self) -> Client:
        return Client(connection_pool=FakeRedis(server=FakeServer(), protocol=2).connection_pool)


class OnValkey(OnServer):
    @pytest.fixture
    def client(self, valkey_url: str) -> Iterator[Client]:
        yield from emptied(valkey_url)


class OnRedis(OnServer):
    @pytest.fixture
    def client(self, redis_url: str) -> Iterator[Client]:
        yield from emptied(redis_url)


def emptied(url: str) -> Iterator[Client]:
    """A client of the server at `url`, from which everything is gone."""
    client = connect(url, socket_timeout_ms=SOCKET_TIMEOUT_MS, connect_timeout_ms=1_000)
    client.flushall()
    yield client
    client.close()
