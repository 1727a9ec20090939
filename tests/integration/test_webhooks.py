"""A notification worker, as a process of its own, against a receiver that is slow, fails and resets."""

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
import redis
import trustme

from adapters.inmemory.clock import FakeClock
from adapters.redis_streams.event_store import RedisEventStore
from application.events.streams import CHECKOUTS
from application.ports.event_store import NewEvent, Write
from domain.cart import Cart, Line
from domain.checkout.events import CheckoutEvent, CheckoutInitiated, CheckoutSucceeded, StockReserved
from domain.checkout.saga import NOTIFICATION, STEPS
from domain.order.events import OrderCreated
from entrypoints.up.ports import free_port
from tests.contracts.receiver import SECRET
from tests.integration.webhook_receiver import Receiver
from tests.waiting import eventually

GROUP: Final = STEPS[NOTIFICATION].group
CART: Final = Cart.of([Line(produit_id="p1", units=2)])
QUICK: Final = {
    "BLOCK_MS": "100",
    "CLAIM_IDLE_MS": "2000",
    "RETRY_BASE_MS": "50",
    "RETRY_MAX_MS": "200",
    "NOTIFY_TIMEOUT_MS": "500",
    "NOTIFY_ATTEMPTS_MAX": "8",
    "CONSUMER_NAME": "notifier-1",
    "LOG_FORMAT": "json",
}


@attrs.define
class Notifying:
    """A worker that sends webhooks, and the shop that it works for."""

    client: "redis.Redis"
    environment: Mapping[str, str]
    log: Path

    @contextmanager
    def running(self, **told: str) -> Iterator["subprocess.Popen[bytes]"]:
        """The worker meanwhile; ends as an operator would end it."""
        port = {"METRICS_PORT": str(free_port())}
        environment = {**os.environ, **self.environment, **port, **told}
        command = [sys.executable, "-m", "entrypoints.process", "worker", NOTIFICATION]
        with self.log.open("ab") as log, subprocess.Popen(command, env=environment, stderr=log) as worker:
            try:
                yield worker
                worker.send_signal(signal.SIGTERM)
                worker.wait(10)
            finally:
                worker.kill()

    def finish(self, count: int, name: str = "c") -> list[str]:
        """So many checkouts that ended in an order, of which nobody was told; their ids."""
        checkouts = [f"{name}{number}" for number in range(count)]
        store = RedisEventStore(self.client, FakeClock())
        store.append(CHECKOUTS, [(_whole(checkout),) for checkout in checkouts])
        return checkouts

    def at_rest(self) -> bool:
        """Whether everything was handed out and dealt with."""
        groups = {group["name"].decode(): group for group in self.client.xinfo_groups(CHECKOUTS)}
        return GROUP in groups and groups[GROUP]["lag"] == groups[GROUP]["pending"] == 0

    def dead_letters(self) -> list[str]:
        """Why each was set aside."""
        letters: Any = self.client.xrange(f"{{{CHECKOUTS}}}/dead-letters")
        return [fields[b"reason"].decode() for _, fields in letters]


def _whole(checkout: str) -> Write:
    ids: dict[str, Any] = {"checkout_id": checkout, "client_id": "client-1"}
    facts: list[CheckoutEvent] = [
        CheckoutInitiated(**ids, cart=CART),
        StockReserved(**ids, cart=CART),
        OrderCreated(**ids, commande_id=f"o-{checkout}", total=CART.total),
        CheckoutSucceeded(**ids, commande_id=f"o-{checkout}"),
    ]
    events = tuple(NewEvent(event=fact, event_id=f"e{number}") for number, fact in enumerate(facts, 1))
    return Write(entity=checkout, expected_version=0, events=events)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(SECRET).listening() as receiver:
        yield receiver


@pytest.fixture
def notifying(valkey_url: str, receiver: Receiver, tmp_path: Path) -> Iterator[Notifying]:
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
        told = {"REDIS_URL": valkey_url, "NOTIFY_URL": receiver.url, "NOTIFY_SECRET": SECRET}
        yield Notifying(client, QUICK | told, tmp_path / "worker.log")


def test_every_end_arrives_once_at_a_receiver_that_is_in_order(
    notifying: Notifying, receiver: Receiver
) -> None:
    checkouts = notifying.finish(100)
    with notifying.running():
        eventually(notifying.at_rest, within_s=30)

    assert receiver.accepted == dict.fromkeys(checkouts, 1)
    assert len(receiver.arrived) == receiver.arrived.total() == 100
    assert receiver.forged == 0
    assert {event["type"] for event in receiver.events} == {"ecommerce.checkout.CheckoutSucceeded"}
    assert notifying.dead_letters() == []


def test_whatever_goes_wrong_on_the_way_every_end_is_accepted_once_or_a_dead_letter(
    notifying: Notifying, receiver: Receiver
) -> None:
    checkouts = notifying.finish(50)
    troubles: list[list[int | str]] = [
        [], [500, 502], ["silence"], ["reset", "reset"], [410], [404, 429, 503], [500] * 8, [302],
    ]  # fmt: skip
    for number, checkout in enumerate(checkouts):
        receiver.badly[checkout] = list(troubles[number % 8])

    with notifying.running():
        eventually(notifying.at_rest, within_s=60)

    lost = [c for number, c in enumerate(checkouts) if troubles[number % 8] in ([410], [500] * 8)]
    assert receiver.accepted == {c: int(c not in lost) for c in checkouts}
    reasons = [f"the receiver answered {status}" for status in (410, 500)]
    assert sorted(notifying.dead_letters()) == [reasons[0]] * 6 + [reasons[1]] * 6
    assert receiver.arrived.total() == sum(
        len(troubles[number % 8]) + (checkout not in lost) for number, checkout in enumerate(checkouts)
    )


def test_a_notice_that_was_sent_and_not_remembered_comes_again_with_the_same_id(
    notifying: Notifying, receiver: Receiver
) -> None:
    (checkout,) = notifying.finish(1)
    receiver.badly[checkout] = ["silence"]
    with notifying.running() as worker:
        eventually(lambda: receiver.held)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    receiver.release.set()
    with notifying.running():
        eventually(notifying.at_rest, within_s=30)

    assert list(receiver.arrived.values()) == [2]
    assert len({event["id"] for event in receiver.events}) == 1


def test_a_receiver_that_is_silent_costs_a_batch_one_timeout(
    notifying: Notifying, receiver: Receiver
) -> None:
    for checkout in notifying.finish(8, "slow"):
        receiver.badly[checkout] = ["silence"]
    others = notifying.finish(8, "quick")
    began_s = time.monotonic()
    with notifying.running():
        eventually(lambda: receiver.accepted.keys() >= set(others), within_s=30)
        assert receiver.held_most == 8, "they were under way at once"
        receiver.release.set()
        eventually(notifying.at_rest, within_s=30)

    assert time.monotonic() - began_s < 20
    assert all(receiver.accepted.values())


def test_a_receiver_that_is_away_costs_nobody_an_attempt(notifying: Notifying, receiver: Receiver) -> None:
    checkouts = notifying.finish(20)
    nowhere = f"http://localhost:{free_port()}/"
    with notifying.running(NOTIFY_URL=nowhere, NOTIFY_ATTEMPTS_MAX="1"):
        eventually(lambda: "the receiver cannot be reached" in notifying.log.read_text(), within_s=30)
    with notifying.running(NOTIFY_ATTEMPTS_MAX="1"):
        eventually(notifying.at_rest, within_s=30)

    assert receiver.accepted == dict.fromkeys(checkouts, 1)
    assert notifying.dead_letters() == []


def test_nobody_is_told_who_cannot_show_a_certificate(notifying: Notifying, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    (checkout,) = notifying.finish(1)
    with Receiver(SECRET).listening(context) as receiver:
        with notifying.running(NOTIFY_URL=receiver.url):
            eventually(lambda: "CERTIFICATE_VERIFY_FAILED" in notifying.log.read_text(), within_s=30)
        assert not receiver.arrived
        with notifying.running(NOTIFY_URL=receiver.url, SSL_CERT_FILE=str(tmp_path / "ca.pem")):
            eventually(lambda: receiver.accepted[checkout], within_s=30)


def test_a_secret_file_that_holds_none_refuses_the_start_in_one_line(
    notifying: Notifying, tmp_path: Path
) -> None:
    (tmp_path / "secrets").write_text("hunter2")
    told = {"NOTIFY_SECRET": "", "NOTIFY_SECRET_FILE": str(tmp_path / "secrets")}
    with notifying.running(**told) as worker:
        assert worker.wait(30) == 2

    said = notifying.log.read_text()
    assert "NOTIFY_SECRET_FILE" in said.splitlines()[-1]
    assert "hunter" not in said
    assert "Traceback" not in said
