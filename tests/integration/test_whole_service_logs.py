"""What real processes write to DATA_DIR/logs in a bad night."""

import json
import os
import signal
from typing import TYPE_CHECKING, Any, Final

import pytest

from application.events.streams import CHECKOUTS
from domain.checkout.commands import Cancel
from domain.checkout.saga import STOCK_RESERVATION
from entrypoints.settings import WORKERS
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = [pytest.mark.slow, pytest.mark.runs_on("valkey")]

SHOPPER: Final = "ada-lovelace"
PRODUCT: Final = "brass-cogwheel"
OPERATOR: Final = "grace-hopper"
NOT_JSON: Final = f'{{"client_id": "{SHOPPER}"'
BASKET: Final = "basket-7"


def lines_of(service: "RunningService") -> list[dict[str, Any]]:
    """All that the API and the workers have logged."""
    texts = [service.log_text(name) for name in ("api", *WORKERS)]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def line(service: "RunningService", event: str, **about: str) -> dict[str, Any]:
    """The one line about it, once it is there."""

    def found() -> list[dict[str, Any]]:
        lines = [line for line in lines_of(service) if line["event"] == event]
        return [line for line in lines if about.items() <= line.items()]

    eventually(found, 30)
    (only,) = found()
    return only


def test_what_goes_wrong_and_what_is_decided_is_one_line_each(alone: "Neighbour") -> None:
    with alone(CHECKOUT_DEADLINE_S="4") as service:
        service.front.receive(PRODUCT, 5)
        with service.frozen(STOCK_RESERVATION):
            late = service.front.post(SHOPPER, {PRODUCT: 1}, X_Correlation_ID=BASKET).json()["checkout_id"]
            unwanted = service.front.checkout(SHOPPER, {PRODUCT: 1})
            cancel = Cancel(actor=OPERATOR, reason=f"{SHOPPER} rang")
            service.shop.container.checkout_desk().intervene(unwanted, cancel)
            expired = line(service, "deadline expired", checkout_id=late)
            cancelled = line(service, "checkout cancelled")
            os.kill(service.pids()[STOCK_RESERVATION], signal.SIGKILL)
        service.server.xadd(CHECKOUTS, {"type": "CheckoutInitiated", "payload": NOT_JSON})
        set_aside = line(service, "delivery set aside", process=STOCK_RESERVATION)
        service.server.xgroup_destroy(CHECKOUTS, "checkout-notification")
        again = line(service, "group made again")
        eventually(lambda: line(service, "process started", process="audit"))

    whereabouts = {"checkout_id", "stream", "group", "consumer", "position", "type", "attempt"}
    always = {"timestamp", "level", "process", "event"}
    assert expired.keys() == always | whereabouts | {"correlation_id"}
    assert (expired["level"], expired["type"]) == ("warning", "CheckoutDeadlineExpired")
    assert expired["correlation_id"] == BASKET
    assert (cancelled["checkout_id"], cancelled["process"]) == (unwanted, "audit")
    assert set_aside.keys() == always | whereabouts | {"error"}
    assert set_aside["error"].startswith("MalformedEvent: payload is not JSON")
    assert (again["process"], again["group"]) == ("notification", "checkout-notification")
    stopped = {found["process"] for found in lines_of(service) if found["event"] == "process stopped"}
    assert stopped == {"api", *WORKERS}
    assert "settings doubted" not in {found["event"] for found in lines_of(service)}
    said = json.dumps(lines_of(service))
    assert not [word for word in (SHOPPER, PRODUCT, OPERATOR) if word in said]
