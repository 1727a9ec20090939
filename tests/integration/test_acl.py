"""The service on a server where each role is a user of its own, as deploy/redis/users.acl.in has it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import attrs
import httpx
import pytest
from redis import Redis
from redis.exceptions import ResponseError

from application.events.streams import CALLS, CHECKOUTS, INVENTORY
from application.ports.errors import Unavailable
from application.ports.event_bus import Subscription
from application.ports.event_store import NewEvent, StoredEntry, Write
from domain.calls.events import CallIntended
from domain.checkout.saga import SAGA, STEPS, STOCK_RESERVATION
from entrypoints.container import Container, worker_of
from entrypoints.probes import answers
from entrypoints.server_check import check_server
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused
from entrypoints.up.ports import free_port
from tests.integration.guarded_server import GuardedServer
from tests.integration.link import LOOPBACK
from tests.integration.nodes import SERVERS
from tests.shop import CLIENT, cart_of
from tests.waiting import eventually

MAKE_ACL: Final = Path(__file__).parents[2] / "deploy" / "redis" / "make-acl"
READER: Final = "event-store"
ROLES: Final = ("health", READER, "api", "worker", "backup", "operator")
LOSSES: Final = (
    *(
        ("DEL", CHECKOUTS),
        ("UNLINK", CHECKOUTS),
        ("XTRIM", CHECKOUTS, "MAXLEN", "0"),
        ("XDEL", CHECKOUTS, "1-1"),
    ),
    *(("RENAME", CHECKOUTS, "ecommerce.gone"), ("FLUSHALL",), ("FLUSHDB",), ("SHUTDOWN",), ("KEYS", "*")),
    *(
        ("XGROUP", "DESTROY", CHECKOUTS, "checkout-order"),
        ("XGROUP", "SETID", CHECKOUTS, "checkout-order", "$"),
    ),
    *(
        ("CONFIG", "GET", "*"),
        ("ACL", "LIST"),
        ("SET", CHECKOUTS, "1"),
        ("EXPIRE", CHECKOUTS, "1"),
        ("SET", "somebody-elses", "1"),
        ("GET", "somebody-elses"),
    ),
)


@attrs.frozen
class Guarded:
    """A server, where its passwords are, and a client that may do everything."""

    server: GuardedServer
    secrets: Path
    admin: Any

    def settings(self, role: str) -> Settings:
        url = f"redis://{role}@{LOOPBACK}:{self.server.port}/0"
        secret = str(self.secrets / f"redis-{role}")
        return Settings.from_environment(
            {"REDIS_URL": url, "REDIS_PASSWORD_FILE": secret, "BLOCK_MS": "1", "DATA_DIR": str(self.secrets)}
        )

    def container(self, role: str) -> Container:
        return Container(settings=self.settings(role))


@pytest.fixture(params=SERVERS)
def guarded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Guarded]:
    made = subprocess.run([MAKE_ACL, tmp_path, "new"], capture_output=True, text=True, check=True)
    users = tmp_path / "users.acl"
    users.write_text(made.stdout + "user admin on nopass ~* &* +@all\n")
    with (
        GuardedServer(tmp_path, {"aclfile": str(users)}, server=request.param) as server,
        closing(Redis(port=server.port, username="admin", password="x")) as admin,
    ):
        yield Guarded(server, tmp_path, admin)


@pytest.fixture
def told(guarded: Guarded) -> Iterator[tuple[Guarded, str, str]]:
    """Checkouts that the api took and the workers ended, one each way; their ids."""
    api, workers = guarded.container("api"), guarded.container("worker")
    with ExitStack() as open_now:
        for container in (api, workers):
            open_now.enter_context(closing(container.redis()))
            open_now.enter_context(closing(container.probing_redis()))
        api.receiver().receive(produit_id="pencil", units=3)
        begun = [
            api.starter().start(client_id=CLIENT, cart=cart_of({"pencil": units})).checkout_id
            for units in (2, 5)
        ]
        crew = [worker_of(workers, step.worker) for step in SAGA]
        while sum(worker.turn() for worker in crew):
            pass
        assert api.readiness().problems() == workers.readiness().problems() == {}
        yield guarded, begun[0], begun[1]


def test_api_and_workers_are_let_do_their_work_and_ask_for_nothing_more(
    told: tuple[Guarded, str, str],
) -> None:
    guarded, ended_well, failed = told

    with closing((operator := guarded.container("operator")).redis()):
        assert [status_of(operator, id_) for id_ in (ended_well, failed)] == ["succeeded", "failed"]
        before = operator.orders().of_client(CLIENT, count=10)
        operator.orders_rebuilder().rebuild(lambda _: None)
        assert operator.orders().of_client(CLIENT, count=10) == before

    assert refused_by(guarded.admin) == []


def test_a_user_with_read_commands_replays_lists_and_answers_queries(told: tuple[Guarded, str, str]) -> None:
    guarded, ended_well, failed = told
    reader = guarded.container(READER)
    with closing(reader.redis()), closing(reader.probing_redis()):
        assert [status_of(reader, id_) for id_ in (ended_well, failed)] == ["succeeded", "failed"]
        assert len(listed(reader, CHECKOUTS)) == 4 + 3
        assert len(listed(reader, INVENTORY, newest_first=True)) == 3
        assert len(listed(reader, CHECKOUTS, type="OrderCreated")) == 1
        orders = reader.orders().of_client(CLIENT, count=10)
        assert (orders.total_orders, orders.total_failed) == (1, 1)
        order = reader.orders().order(orders.last_order_id or "")
        assert order is not None
        assert order.checkout_id == ended_well
        stock = reader.stock().of("pencil")
        assert stock is not None
        assert stock.units_free == 1
        assert reader.readiness().problems() == {}

        with pytest.raises(Unavailable, match="NoPermission"):
            reader.receiver().receive(produit_id="pencil", units=1)
    assert refused_by(guarded.admin) == [("evalsha", READER)]


def test_the_event_store_api_runs_as_that_user(told: tuple[Guarded, str, str]) -> None:
    guarded, ended_well, _ = told
    with event_store_of(guarded.settings(READER)) as http:
        replay = http.get(f"/api/event-store/replay/checkout/{ended_well}").json()
        listed = http.get(f"/api/event-store/streams/{CHECKOUTS}/events").json()
        orders = http.get(
            f"/api/event-store/cqrs/orders-by-client/{CLIENT}?min_position={listed['events'][-1]['position']}"
        )
        with http.stream(
            "GET",
            f"/api/event-store/streams/{CHECKOUTS}/events?after=0-0",
            headers={"Accept": "text/event-stream"},
        ) as following:
            first = next(line for line in following.iter_lines() if line.startswith("event:"))

        assert http.get(f"/api/orders/o-{ended_well}").status_code == 200
        assert http.get("/readyz").json() == {"status": "ready"}
        assert http.post("/api/checkouts", json={}).status_code == 404
    assert (replay["status"], len(listed["events"]), orders.status_code) == ("succeeded", 7, 200)
    assert (orders.json()["total_orders"], first) == (1, "event: CheckoutInitiated")
    assert refused_by(guarded.admin) == [("config|get", READER)]  # asked once, at the start; a no will do


def test_the_event_store_api_explains_as_that_user_what_became_of_a_checkout(
    told: tuple[Guarded, str, str],
) -> None:
    guarded, _, _ = told
    api, worker = guarded.container("api"), guarded.container("worker")
    with ExitStack() as open_now:
        for container in (api, worker):
            open_now.enter_context(closing(container.redis()))
        begun = api.starter().start(client_id=CLIENT, cart=cart_of({"pencil": 1})).checkout_id
        group = Subscription(stream=CHECKOUTS, group=STEPS[STOCK_RESERVATION].group, consumer="c-1")
        bus = worker.event_bus()
        bus.join(group)
        bus.note_failures(group, [(bus.receive(group, count=1, block_ms=0)[0], "KeyError: x")])
        intended = CallIntended(checkout_id=begun, call="take-1", attempt=1, operation="take", key="k-1")
        write = Write(entity=begun, expected_version=0, events=(NewEvent(event=intended, event_id="e-1"),))
        worker.event_store().append(CALLS, [(write,)])

    with event_store_of(guarded.settings(READER)) as http:
        replay = http.get(f"/api/event-store/replay/checkout/{begun}").json()

    assert replay["waiting"]["why"] == "attempt 1 at CheckoutInitiated failed: KeyError: x"
    assert [(trouble["step"], trouble["state"]) for trouble in replay["troubles"]] == [
        (STOCK_RESERVATION, "tried again")
    ]
    assert [(call["id"], call["standing"]) for call in replay["calls"]] == [(f"{begun}:take-1", "under way")]
    assert refused_by(guarded.admin) == [("config|get", READER)]


def test_no_command_that_writes_is_open_to_the_reader(guarded: Guarded) -> None:
    writing: Any = guarded.admin.command_list(category="write")
    assert len(writing) > 50

    allowed = [name for name in writing if may_write(guarded.admin, READER, name)]

    assert allowed == []


@pytest.mark.parametrize("role", ROLES)
def test_no_role_may_lose_what_happened_or_look_where_it_has_no_business(guarded: Guarded, role: str) -> None:
    assert [words for words in LOSSES if may(guarded.admin, role, *words)] == []


def test_a_password_that_changes_is_read_again_and_a_wrong_one_refuses_the_start(guarded: Guarded) -> None:
    check_server(guarded.settings("api"))
    file = guarded.secrets / "redis-api"
    before = file.read_text()

    file.write_text("not-the-password-of-anybody")
    with pytest.raises(StartRefused, match="refuses the user and password"):
        check_server(guarded.settings("api"))
    guarded.admin.execute_command("ACL", "SETUSER", "api", ">not-the-password-of-anybody")
    assert check_server(guarded.settings("api")).product

    file.unlink()
    with pytest.raises(StartRefused, match=r"REDIS_PASSWORD_FILE \S+redis-api cannot be read: No such file"):
        check_server(guarded.settings("api"))
    assert before not in str(guarded.settings("api"))


@contextlib.contextmanager
def event_store_of(settings: Settings) -> Iterator[httpx.Client]:
    """`comptoir event-store` with these settings, and somebody who asks it."""
    port = free_port()
    environment = os.environ | settings.as_environment() | {"PORT": str(port), "LOG_FORMAT": "json"}
    process = subprocess.Popen([sys.executable, "-m", "entrypoints.cli", "event-store"], env=environment)
    try:
        url = f"http://{LOOPBACK}:{port}"
        eventually(lambda: answers(f"{url}/readyz"), within_s=60.0)
        with httpx.Client(base_url=url, trust_env=False, timeout=30.0) as http:
            yield http
    finally:
        process.terminate()
        assert process.wait(30) == 0


def status_of(container: Container, checkout_id: str) -> str:
    replay = container.replayer().replay(checkout_id)
    assert replay is not None
    return str(replay.view.status)


def listed(container: Container, stream: str, **asked: Any) -> tuple[StoredEntry, ...]:
    page = container.lister().page(stream, count=100, **asked)
    assert page is not None
    return tuple(page.entries)


def refused_by(admin: Any) -> list[tuple[str, str]]:
    """(what was not allowed, to whom), since the server started."""
    return [(entry["object"], entry["username"]) for entry in admin.acl_log()]


def may(admin: Any, role: str, *words: str | bytes) -> bool:
    """Whether the server would do it for `role`."""
    answer = dry_run(admin, role, *words)
    assert answer == b"OK" or b"no permissions" in answer, answer
    return answer == b"OK"


def may_write(admin: Any, role: str, command: bytes) -> bool:
    """The same, with as many keys of the service's as the command needs."""
    for keys in range(8):
        with contextlib.suppress(ResponseError):  # too few, or not what belongs there
            return may(admin, role, *command.split(b"|"), *[CHECKOUTS] * keys)
    raise AssertionError(command)


def dry_run(admin: Any, role: str, *words: str | bytes) -> bytes:
    answer: bytes = admin.execute_command("ACL", "DRYRUN", role, *words)
    return answer
