"""Whatever becomes of a checkout, no line of any process says whose it is, what is in it, or
what people wrote.

What is somebody's is marked here, and no marked word may be in the log.
"""

import io
import json
from collections.abc import Iterator

import attrs
import pytest
from dependency_injector import providers

from adapters.inmemory.event_bus import fields_of
from adapters.notification.log_notifier import LogNotifier
from adapters.telemetry.log_lines import LoggingTelemetry
from adapters.telemetry.several import SeveralTelemetries
from application.events.streams import CHECKOUTS
from application.ports.dead_letters import Wanted
from application.ports.errors import Unavailable
from domain.checkout import saga
from domain.checkout.commands import (
    Cancel,
    ForceCompensation,
    Intervene,
    PostponeDeadline,
    Resolve,
    RetryStep,
)
from entrypoints.api import application_of
from entrypoints.settings import Settings
from tests.logged import logged
from tests.shop import Shop
from tests.shop_elsewhere import START, ShopElsewhere, elsewhere
from tests.unit.application import closed_warehouse
from tests.unit.http.keyed import DOOR, EVERYTHING
from tests.unit.http.rig import Rig

MARK = "zzmark"
CLIENT, PRODUCT, ACTOR, WORDS = (f"{MARK}-{what}" for what in ("client", "product", "actor", "words"))
SAID = {"actor": ACTOR, "reason": WORDS}
IMPATIENT = Settings(attempts_max=2, compensation_attempts_max=2, retry_base_ms=1_000)


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(autouse=True)
def _nothing_personal(log: io.StringIO) -> Iterator[None]:
    with logged(log):
        yield
    assert MARK not in log.getvalue()


def told(shop: Shop) -> Shop:
    """The shop with the log that its processes have."""
    telemetry = SeveralTelemetries(LoggingTelemetry(), shop.telemetry)
    shop.container.telemetry.override(providers.Object(telemetry))
    shop.container.notifier.override(providers.Object(LogNotifier()))
    return shop


def events(log: io.StringIO) -> set[str]:
    """What the lines are about."""
    return {json.loads(line)["event"] for line in log.getvalue().splitlines()}


def started(shop: Shop, units: int = 1) -> str:
    return shop.start({PRODUCT: units}, client_id=CLIENT)


def test_a_checkout_that_succeeds_leaves_a_notice_and_no_other_line(log: io.StringIO) -> None:
    shop = told(Shop())
    shop.receive({PRODUCT: 5})
    shop.run()
    before = log.getvalue()
    started(shop)
    shop.run()

    lines = log.getvalue().removeprefix(before).splitlines()
    assert [line for line in lines if '"client notified"' not in line] == []
    assert len(lines) == 1


def test_a_refusal_and_every_act_of_a_person(log: io.StringIO) -> None:
    shop = told(Shop(settings=IMPATIENT))
    started(shop)
    shop.run()
    desk = shop.container.checkout_desk()
    acts: list[Intervene] = [RetryStep(**SAID), Cancel(**SAID), ForceCompensation(**SAID), Resolve(**SAID)]
    for act in (*acts, PostponeDeadline(**SAID, expires_at_s=None)):
        desk.intervene(started(shop), act)
    shop.run()

    assert events(log) >= {
        "client notified",
        "step retried",
        "deadline postponed",
        "checkout cancelled",
        "compensation forced",
        "checkout resolved by hand",
    }


def test_a_deadline(log: io.StringIO) -> None:
    shop = told(Shop())
    started(shop)
    shop.run(saga.DEADLINE)
    shop.clock.advance(shop.settings.checkout_deadline_s + 1)
    shop.run(saga.DEADLINE)
    shop.run()

    assert "deadline expired" in events(log)


def test_a_dead_letter_its_attempts_and_a_checkout_that_needs_a_person(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closed_warehouse, "WHY", f"{CLIENT} wants {PRODUCT}: {WORDS}")
    closed = closed_warehouse.ClosedShop(saga.STOCK_COMPENSATION, told(Shop(settings=IMPATIENT)))
    shop = closed.shop
    shop.receive({PRODUCT: 5})
    checkout = started(shop)
    shop.run(saga.STOCK_RESERVATION)
    shop.container.checkout_desk().intervene(checkout, Cancel(**SAID))
    closed.run_into_dead_letters()
    letters, _ = shop.container.dead_letter_desk().page(Wanted(), count=10)
    shop.container.dead_letter_desk().redrive([letters[0].id], actor=ACTOR, reason=WORDS)
    shop.pass_time(1)

    assert events(log) >= {
        "attempt failed",
        "delivery set aside",
        "checkout needs a person",
        "dead letters tried again",
    }


def test_what_another_program_wrote_and_nobody_can_read(log: io.StringIO) -> None:
    shop = told(Shop())
    for payload in (f'{{"client_id": "{CLIENT}"', f'"{WORDS}"', f'{{"{MARK}": 1, "panier": "{WORDS}"}}'):
        shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload=payload))
    shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload="{}", version=WORDS, event_id="e"))
    shop.run()

    assert "delivery set aside" in events(log)


def test_a_call_in_doubt_and_how_it_was_settled(log: io.StringIO) -> None:
    shop = ShopElsewhere(settings=elsewhere())
    told(shop)
    shop.inventory.faults.append("lost-before")
    checkout = shop.start({next(iter(START)): 1}, client_id=CLIENT)
    shop.run()
    shop.container.call_desk().settle(f"{checkout}:take-1", happened=True, actor=ACTOR, reason=WORDS)
    shop.run()

    assert events(log) >= {"call in doubt", "doubt settled", "step retried"}


def test_requests_their_keys_paths_and_bugs(log: io.StringIO) -> None:
    rig = Rig.build(door=attrs.evolve(DOOR, request_log=True))
    for key in (EVERYTHING, f"{MARK}.key"):
        for path in (f"/api/event-store/cqrs/orders-by-client/{CLIENT}", f"/{CLIENT}?{WORDS}"):
            rig.client.get(path, headers={"X-API-Key": key})
    for trouble in (RuntimeError(WORDS), Unavailable("the store is away")):
        rig.store.trouble = trouble
        body = {"client_id": CLIENT, "panier": {"produits": [{"produit_id": PRODUCT, "quantite": 1}]}}
        rig.client.post("/api/checkouts", json=body, headers={"X-API-Key": EVERYTHING})

    assert events(log) == {"request", "not let in", "request failed", "unavailable"}
    assert EVERYTHING not in log.getvalue()


def test_dead_letters_that_somebody_decided_about_over_http(log: io.StringIO) -> None:
    shop = told(Shop(settings=IMPATIENT))
    shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload=WORDS))
    shop.run()
    api = application_of(shop.container).test_client()
    letters, _ = shop.container.dead_letter_desk().page(Wanted(), count=10)
    first, second, *_ = (letter.id for letter in letters)
    api.post(f"/api/dead-letters/{first}/redrive", json=SAID)
    api.post(f"/api/dead-letters/{second}/discard", json=SAID)

    assert events(log) >= {"dead letters redriven", "dead letter discarded"}
