"""The stand-in does what a real Kong 3.9.1 was seen to do: what is driven through it means something."""

from collections.abc import Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import Client, TestResponse

from adapters.inmemory.clock import FakeClock
from tests.each_row import each_row
from tests.kong.declared import KONG_YML, Declared
from tests.kong.gateway import ADDRESS, Gateway

CONSUMERS: Final = """
consumers:
  - {username: shop, keyauth_credentials: [{key: shop-key}]}
  - {username: reports, keyauth_credentials: [{key: reports-key}, {key: reports-key-before}]}
"""
WITH_CONSUMERS: Final = KONG_YML.read_text() + CONSUMERS
SHOP: Final = {"x-api-key": "shop-key"}
REPORTS: Final = {"x-api-key": "reports-key"}
MINUTE_MAX: Final = 3
CHECKOUT: Final = "/api/ecommerce/api/checkouts/k1"


class Behind:
    """What the upstream was asked."""

    def __init__(self, text: str = WITH_CONSUMERS) -> None:
        self.clock: Final = FakeClock()
        self.asked: list[dict[str, Any]] = []
        self.gateway: Final = Gateway(Declared.parse(text), self._answer, clock=self.clock)
        self.client: Final = Client(self.gateway)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked.append(environ)
        start_response("204 No Content", [])
        return []

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.1"})


@pytest.fixture
def behind() -> Behind:
    return Behind()


def assert_kongs_own(response: TestResponse, status: int, message: str) -> None:
    assert (response.status_code, response.json) == (status, {"message": message})
    assert response.mimetype == "application/json"


def test_without_a_key_nobody_comes_in(behind: Behind) -> None:
    response = behind.get(CHECKOUT)

    assert_kongs_own(response, 401, "No API key found in request")
    assert response.headers["WWW-Authenticate"].startswith("Key")
    assert behind.asked == []


@pytest.mark.parametrize("key", ["wrong", "{vault://env/shop}", "shop-key2", "SHOP-KEY"])
def test_with_a_bad_key_neither(behind: Behind, key: str) -> None:
    assert_kongs_own(behind.get(CHECKOUT, **{"x-api-key": key}), 401, "Unauthorized")
    assert behind.asked == []


def test_a_key_in_the_query_is_none(behind: Behind) -> None:
    assert_kongs_own(behind.get(f"{CHECKOUT}?x-api-key=shop-key"), 401, "No API key found in request")


def test_as_it_is_shipped_nobody_comes_in_at_all() -> None:
    assert Behind(KONG_YML.read_text()).get(CHECKOUT, **SHOP).status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/checkouts/k1", "/api/inventaire/x", "/metrics", "/livez"]
)
def test_a_path_that_no_route_has_is_kongs_404(behind: Behind, path: str) -> None:
    assert_kongs_own(behind.get(path, **SHOP), 404, "no Route matched with those values")


@each_row("at", ["/api/ecommerce", "/event-store"])
@each_row("rest", ["/metrics", "metrics", "/metrics/", "/livez", "/readyz", "//readyz"])
def test_what_is_not_for_outside_looks_as_if_it_did_not_exist(behind: Behind, at: str, rest: str) -> None:
    assert_kongs_own(behind.get(at + rest, **SHOP), 404, "no Route matched with those values")
    assert behind.asked == []


@pytest.mark.parametrize(
    ("asked", "path", "prefix"),
    [
        (CHECKOUT + "?x=1", "/api/checkouts/k1", "/api/ecommerce"),
        (
            "/event-store/api/event-store/streams/s/events?x=1",
            "/api/event-store/streams/s/events",
            "/event-store",
        ),
    ],
)
def test_the_prefix_is_cut_off_and_told(behind: Behind, asked: str, path: str, prefix: str) -> None:
    behind.get(asked, **SHOP)

    (environ,) = behind.asked
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == (path, "x=1")
    assert environ["HTTP_X_FORWARDED_PREFIX"] == prefix
    assert environ["HTTP_X_FORWARDED_PATH"] == asked.partition("?")[0]


def test_the_service_is_told_who_asks_and_from_where_but_not_the_key(behind: Behind) -> None:
    behind.get(CHECKOUT, **SHOP, **{"X-Consumer-Username": "operations", "X-Forwarded-Prefix": "/forged"})

    (environ,) = behind.asked
    assert environ["HTTP_X_CONSUMER_USERNAME"] == "shop"
    assert {"HTTP_X_CONSUMER_ID", "HTTP_X_CREDENTIAL_IDENTIFIER", "HTTP_X_REAL_IP"} <= environ.keys()
    assert environ["HTTP_X_FORWARDED_FOR"].endswith("192.0.2.1")
    assert environ["HTTP_X_FORWARDED_PREFIX"] == "/api/ecommerce"
    assert (environ["HTTP_HOST"], environ["REMOTE_ADDR"]) == ("comptoir", ADDRESS)
    assert "shop-key" not in repr(environ)


def test_a_request_without_a_correlation_id_gets_one_and_hears_of_it(behind: Behind) -> None:
    response = behind.get(CHECKOUT, **SHOP)

    assert response.headers["X-Correlation-ID"] == behind.asked[0]["HTTP_X_CORRELATION_ID"]
    assert len(response.headers["X-Correlation-ID"]) == 36


def test_a_clients_own_correlation_id_is_kept(behind: Behind) -> None:
    response = behind.get(CHECKOUT, **SHOP, **{"X-Correlation-ID": "mine"})

    assert response.headers["X-Correlation-ID"] == behind.asked[0]["HTTP_X_CORRELATION_ID"] == "mine"


def test_too_much_is_refused_and_uses_no_quota(behind: Behind) -> None:
    def left(size: int) -> tuple[int, str | None]:
        sent = behind.client.post("/api/ecommerce/api/checkouts", data=b"x" * size, headers=SHOP)
        return sent.status_code, sent.headers.get("RateLimit-Remaining")

    assert left(65_536) == (204, "5999")
    assert left(65_537) == (413, None)
    assert left(1) == (204, "5998")


def test_each_consumer_has_its_own_quota_until_the_minute_is_over() -> None:
    behind = Behind(WITH_CONSUMERS.replace("minute: 6000", f"minute: {MINUTE_MAX}"))
    for left in reversed(range(MINUTE_MAX)):
        assert behind.get(CHECKOUT, **SHOP).headers["X-RateLimit-Remaining-Minute"] == str(left)

    refused = behind.get(CHECKOUT, **SHOP)

    assert_kongs_own(refused, 429, "API rate limit exceeded")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert behind.get(CHECKOUT, **REPORTS).status_code == 204
    behind.clock.advance(float(refused.headers["Retry-After"]))
    assert behind.get(CHECKOUT, **SHOP).status_code == 204


def test_two_keys_of_a_consumer_are_one_consumer(behind: Behind) -> None:
    for key in ("reports-key", "reports-key-before"):
        behind.get(CHECKOUT, **{"x-api-key": key})

    assert [environ["HTTP_X_CONSUMER_USERNAME"] for environ in behind.asked] == ["reports", "reports"]


def test_the_event_store_is_looked_at_and_not_written_to(behind: Behind) -> None:
    response = behind.client.post("/event-store/api/checkouts", json={}, headers=SHOP)

    assert_kongs_own(response, 404, "no Route matched with those values")


def test_requests_are_counted_by_service_code_and_consumer(behind: Behind) -> None:
    behind.get(CHECKOUT, **SHOP)
    behind.get("/event-store/x", **REPORTS)

    assert behind.gateway.counted == {("checkout-api", 204, "shop"): 1, ("event-store", 204, "reports"): 1}
