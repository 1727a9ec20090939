"""Idempotency-Key as draft-ietf-httpapi-idempotency-key-header has it, on every POST that takes one."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from werkzeug.test import TestResponse

from application.events.streams import CHECKOUTS, STREAMS
from application.ports.errors import Unavailable
from application.ports.event_store import NewEvent, Outcome, Transaction, Write
from domain.checkout.events import CheckoutInitiated
from tests.contracts.racing import at_once
from tests.each_row import each_row
from tests.shop import Shop
from tests.unit.http.rig import CART, CHOREO, EVENTS, START, Rig, assert_problem, body, client_of

RECEIPTS: Final = "/api/inventory/p1/receipts"
CANCEL: Final = "/api/checkouts/k1/cancel"
DEADLINE: Final = "/api/checkouts/k1/deadline"
LINE: Final = {"produit_id": "p1", "quantite": 2}
OTHER_LINE: Final = {"produit_id": "p1", "quantite": 3}
REQUESTS: Final[dict[str, tuple[Any, Any]]] = {
    START: (body(), body(panier={"produits": [OTHER_LINE]})),
    CHOREO: ({"panier": {"produits": [LINE]}}, {"panier": {"produits": [OTHER_LINE]}}),
    RECEIPTS: ({"quantite": 5}, {"quantite": 6}),
    CANCEL: ({"reason": "late"}, {"reason": "too late"}),
    "/api/checkouts/k1/retry": ({"reason": "again"}, {"reason": "again", "actor": "ada"}),
    "/api/checkouts/k1/force-compensation": ({"reason": "enough"}, {"reason": "more than enough"}),
    "/api/checkouts/k1/resolve": ({"reason": "by hand"}, {"reason": "by heart"}),
    DEADLINE: ({"in_s": 60, "reason": "late"}, {"in_s": 61, "reason": "late"}),
}
"""Path -> a request, and another one."""
AT_ONCE: Final = 20
TEN_YEARS_S: Final = 10 * 365 * 86_400.0

every_request = pytest.mark.parametrize("path", REQUESTS)


@pytest.fixture
def rig() -> Rig:
    rig = Rig.build()
    rig.given("k1", started("k1"))
    return rig


def started(checkout_id: str) -> CheckoutInitiated:
    return CheckoutInitiated(checkout_id=checkout_id, client_id="c1", cart=CART)


Append = Callable[[str, Sequence[Transaction]], list[Outcome]]


def written_and_lost(append: Append) -> Append:
    """As `append`, but that its answer does not arrive."""

    def lost(stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        append(stream, transactions)
        raise Unavailable("the connection broke")

    return lost


def facts(rig: Rig) -> int:
    """How many there are, of checkouts and of stock."""
    streams = (EVENTS, EVENTS.replace("checkout", "inventory"))
    return sum(len(rig.get(stream)["events"]) for stream in streams)


def same(one: TestResponse, other: TestResponse) -> bool:
    wanted = ("Location", "Content-Type")
    told = [(r.status_code, r.data, [r.headers.get(name) for name in wanted]) for r in (one, other)]
    return told[0] == told[1]


@every_request
def test_a_request_repeated_is_answered_as_before_and_not_done_again(rig: Rig, path: str) -> None:
    wanted, _ = REQUESTS[path]
    first = rig.post(path, wanted, Idempotency_Key="k")
    done = facts(rig)
    rig.clock.advance(TEN_YEARS_S)  # keys do not expire

    again = rig.post(path, wanted, Idempotency_Key="k")

    assert first.status_code in (201, 202), first.text
    assert same(again, first)
    assert facts(rig) == done
    assert first.headers.get("Idempotency-Replayed") is None
    assert again.headers["Idempotency-Replayed"] == "true"


@every_request
def test_a_key_is_the_same_quoted_and_plain(rig: Rig, path: str) -> None:
    wanted, _ = REQUESTS[path]
    first = rig.post(path, wanted, Idempotency_Key="k 1")

    assert same(rig.post(path, wanted, Idempotency_Key='"k 1"'), first)


@every_request
def test_a_key_that_comes_with_another_request_is_refused_and_nothing_is_done(rig: Rig, path: str) -> None:
    wanted, other = REQUESTS[path]
    rig.post(path, wanted, Idempotency_Key="k")
    done = facts(rig)

    refused = rig.post(path, other, Idempotency_Key="k")

    assert_problem(refused, 422, type="/problems/idempotency-key-reused", field="Idempotency-Key")
    assert facts(rig) == done


@every_request
@each_row("key", ["", "k" * 201, '"open', '""', "é", "tab\there"])
def test_a_key_outside_its_limits_is_refused_and_nothing_is_done(rig: Rig, path: str, key: str) -> None:
    done = facts(rig)

    assert_problem(rig.post(path, REQUESTS[path][0], Idempotency_Key=key), 422, field="Idempotency-Key")
    assert facts(rig) == done


@every_request
def test_a_request_that_was_refused_leaves_its_key_free(rig: Rig, path: str) -> None:
    assert rig.post(path, {}, Idempotency_Key="k").status_code == 422

    right = rig.post(path, REQUESTS[path][0], Idempotency_Key="k")

    assert right.status_code in (201, 202)
    assert "Idempotency-Replayed" not in right.headers


@every_request
def test_a_request_whose_answer_was_lost_is_answered_when_it_comes_again(
    rig: Rig, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, _ = REQUESTS[path]
    with monkeypatch.context() as while_broken:
        while_broken.setattr(rig.store, "append", written_and_lost(rig.store.append))
        assert_problem(rig.post(path, wanted, Idempotency_Key="k"), 503, type="/problems/unavailable")
    done = facts(rig)

    again = rig.post(path, wanted, Idempotency_Key="k")

    assert again.status_code in (201, 202)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert facts(rig) == done


@every_request
def test_many_at_once_under_one_key_are_one_and_none_has_to_come_back(path: str) -> None:
    """The draft answers 409 while the first is under way. Here none ever is: whoever comes second finds the
    fact written, and with it all that the answer is made of."""
    shop = Shop()
    client = client_of(shop.container)
    new = NewEvent(event=started("k1"), event_id="e1")
    shop.store.append(CHECKOUTS, [(Write(entity="k1", expected_version=0, events=(new,)),)])

    def ask() -> TestResponse:
        own = client.application.test_client()
        return own.post(path, json=REQUESTS[path][0], headers={"Idempotency-Key": "k"})

    answers = at_once([ask] * AT_ONCE)

    assert all(same(answer, answers[0]) for answer in answers)
    assert answers[0].status_code in (201, 202)
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers].count(None) == 1
    written = sum(len(shop.store.page(stream, count=99).entries) for stream in STREAMS)
    assert written - 1 == (2 if path.endswith("resolve") else 1)


@every_request
def test_a_key_may_be_left_out(rig: Rig, path: str) -> None:
    assert rig.post(path, REQUESTS[path][0]).status_code in (201, 202)


def test_a_key_names_one_request_about_each_product_and_each_checkout(rig: Rig) -> None:
    rig.given("k2", started("k2"))

    for path in (CANCEL, "/api/checkouts/k2/cancel", RECEIPTS, "/api/inventory/p2/receipts"):
        wanted, _ = REQUESTS[path.replace("k2", "k1").replace("p2", "p1")]
        response = rig.post(path, wanted, Idempotency_Key="k")
        assert response.status_code in (201, 202)
        assert "Idempotency-Replayed" not in response.headers


def test_an_act_that_can_no_longer_be_repeated_is_still_answered_as_it_was(rig: Rig) -> None:
    resolve = functools.partial(rig.post, "/api/checkouts/k1/resolve", {"reason": "by hand"})
    first = resolve(Idempotency_Key="k")

    assert same(resolve(Idempotency_Key="k"), first)
    assert_problem(resolve(), 409, type="/problems/checkout-ended")


def test_another_act_under_the_same_key_is_another_request(rig: Rig) -> None:
    said = {"reason": "late"}
    rig.post("/api/checkouts/k1/retry", said, Idempotency_Key="k")

    assert_problem(rig.post(CANCEL, said, Idempotency_Key="k"), 422, type="/problems/idempotency-key-reused")
    assert_problem(
        rig.post("/api/checkouts/k1/retry", said, Idempotency_Key="k", X_Actor="eve"),
        422,
        type="/problems/idempotency-key-reused",
    )
