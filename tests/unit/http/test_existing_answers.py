"""What every answer means, and every silence: the rows of docs/service-calls.md."""

from pathlib import Path

import attrs
import httpx
import pytest
from structlog.testing import capture_logs

from adapters.http.existing.answers import ComeBack, Misconfigured, NotReached
from adapters.http.existing.key import ApiKey
from application.ports.existing_services import CallRefused, NotCalled, OutcomeUnknown
from tests.each_row import each_row
from tests.existing import CALL, Ask, answering, cancel, enter, existing, take
from tests.logged import logged
from tests.sandbox import API_KEY

TAKEN = httpx.Response(
    200, json={"success": True, "message": "ok", "nouvelle_quantite": 1, "niveau": "Normal"}
)
ENTERED = httpx.Response(201, json={"success": True, "vente": {"id": "v-1", "statut": "active"}})
BUSY = httpx.Response(503, headers={"Retry-After": "0"})
NO_ROUTE = httpx.Response(404, json={"message": "no Route matched with those values"})
UNKNOWN_SALE = httpx.Response(404, json={"error": "Vente inconnue"})


@each_row(
    ("answer", "outcome", "said"),
    [
        (httpx.ConnectError("refused"), NotReached, "refused"),
        (httpx.ConnectTimeout("slow"), NotReached, "ConnectTimeout"),
        (httpx.PoolTimeout(""), NotReached, "PoolTimeout"),
        (httpx.WriteError("broken pipe"), OutcomeUnknown, "broken pipe"),
        (httpx.WriteTimeout(""), OutcomeUnknown, "WriteTimeout"),
        (httpx.ReadTimeout(""), OutcomeUnknown, "ReadTimeout"),
        (httpx.ReadError("reset by peer"), OutcomeUnknown, "reset by peer"),
        (httpx.RemoteProtocolError("disconnected"), OutcomeUnknown, "disconnected"),
        (httpx.Response(400, json={"error": "Stock\ninsuffisant"}), CallRefused, "Stock insuffisant"),
        (httpx.Response(400, json={"quantite": ["requis"]}), CallRefused, '{"quantite":["requis"]}'),
        (httpx.Response(422, json={"detail": "non"}), CallRefused, "non"),
        (httpx.Response(404, json={"error": "Produit inconnu"}), CallRefused, "Produit inconnu"),
        (httpx.Response(400, html="<h1>Bad Request (400)</h1>"), Misconfigured, "400"),
        (httpx.Response(401, json={"message": "Unauthorized"}), Misconfigured, "401 Unauthorized"),
        (httpx.Response(403, json={"message": "You cannot consume this service"}), Misconfigured, "403 You"),
        (NO_ROUTE, Misconfigured, "404 no Route matched"),
        (httpx.Response(404, html="<h1>Not Found</h1>"), Misconfigured, "404"),
        (httpx.Response(405), Misconfigured, "405"),
        (httpx.Response(413, json={"message": "Request size limit exceeded"}), Misconfigured, "413 Request"),
        (httpx.Response(301, headers={"Location": "https://kong/"}), Misconfigured, "301"),
        (httpx.Response(308, headers={"Location": "https://kong/"}), Misconfigured, "308"),
        (httpx.Response(302, headers={"Location": "https://kong/done"}), OutcomeUnknown, "302"),
        (httpx.Response(408), ComeBack, "408"),
        (httpx.Response(425), ComeBack, "425"),
        (httpx.Response(429, json={"message": "API rate limit exceeded"}), ComeBack, "429 API rate limit"),
        (httpx.Response(503, headers={"Retry-After": "7"}), ComeBack, "503"),
        (httpx.Response(503, headers={"Retry-After": "Sun, 22 Nov 2026 10:00:00 GMT"}), ComeBack, "503"),
        (httpx.Response(503), OutcomeUnknown, "503"),
        (httpx.Response(409, json={"error": "en cours"}), OutcomeUnknown, "409 en cours"),
        (httpx.Response(500), OutcomeUnknown, "500"),
        (httpx.Response(502, json={"message": "invalid response"}), OutcomeUnknown, "502 invalid response"),
        (httpx.Response(504), OutcomeUnknown, "504"),
        (httpx.Response(200, json={"success": False, "error": "non"}), OutcomeUnknown, "not say success"),
        (httpx.Response(200, json=[]), OutcomeUnknown, "not say success"),
        (httpx.Response(200, content=b'{"succ'), OutcomeUnknown, "not say success"),
        (httpx.Response(200, html="<h1>Welcome</h1>"), OutcomeUnknown, "not say success"),
        (httpx.Response(200, json={"success": True, "x": "y" * 70_000}), OutcomeUnknown, "success"),
        (httpx.Response(202, json={"success": True}), OutcomeUnknown, "202"),
        (httpx.Response(204), OutcomeUnknown, "204"),
    ],
)  # fmt: skip
def test_what_is_heard_when_units_are_taken(
    answer: httpx.Response | Exception, outcome: type[Exception], said: str
) -> None:
    http, _ = answering(answer)

    with pytest.raises((CallRefused, NotCalled, OutcomeUnknown)) as raised:
        take(existing(http))

    assert type(raised.value) is outcome
    assert said in str(raised.value)


@pytest.mark.parametrize("status", [200, 201])
def test_units_are_taken_where_the_answer_says_so(status: int) -> None:
    http, sent = answering(httpx.Response(status, json={"success": True}))

    take(existing(http))

    (request,) = sent
    assert (request.method, request.url.path) == (
        "POST",
        "/base/api/inventaire/api/ddd/inventaire/diminuer-stock/",
    )
    assert request.content == b'{"produit_id":"p","quantite":1}'


def test_a_sale_that_is_entered_has_an_id() -> None:
    http, sent = answering(ENTERED)

    assert enter(existing(http)) == "v-1"
    assert sent[0].content == b'{"magasin_id":"m","client_id":"c","produit_id":"p","quantite":2}'


@each_row(
    "vente", [None, {}, {"id": None}, {"id": 7}, {"id": ""}, {"id": "../../x"}, {"id": "v" * 129}, "v-1"]
)
def test_a_sale_without_an_id_that_can_be_kept_is_in_doubt(vente: object) -> None:
    http, _ = answering(httpx.Response(201, json={"success": True, "vente": vente}))

    with pytest.raises(OutcomeUnknown, match="names no sale"):
        enter(existing(http))


@each_row(
    "answer",
    [
        httpx.Response(200, json={"success": True}),
        httpx.Response(200, json={"vente": {"statut": "annulee"}}),
        httpx.Response(400, json={"error": "La vente est déjà annulée"}),
        httpx.Response(400, json={"error": "Sale already cancelled"}),
    ],
)
def test_a_sale_that_is_cancelled_already_is_done(answer: httpx.Response) -> None:
    http, sent = answering(answer)

    cancel(existing(http))

    assert (sent[0].method, sent[0].url.path[-18:]) == ("PATCH", "ventes-ddd/v-1/annuler/"[-18:])
    assert sent[0].content == b'{"motif":"refused"}'


@pytest.mark.parametrize("answer", [UNKNOWN_SALE, httpx.Response(400, json={"error": "La vente est livrée"})])
def test_a_sale_that_cannot_be_cancelled_is_refused_aloud(answer: httpx.Response) -> None:
    http, _ = answering(answer)

    with pytest.raises(CallRefused):
        cancel(existing(http))


def test_every_call_says_who_calls_what_for_and_under_which_key() -> None:
    http, sent = answering(TAKEN)

    take(existing(http))

    headers = sent[0].headers
    assert headers["X-API-Key"] == API_KEY
    assert headers["Idempotency-Key"] == "k-1"
    assert headers["traceparent"] == f"00-{'a' * 32}-{'b' * 16}-01"
    assert headers["X-Correlation-ID"] == "c-1"


@each_row(
    ("answer", "repeatable", "ask", "sent_times"),
    [
        (httpx.ConnectError("refused"), False, take, 3),
        (BUSY, False, take, 3),
        (httpx.Response(429), False, enter, 3),
        (httpx.Response(503, headers={"Retry-After": "60"}), True, take, 1),  # longer than a call may take
        (httpx.ReadTimeout(""), False, take, 1),
        (httpx.ReadTimeout(""), False, enter, 1),
        (httpx.ReadTimeout(""), True, take, 3),
        (httpx.ReadTimeout(""), False, cancel, 3),  # cancelling twice is cancelling
        (httpx.Response(500), False, take, 1),
        (httpx.Response(500), True, enter, 3),
        (httpx.Response(400, json={"error": "non"}), True, take, 1),
        (httpx.Response(401), True, take, 1),
    ],
)
def test_a_call_is_made_again_only_where_that_is_safe_and_of_use(
    answer: httpx.Response | Exception, repeatable: bool, ask: Ask, sent_times: int
) -> None:
    http, sent = answering(answer)

    with pytest.raises((CallRefused, NotCalled, OutcomeUnknown)):
        ask(existing(http, repeatable=repeatable))

    assert len(sent) == sent_times
    assert {request.headers["Idempotency-Key"] for request in sent} == {"k-1"}


def test_what_comes_right_at_the_second_attempt_is_done_and_counted() -> None:
    http, _ = answering(httpx.ConnectError("refused"), TAKEN)
    at = existing(http)

    take(at)

    labels = {"service": "inventory", "operation": "take"}
    assert at.count("service_calls_repeated_total", **labels) == 1
    assert at.count("service_calls_total", **labels, outcome="done") == 1
    assert at.count("service_call_seconds_count", **labels) == 1


@pytest.mark.parametrize("then", [httpx.ConnectError("refused"), BUSY, httpx.Response(401)])
def test_a_doubt_stays_one_when_the_repetition_is_not_heard(
    then: httpx.Response | Exception,
) -> None:
    http, _ = answering(httpx.ReadTimeout("no answer"), then)

    with pytest.raises(OutcomeUnknown, match="no answer; when asked again: "):
        take(existing(http, repeatable=True))


def test_what_a_repeatable_service_says_the_second_time_settles_the_first() -> None:
    refused, _ = answering(httpx.ReadTimeout(""), httpx.Response(400, json={"error": "non"}))
    done, _ = answering(httpx.ReadTimeout(""), ENTERED)

    with pytest.raises(CallRefused):
        take(existing(refused, repeatable=True))
    assert enter(existing(done, repeatable=True)) == "v-1"


def test_to_be_turned_away_by_the_gateway_is_told_aloud_and_without_the_key() -> None:
    http, _ = answering(httpx.Response(401, json={"message": "Unauthorized"}))
    at = existing(http)

    with capture_logs() as logs, pytest.raises(Misconfigured):
        take(at)

    (line,) = logs
    assert (line["log_level"], line["error"]) == ("error", "Misconfigured: it answered 401")
    assert API_KEY not in str(logs)
    assert (
        at.count("service_calls_total", service="inventory", operation="take", outcome="misconfigured") == 1
    )


def test_every_line_about_a_call_names_the_checkout_and_the_request_that_it_comes_from() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "0"}, json={"detail": "zoulou is unknown"})
    denied = httpx.Response(401, json={"message": "zoulou is unknown"})
    http, _ = answering(busy, denied)
    call = attrs.evolve(CALL, checkout_id="c1")

    with logged() as lines, pytest.raises(Misconfigured):
        existing(http).inventory.take(produit_id="p-1", units=1, call=call)

    assert [line["event"] for line in lines()] == [
        "call made again",
        "the gateway or the service turns us away: a setting is wrong, not this call",
    ]
    for line in lines():
        assert (line["checkout_id"], line["correlation_id"], line["trace_id"]) == ("c1", "c-1", "a" * 32)
        assert line["error"].split(": ")[1].startswith("it answered")
        assert "zoulou" not in str(line)


def test_a_key_in_a_file_is_read_again_once_it_has_changed(tmp_path: Path) -> None:
    http, sent = answering(TAKEN)
    file = tmp_path / "key"
    file.write_text("old\n")
    at = existing(http, api_key=ApiKey(file=file))

    take(at)
    file.write_text("newer\n")
    take(at)

    assert [request.headers["X-API-Key"] for request in sent] == ["old", "newer"]


@pytest.mark.parametrize("content", [None, b"", b"two words", b"\xff", b"x" * 5_000])
def test_without_a_key_that_can_be_sent_nothing_is_sent(tmp_path: Path, content: bytes | None) -> None:
    http, sent = answering(TAKEN)
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(Misconfigured, match="API_KEY_FILE"):
        take(existing(http, api_key=ApiKey(file=file)))

    assert sent == []


def test_a_key_is_not_shown() -> None:
    assert "hunter2" not in repr(ApiKey("hunter2"))
