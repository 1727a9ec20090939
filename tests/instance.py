"""One instance of the whole service as an operator meets it: a process, its screen, logs and metrics."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import httpx
import redis
from prometheus_client.parser import text_string_to_metric_families

from application.events.streams import CHECKOUTS
from application.ports.event_bus import Subscription
from domain.checkout.events import END_FACTS
from domain.checkout.saga import STEPS
from entrypoints.container import Container
from entrypoints.probes import answers
from entrypoints.settings import Settings, setting_rows
from entrypoints.up.child import Child
from entrypoints.up.embedded_server import EmbeddedServer
from entrypoints.up.log_file import LogFile
from entrypoints.up.ports import free_port
from entrypoints.up.run_file import running_instance
from tests.freezing import frozen
from tests.invariants import entries, invariants
from tests.shop import Shop
from tests.shop_front import ShopFront
from tests.waiting import eventually

START_S: Final = 90.0
STOP_S: Final = 60.0
IDLE_S: Final = 60.0
COMPTOIR: Final = (sys.executable, "-m", "entrypoints.cli")
SETTING_NAMES: Final = {row.name for row in setting_rows()}
END_TYPES: Final = {fact.__name__ for fact in END_FACTS}


@attrs.define
class ShopOutside(Shop):
    """What a running service has on its streams, for the invariants. Its workers run elsewhere."""

    def __attrs_post_init__(self) -> None:
        self.container = Container(settings=self.settings)
        self.workers = {}


@attrs.define
class ExternalServer:
    """A redis-server that is none of the service's business, but for its address."""

    server: EmbeddedServer
    process: Child

    @classmethod
    def at(cls, directory: Path, binary: Path) -> "ExternalServer":
        server = EmbeddedServer(directory=directory, port=free_port(), appendfsync="always", binary=binary)
        log = LogFile(path=directory / "redis.log", size_max_bytes=1_000_000)
        return cls(server=server, process=Child(server.program(), log))

    def start(self) -> None:
        self.process.start()
        eventually(lambda: self.server.readiness() == "ready", START_S)

    def stop(self) -> None:
        self.process.ask_to_stop()
        self._gone()

    @contextmanager
    def running(self) -> Iterator["ExternalServer"]:
        """It runs meanwhile. Whatever became of it, it is gone after this."""
        try:
            self.start()
            yield self
            self.stop()
        finally:
            self.process.kill()
            self._gone()

    def _gone(self) -> None:
        eventually(lambda: self.process.pid is None or self.process.ended() is not None, STOP_S)


@attrs.define
class RunningService:
    """One instance on one data directory: started, looked at, stopped, and started again."""

    data_dir: Path
    environment: Mapping[str, str]
    external: ExternalServer | None = None
    program: Sequence[str] = (*COMPTOIR, "up")
    front: ShopFront = attrs.field(init=False)
    server: Any = attrs.field(init=False)
    """A client of the server that keeps the streams; its answers are text."""
    shop: ShopOutside = attrs.field(init=False)
    _process: "subprocess.Popen[bytes] | None" = attrs.field(init=False, default=None)
    _closing: ExitStack = attrs.field(init=False, factory=ExitStack)

    def start(self) -> None:
        """Start everything and wait until it answers."""
        self.data_dir.mkdir(exist_ok=True)
        with self._file("screen").open("wb") as out, self._file("errors").open("wb") as errors:
            process = subprocess.Popen(self.program, env=self._told(), stdout=out, stderr=errors)
        self._process = process
        eventually(lambda: "Ctrl-C stops" in self.screen or process.poll() is not None, START_S)
        instance = running_instance(self.data_dir)
        assert instance, self.screen + self._file("errors").read_text()
        redis_url = instance.redis_url or self.environment["REDIS_URL"]
        self.front = ShopFront(instance.url)
        self._closing.callback(self.front.http.close)
        self.server = self._closing.enter_context(redis.Redis.from_url(redis_url, decode_responses=True))
        self.shop = ShopOutside(Settings(redis_url=redis_url))
        self._closing.callback(self.shop.container.redis().close)

    def stop(self) -> None:
        """Stop it as an operator does: it ends well, says nothing, and leaves nothing behind."""
        assert self._process is not None
        started = {*self.pids().values(), *_descendants(self._process.pid)}
        if "REDIS_URL" not in self.environment:
            started.add(self.server_pid())
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(STOP_S) == 0, self.screen
        said = self._file("errors").read_text()
        assert said == "", said
        eventually(lambda: not any(is_alive(pid) for pid in started))
        assert running_instance(self.data_dir) is None
        self._closing.close()

    @contextmanager
    def running(self) -> Iterator["RunningService"]:
        """It runs meanwhile, and stops as it should. Whatever became of it, it is gone after this."""
        try:
            self.start()
            yield self
            self.stop()
        finally:
            self.end()

    def end(self) -> None:
        """Whatever became of it, it is gone after this."""
        self._closing.close()
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @contextmanager
    def another(self, worker: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
        """One more process of `worker`, and where its metrics are."""
        url = f"http://127.0.0.1:{free_port()}/metrics"
        told = {"METRICS_PORT": str(httpx.URL(url).port), "REDIS_URL": self.shop.settings.redis_url}
        with self._file(f"another-{worker}").open("ab") as log:
            process = subprocess.Popen([*COMPTOIR, "worker", worker], env=self._told() | told, stderr=log)
        try:
            eventually(lambda: answers(url), START_S)
            yield process, url
        finally:
            process.kill()
            process.wait()

    def frozen(self, name: str) -> AbstractContextManager[None]:
        """The API or a worker stands still meanwhile. It may be killed, too."""
        return frozen(self.pids()[name])

    def server_frozen(self) -> AbstractContextManager[None]:
        """The server that keeps the streams stands still meanwhile."""
        return frozen(self.server_pid())

    @property
    def pid(self) -> int:
        """The process id of the supervisor."""
        assert self._process is not None
        return self._process.pid

    @property
    def screen(self) -> str:
        """What the person who started it has seen."""
        return self._file("screen").read_text()

    def pids(self) -> dict[str, int]:
        """The process ids of the API and the workers, those started again included."""
        found = re.findall(r"^(?:\S+ )?(\S+) +(?:started again, pid )?(\d+)\b", self.screen, re.MULTILINE)
        return {name: int(pid) for name, pid in found if name in {"api", *STEPS}}

    def server_pid(self) -> int:
        """The process id of the server that keeps the streams."""
        return int(self.server.info("server")["process_id"])

    def metrics_urls(self) -> dict[str, str]:
        """Where each process shows its metrics."""
        return dict(re.findall(r"^(\S+) +\d+ +(http\S+/metrics)", self.screen, re.MULTILINE))

    def counters(self, *names: str, at: Sequence[str] = ()) -> Counter[tuple[str, ...]]:
        """(name, label, ...) -> value, summed over all processes or those `at`; labels by their names."""
        summed: Counter[tuple[str, ...]] = Counter()
        for url in at or self.metrics_urls().values():
            for family in text_string_to_metric_families(httpx.get(url, trust_env=False).text):
                for sample in family.samples:
                    if sample.name in names:
                        summed[sample.name, *(value for _, value in sorted(sample.labels.items()))] += int(
                            sample.value
                        )
        return summed

    def log_text(self, name: str) -> str:
        """What the API or a worker has logged in all its lives."""
        return (self.data_dir / "logs" / f"{name}.log").read_text()

    def audited(self) -> list[str]:
        """The positions in the audit trail."""
        files = sorted((self.data_dir / "audit").rglob("*.ndjson"))
        lines = (json.loads(line) for file in files for line in file.read_text().splitlines())
        return [line["position"] for line in lines if "position" in line]

    def noticed(self) -> list[tuple[str, str]]:
        """(checkout id, key) of each different notice that clients were given."""
        lines = [json.loads(line) for line in self.log_text("notification").splitlines() if line[:1] == "{"]
        return sorted(
            {(line["checkout_id"], line["key"]) for line in lines if line["event"] == "client notified"}
        )

    def in_hand(self, worker: str, metrics_url: str) -> int:
        """Deliveries that one process of a worker was handed and has not acknowledged."""
        pending = self.shop.bus.pending(_group(worker), count=1_000)
        return sum(delivery.consumer.endswith(f"-{httpx.URL(metrics_url).port}") for delivery in pending)

    def endings(self) -> dict[str, str]:
        """Checkout id -> the type of its end, of those that have ended."""
        facts = [entry for entry in entries(self.shop, CHECKOUTS) if entry.type in END_TYPES]
        return {str(fact.checkout_id): str(fact.type) for fact in facts}

    def is_at_rest(self, worker: str) -> bool:
        """Whether a worker's group has dealt with all there is."""
        backlog = self.shop.bus.backlog(_group(worker))
        return (backlog.lag_events, backlog.pending) == (0, 0)

    def comes_to_rest(self) -> None:
        """Wait until every group has dealt with all there is."""
        eventually(lambda: all(map(self.is_at_rest, STEPS)), IDLE_S)

    def nothing_lost_nothing_twice(self) -> None:
        """Once nothing is left to do: check it all, from the streams to the audit trail and the notices."""
        self.comes_to_rest()
        invariants(self.shop)
        assert sorted(self.audited()) == sorted(entry.position for entry in entries(self.shop, CHECKOUTS))
        assert [checkout_id for checkout_id, _ in self.noticed()] == sorted(self.endings())

    def comptoir(self, *words: str) -> tuple[int, Any]:
        """The exit code of a command of the command line, and its JSON."""
        command = [*COMPTOIR, *words, "--json"]
        done = subprocess.run(command, env=self._told(), capture_output=True, timeout=60, check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def verified(self, *words: str) -> tuple[int, Any]:
        """What `comptoir verify` answers."""
        return self.comptoir("verify", *words)

    def _file(self, name: str) -> Path:
        return self.data_dir / f"{name}.txt"

    def _told(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in SETTING_NAMES}
        return kept | {"DATA_DIR": str(self.data_dir), **self.environment}


def _group(worker: str) -> Subscription:
    return Subscription(stream=CHECKOUTS, group=STEPS[worker].group, consumer="-")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to notice does not."""
    try:
        os.kill(pid, 0)
        return sys.platform != "linux" or Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def _descendants(pid: int) -> list[int]:
    """All that a process has started, and they in turn. Only Linux tells."""
    children = [int(c) for t in Path(f"/proc/{pid}/task").glob("*/children") for c in t.read_text().split()]
    return children + [below for child in children for below in _descendants(child)]
