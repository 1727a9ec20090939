"""Who comes in, where keys are in force; and whom that makes the actor."""

from ipaddress import ip_network

import pytest
from structlog.testing import capture_logs

from adapters.api_keys.api_key import SCOPES, Scope, new_secret
from adapters.http.door.access import ACCESS
from adapters.http.door.door import Door
from adapters.http.door.doorkeeper import Doorkeeper
from adapters.telemetry.bounded_log import LINES_PER_S_MAX, BoundedLog
from application.events.streams import CHECKOUTS
from domain.checkout.events import CheckoutCancelled, CheckoutInitiated
from tests.unit.http.keyed import DOOR, EVERYTHING, EXPIRED, IDS, RING, SECRETS, secret_for
from tests.unit.http.rig import CART, EVENTS, JSON, START, Rig, assert_problem, body

A_CALL: dict[Scope, tuple[str, str, object]] = {
    "checkout:write": ("POST", START, body()),
    "read": ("GET", EVENTS, None),
    "inventory:write": ("POST", "/api/inventory/p1/receipts", {"quantite": 1}),
    "operate": ("GET", "/api/dead-letters", None),
}
INITIATED = CheckoutInitiated(checkout_id="k1", client_id="c1", cart=CART)


@pytest.fixture
def rig() -> Rig:
    return Rig.build(door=DOOR)


def test_every_endpoint_says_whom_it_is_open_to_and_no_other_is_named(rig: Rig) -> None:
    assert {rule.endpoint for rule in rig.client.application.url_map.iter_rules()} == ACCESS.keys()


def test_only_what_tells_no_data_is_open_and_only_reading_needs_read(rig: Rig) -> None:
    for rule in rig.client.application.url_map.iter_rules():
        access, writes = ACCESS[rule.endpoint], "POST" in (rule.methods or ())
        assert access != "open" or not rule.rule.startswith("/api/"), rule.rule
        assert access != "read" or not writes, rule.rule


def test_nothing_but_what_is_open_is_answered_without_a_key(rig: Rig) -> None:
    for rule in rig.client.application.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD"}:
            path = rule.rule.replace("<", "").replace(">", "")
            response = rig.client.open(path, method=method)
            if ACCESS[rule.endpoint] == "open":
                assert response.status_code in {200, 404}, path
            else:
                assert_problem(response, 401, type="/problems/key-needed")
                assert response.headers["WWW-Authenticate"] == 'Bearer realm="comptoir"'
    assert rig.store.page(CHECKOUTS, count=1).entries == ()


def test_nothing_of_a_request_is_read_before_its_key(rig: Rig) -> None:
    response = rig.client.post(START, data=b"\x00" * 1_000_000, headers={"Content-Type": "text/plain"})

    assert_problem(response, 401)


@pytest.mark.parametrize("opens", SCOPES)
def test_a_scope_opens_what_needs_it_and_nothing_else(rig: Rig, opens: Scope) -> None:
    for scope, (method, path, sent) in A_CALL.items():
        response = rig.client.open(path, method=method, json=sent, headers={"X-API-Key": secret_for(opens)})
        if scope == opens:
            assert response.status_code in {200, 201, 202}
        else:
            detail = f"key {IDS[opens]} lacks the scope {scope}"
            assert_problem(response, 403, type="/problems/scope-missing", detail=detail, scope=scope)
            challenge = f'Bearer realm="comptoir", error="insufficient_scope", scope="{scope}"'
            assert response.headers["WWW-Authenticate"] == challenge


@pytest.mark.parametrize(
    "header",
    [
        {"X-API-Key": EVERYTHING},
        {"Authorization": f"Bearer {EVERYTHING}"},
        {"Authorization": f"bearer {EVERYTHING}"},
        {"X-API-Key": EVERYTHING, "Authorization": "Basic YWRhOmh1bnRlcjI="},
    ],
)
def test_a_key_comes_in_either_header(rig: Rig, header: dict[str, str]) -> None:
    assert rig.client.get(EVENTS, headers=header).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {"X-API-Key": EXPIRED},
        {"X-API-Key": EVERYTHING[:-1]},
        {"X-API-Key": new_secret("everything")},
        {"X-API-Key": new_secret("nobody")},
        {"X-API-Key": "é" * 9_000},
        {"Authorization": "Bearer hunter2"},
    ],
)
def test_to_whoever_shows_no_valid_key_it_is_not_told_why(rig: Rig, header: dict[str, str]) -> None:
    response = rig.client.get(EVENTS, headers=header)

    assert_problem(response, 401, type="/problems/key-needed", detail="the key is not valid")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="comptoir", error="invalid_token"'


@pytest.mark.parametrize("place", [f"{EVENTS}?api_key={EVERYTHING}", f"{EVENTS}?x-api-key={EVERYTHING}"])
def test_a_key_in_the_query_opens_nothing(rig: Rig, place: str) -> None:
    assert_problem(rig.client.get(place), 401)


def test_an_endpoint_that_is_forgotten_in_the_table_opens_to_nobody(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.http.door.access.ACCESS", {})

    response = rig.client.get(EVENTS, headers={"X-API-Key": EVERYTHING})

    assert_problem(response, 403, scope="closed")


def test_what_does_not_exist_is_not_hidden_behind_a_key(rig: Rig) -> None:
    assert_problem(rig.client.get("/nowhere"), 404)
    assert_problem(rig.client.delete(EVENTS), 405)


def test_why_somebody_is_not_let_in_is_in_the_log_and_what_was_shown_is_not() -> None:
    rig = Rig.build(door=Door(doorkeeper=Doorkeeper(keys=RING)))
    with capture_logs() as told:
        rig.client.get(EVENTS)
        rig.client.get(EVENTS, headers={"X-API-Key": EXPIRED})
        rig.client.get(EVENTS, headers={"X-API-Key": "hunter2"})
        rig.client.get(EVENTS, headers={"X-API-Key": secret_for("operate")})

    route = "/api/event-store/streams/<stream>/events"
    about = {"method": "GET", "route": route, "address": "127.0.0.1"}
    assert all(about.items() <= line.items() for line in told)
    assert [(line["reason"], line["key_id"]) for line in told] == [
        ("no key", None),
        ("expired", "expired"),
        ("not a key", None),
        ("lacks the scope read", "key-operate"),
    ]
    assert "hunter2" not in str(told)
    assert not any(secret in str(told) for secret in SECRETS.values())


def test_a_flood_of_strangers_does_not_fill_the_disk() -> None:
    now_s = 100.0
    rig = Rig.build(door=Door(doorkeeper=Doorkeeper(keys=RING, log=BoundedLog("door", lambda: now_s))))

    with capture_logs() as told:
        for _ in range(LINES_PER_S_MAX + 7):
            rig.client.get(EVENTS)
        now_s += 1.0
        rig.client.get(EVENTS)

    assert len(told) == LINES_PER_S_MAX + 1
    assert told[-1]["untold"] == 7


@pytest.mark.parametrize(
    ("says", "actor"),
    [
        ({}, "everything"),
        ({"actor": "ada"}, "everything/ada"),
        ({"header": "ada"}, "everything/ada"),
        ({"header": "key-operate"}, "everything/key-operate"),
    ],
)
def test_the_actor_is_whose_key_it_is_whatever_else_a_caller_says(
    rig: Rig, says: dict[str, str], actor: str
) -> None:
    rig.given("k1", INITIATED)
    sent = {"reason": "changed her mind"} | ({"actor": says["actor"]} if "actor" in says else {})
    named = {"X-Actor": says["header"]} if "header" in says else {}

    response = rig.client.post(
        "/api/checkouts/k1/cancel", json=sent, headers=JSON | {"X-API-Key": EVERYTHING} | named
    )

    assert response.status_code == 202
    last = rig.history("k1")[-1].event
    assert isinstance(last, CheckoutCancelled)
    assert last.actor == actor


@pytest.mark.parametrize(("peer", "actor"), [("10.0.0.7", "mary/ada"), ("10.0.0.8", "everything/ada")])
def test_a_gateways_consumer_is_the_actor_where_the_gateway_is_trusted(peer: str, actor: str) -> None:
    rig = Rig.build(trusted_proxies=(ip_network("10.0.0.7"),), door=DOOR)
    rig.given("k1", INITIATED)
    named = {"X-API-Key": EVERYTHING, "X-Consumer-Username": "mary", "X-Actor": "ada"}

    rig.client.post(
        "/api/checkouts/k1/cancel",
        json={"reason": "changed her mind"},
        headers=named,
        environ_base={"REMOTE_ADDR": peer},
    )

    last = rig.history("k1")[-1].event
    assert isinstance(last, CheckoutCancelled)
    assert last.actor == actor
