"""What a version of schema 1 left half way is carried on: `tests/upgrade/make_state.py` made it."""

import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest
import redis

from adapters.redis_streams.keys import deadlines_key
from application.events.streams import CHECKOUTS, STREAMS
from domain.checkout.saga import DEADLINE, SAGA, STEPS, STOCK_RESERVATION
from tests.instance import ExternalServer, RunningService
from tests.integration.nodes import SERVERS, binary_of
from tests.invariants import entries, invariants
from tests.running_service import IMPATIENT, free_base_port

if TYPE_CHECKING:
    from application.ports.event_store import StoredEntry

pytestmark = pytest.mark.slow

STATE: Final[dict[str, Any]] = orjson.loads(
    (Path(__file__).parents[1] / "upgrade" / "schema-1.json").read_bytes()
)
LEFT: Final[dict[str, str]] = STATE["checkouts"]
FINISHED: Final[dict[str, Any]] = STATE["replays"]
FAIL: Final = {"no stock", "refused", "refused, not given back", "no stock, not closed"}
STOCK: Final = {"pencil": (84, 16), "globe": (1, 1), "diamond": (10, 0)}
ORDERS: Final = {"ada": (2, 0), "bob": (0, 2), "carl": (1, 1), "dora": (1, 1), "erin": (2, 0), "fred": (2, 0)}
ORDERS_OF: Final = "/api/event-store/cqrs/orders-by-client/"


def put_back(server: Any, audit: Path) -> None:
    """Everything, as if the old version had been stopped just now: no deadline has passed since."""
    for key, dumped in STATE["keys"].items():
        server.restore(key, 0, b64decode(dumped))
    since_s = time.time() - STATE["made_at_s"]
    for checkout_id, due_s in server.zrange(deadlines_key(CHECKOUTS), 0, -1, withscores=True):
        server.zadd(deadlines_key(CHECKOUTS), {checkout_id: due_s + since_s})
    audit.mkdir(parents=True)
    for name, text in STATE["audit"].items():
        (audit / name).write_text(text)


@pytest.fixture(scope="module", params=SERVERS)
def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """This version on it, when it has nothing left to do, and what was set aside has been tried again."""
    server = ExternalServer.at(tmp_path_factory.mktemp("server"), binary_of(request.param))
    environment = {"REDIS_URL": server.server.url, "PORT": "0", "METRICS_BASE_PORT": str(free_base_port())}
    service = RunningService(tmp_path_factory.mktemp("data"), IMPATIENT | environment)
    with server.running():
        with redis.Redis.from_url(server.server.url) as client:
            put_back(client, service.data_dir / "audit")
        with service.running():
            service.comes_to_rest()
            # The deadline last: this start's has long passed, and would race with what the others make of it.
            for step in (STEPS[STOCK_RESERVATION], STEPS[DEADLINE]):
                words = ("dead-letters", "redrive", "--all", "--yes", "--group", step.group)
                code, told = service.comptoir(*words, "--reason", "upgraded")
                assert (code, [*told["answers"].values()]) == (0, ["redriven"])
                service.comes_to_rest()
            yield service


def everything(service: RunningService) -> "list[StoredEntry]":
    return [entry for stream in STREAMS for entry in entries(service.shop, stream)]


@pytest.mark.parametrize("name", LEFT)
def test_every_checkout_ends_as_it_should(upgraded: RunningService, name: str) -> None:
    replay = upgraded.front.ended(LEFT[name])

    assert replay["status"] == ("failed" if name in FAIL else "succeeded")


@pytest.mark.parametrize("name", FINISHED)
def test_the_replay_of_what_had_ended_tells_what_it_told_before(upgraded: RunningService, name: str) -> None:
    replay = upgraded.front.ended(LEFT[name])

    before = FINISHED[name]
    assert {field: replay[field] for field in before} == before


def test_nothing_is_lost_and_nothing_is_done_twice(upgraded: RunningService) -> None:
    front = upgraded.front

    invariants(upgraded.shop)

    assert {produit_id: front.stock(produit_id) for produit_id in STOCK} == STOCK
    shown = {client_id: front.get(f"{ORDERS_OF}{client_id}") for client_id in ORDERS}
    assert {id_: (said["total_orders"], said["total_failed"]) for id_, said in shown.items()} == ORDERS
    told_before = {LEFT[name] for name in FINISHED}
    assert sorted(id_ for id_, _ in upgraded.noticed()) == sorted(set(LEFT.values()) - told_before)
    assert sorted(upgraded.audited()) == sorted(e.position for e in entries(upgraded.shop, CHECKOUTS))
    code, verdict = upgraded.verified()
    assert (code, verdict["findings"]) == (0, []), verdict


@pytest.mark.parametrize(
    ("name", "key", "client"), [("by key", "order-7", "ada"), ("started by key", "open-1", "fred")]
)
def test_an_idempotency_key_still_stands_for_its_checkout(
    upgraded: RunningService, name: str, key: str, client: str
) -> None:
    before = everything(upgraded)

    answer = upgraded.front.post(client, {"pencil": 1}, Idempotency_Key=key)

    assert answer.json()["checkout_id"] == LEFT[name]
    assert everything(upgraded) == before


def test_all_of_it_delivered_again_changes_nothing(upgraded: RunningService) -> None:
    before, stock = everything(upgraded), {p: upgraded.front.stock(p) for p in STOCK}

    for step in SAGA:
        upgraded.server.xgroup_setid(CHECKOUTS, step.group, "0")
    upgraded.comes_to_rest()

    assert everything(upgraded) == before
    assert {p: upgraded.front.stock(p) for p in STOCK} == stock
    invariants(upgraded.shop)
