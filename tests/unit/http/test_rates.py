"""How often one may ask. Limits are per hour, so that no test waits for a window to end but one."""

from adapters.http.door.door import Door
from adapters.http.door.doorkeeper import Doorkeeper
from adapters.http.door.rates import Rates
from application.events.streams import CHECKOUTS
from tests.unit.http.keyed import EVERYTHING, EXPIRED, RING, secret_for
from tests.unit.http.rig import EVENTS, START, Rig, assert_problem, body

KEY = {"X-API-Key": EVERYTHING}
ANOTHER = {"X-API-Key": secret_for("read")}


def keyed(*, per_key: str = "", overall: str = "") -> Rig:
    return Rig.build(
        door=Door(doorkeeper=Doorkeeper(keys=RING), rates=Rates(per_key=per_key, overall=overall))
    )


def test_a_key_that_asks_too_often_is_told_when_to_come_back_and_others_are_served() -> None:
    rig = keyed(per_key="3/hour")
    for left in (2, 1, 0):
        answered = rig.client.get(EVENTS, headers=KEY)
        assert answered.status_code == 200
        assert answered.headers["RateLimit-Policy"] == '"key";q=3;w=3600'
        assert answered.headers["RateLimit"].startswith(f'"key";r={left};t=')

    refused = rig.client.get(EVENTS, headers=KEY)

    detail = "key everything may ask 3 times in 3600 s"
    assert_problem(refused, 429, type="/problems/too-many-requests", detail=detail, policy="key")
    assert 1 <= int(refused.headers["Retry-After"]) <= 3_600
    assert refused.headers["RateLimit"] == f'"key";r=0;t={refused.headers["Retry-After"]}'
    assert rig.client.get(EVENTS, headers=ANOTHER).status_code == 200


def test_nothing_is_done_for_who_asks_too_often() -> None:
    rig = Rig.build(door=Door(rates=Rates(overall="1/hour")))
    assert rig.client.post(START, json=body()).status_code == 202

    assert_problem(rig.client.post(START, json=body()), 429, policy="all")

    assert len(rig.store.page(CHECKOUTS, count=9).entries) == 1


def test_all_callers_together_have_a_limit_too() -> None:
    rig = keyed(per_key="9/hour", overall="2/hour")
    rig.client.get(EVENTS, headers=KEY)
    second = rig.client.get(EVENTS, headers=ANOTHER)
    assert second.headers["RateLimit-Policy"] == '"key";q=9;w=3600, "all";q=2;w=3600'
    assert '"all";r=0' in second.headers["RateLimit"]

    detail = "all callers together may ask 2 times in 3600 s"
    assert_problem(rig.client.get(EVENTS, headers=ANOTHER), 429, policy="all", detail=detail)


def test_strangers_use_nothing_up() -> None:
    rig = keyed(per_key="1/hour", overall="1/hour")
    for headers in ({}, {"X-API-Key": EXPIRED}, {"X-API-Key": secret_for("operate")}):
        assert rig.client.get(EVENTS, headers=headers).status_code in {401, 403}
    rig.client.get("/nowhere", headers=KEY)

    assert rig.client.get(EVENTS, headers=KEY).status_code == 200


def test_probes_are_never_counted() -> None:
    rig = Rig.build(door=Door(rates=Rates(overall="1/hour")))

    for path in ("/livez", "/readyz", "/metrics") * 3:
        answered = rig.client.get(path)
        assert answered.status_code == 200
        assert "RateLimit" not in answered.headers


def test_without_limits_nobody_is_counted() -> None:
    assert not [name for name, _ in Rig.build().client.get(EVENTS).headers if name.startswith("RateLimit")]
