"""The server away: the service says so at once, and comes back by itself."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

PATIENCE_S = 2.5  # about a second, and as much again for a busy machine


def frozen(service: "RunningService") -> AbstractContextManager[None]:
    return service.server_frozen()


@contextmanager
def shut_down(service: "RunningService") -> Iterator[None]:
    """Stopped in good order. Whoever supervises the embedded one stands still, or would start it at once."""
    os.kill(service.pid, signal.SIGSTOP)
    os.kill(service.server_pid(), signal.SIGTERM)
    try:
        yield
    finally:
        if service.external:
            eventually(service.external.process.ended, within_s=30)
            service.external.start()
        os.kill(service.pid, signal.SIGCONT)


def asked(service: "RunningService", path: str) -> httpx.Response:
    began_s = time.monotonic()
    answer = service.front.http.get(path)
    assert time.monotonic() - began_s < PATIENCE_S
    return answer


@pytest.mark.parametrize(("away", "name"), [(frozen, "ice"), (shut_down, "dark")])
def test_while_the_server_is_away_answers_say_so_at_once_and_all_comes_back_by_itself(
    service: "RunningService", away: Callable[["RunningService"], AbstractContextManager[None]], name: str
) -> None:
    front, before = service.front, service.pids()
    front.receive(name, 10)
    earlier = front.checkout(f"quin-{name}", {name: 1})

    with away(service):
        refused = eventually(lambda: refusal(service, name))
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.json()["type"] == "/problems/unavailable"
        not_ready = eventually(lambda: refused_by(service, "/readyz"))
        assert list(not_ready.json()["problems"]) == ["event store"]
        assert asked(service, "/livez").status_code == 200
        assert asked(service, f"/api/checkouts/{earlier}").status_code == 503

    eventually(lambda: front.http.get("/readyz").status_code == 200, within_s=30)
    again = eventually(lambda: accepted(service, name), within_s=30)
    assert {front.ended(id_)["status"] for id_ in (earlier, again)} == {"succeeded"}
    service.nothing_lost_nothing_twice()
    assert front.stock(name) == (8, 2)
    assert service.pids() == before


def refused_by(service: "RunningService", path: str) -> httpx.Response | None:
    answer = asked(service, path)
    return answer if answer.status_code == 503 else None


def posted(service: "RunningService", name: str) -> httpx.Response:
    """A checkout whose outcome may stay unknown, so it has a key."""
    began_s = time.monotonic()
    answer = service.front.post(f"quin-{name}", {name: 1}, Idempotency_Key=f"outage {name}")
    assert time.monotonic() - began_s < PATIENCE_S
    return answer


def refusal(service: "RunningService", name: str) -> httpx.Response | None:
    answer = posted(service, name)
    return answer if answer.status_code == 503 else None


def accepted(service: "RunningService", name: str) -> str | None:
    answer = posted(service, name)
    return answer.json()["checkout_id"] if answer.status_code == 202 else None
