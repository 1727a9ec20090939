"""ETag and If-None-Match: who has an answer already is told so, and nothing else."""

import pytest

from adapters.http import links
from domain.checkout.events import CheckoutEvent
from tests.each_row import each_row
from tests.unit.http.rig import EVENTS, START, Rig, assert_problem, body, order_of

CHECKOUT = links.checkout("k1")
REPLAY = links.replay("k1")
ORDERS = links.orders_of("c1")
FACTS: list[CheckoutEvent] = order_of("k1", "o1")
of_every_kind = pytest.mark.parametrize("path", [CHECKOUT, REPLAY, ORDERS, f"{ORDERS}?count=1"])


@pytest.fixture
def rig() -> Rig:
    rig = Rig.build()
    rig.given("k1", *FACTS[:2])
    return rig


def tag_of(rig: Rig, path: str) -> str:
    return rig.client.get(path).headers["ETag"]


@of_every_kind
def test_who_has_the_answer_is_told_so_without_it(rig: Rig, path: str) -> None:
    first = rig.client.get(path)

    again = rig.client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "private, no-cache"
    assert not {"Content-Type", "Content-Length"} & set(again.headers.keys())
    assert again.headers.get("Link") == first.headers.get("Link")


@of_every_kind
def test_after_an_event_the_answer_is_another_one(rig: Rig, path: str) -> None:
    before = tag_of(rig, path)
    rig.given("k1", FACTS[2])

    response = rig.client.get(path, headers={"If-None-Match": before})

    assert response.status_code == 200
    assert response.headers["ETag"] != before


@each_row(
    ("form", "status"),
    [
        ('"{tag}"', 304),
        ('W/"{tag}"', 304),
        ('"other", W/"{tag}", "another"', 304),
        ("*", 304),
        ('"other"', 200),
        ("{tag}x", 200),
        ("", 200),
        ('"', 200),
        ("é, \x7f", 200),
        (", ".join(f'"{n}"' for n in range(500)), 200),
    ],
)
def test_it_is_compared_weakly_with_each_of_a_list(rig: Rig, form: str, status: int) -> None:
    tag = tag_of(rig, CHECKOUT).strip('"')

    given = {"If-None-Match": form.replace("{tag}", tag)}

    assert rig.client.get(CHECKOUT, headers=given).status_code == status


def test_head_is_validated_too(rig: Rig) -> None:
    head = rig.client.head(CHECKOUT)

    assert head.headers["ETag"] == tag_of(rig, CHECKOUT)
    assert rig.client.head(CHECKOUT, headers={"If-None-Match": "*"}).status_code == 304


def test_an_unknown_checkout_is_unknown_whatever_the_caller_has(rig: Rig) -> None:
    assert_problem(rig.client.get(links.checkout("none"), headers={"If-None-Match": "*"}), 404)


def test_the_same_history_has_the_same_tag_in_every_process(rig: Rig) -> None:
    tag = tag_of(rig, REPLAY)
    other = Rig.build()
    other.given("k1", *FACTS[:2])

    assert tag_of(other, REPLAY) == tag


def test_what_cannot_be_validated_is_not_stored(rig: Rig) -> None:
    for response in (rig.client.get(EVENTS), rig.post(START, body()), rig.client.get("/livez")):
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers
