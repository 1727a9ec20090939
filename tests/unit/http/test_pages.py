"""Lists over HTTP: `next` and `Link` lead through each to its end, whatever happens to it meanwhile."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from application.events.streams import CHECKOUTS
from application.ports.dead_letters import Wanted
from domain.checkout import saga
from tests.shop import CLIENT, Shop
from tests.unit.application.closed_warehouse import ClosedShop
from tests.unit.http.rig import client_of

MANY = 5
OPEN = Wanted()
STUCK = "/api/checkouts/stuck?older_than_s=0"
ORDERS = f"/api/event-store/cqrs/orders-by-client/{CLIENT}"


def rows_of(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    (rows,) = [value for value in page.values() if isinstance(value, list)]
    return rows


def walked(
    client: FlaskClient, path: str, meanwhile: Callable[[], object] = lambda: None
) -> list[dict[str, Any]]:
    """All rows of a list, two a page, as `Link` leads; `meanwhile` happens after each page."""
    url: str | None = f"{path}{'&' if '?' in path else '?'}count=2"
    rows = []
    while url is not None:
        response = client.get(url)
        assert response.status_code == 200, response.text
        page = response.get_json()
        rows += rows_of(page)
        meanwhile()
        links = response.headers.getlist("Link")
        assert len(links) == (page["next"] is not None)
        assert all(link.endswith('>; rel="next"') for link in links)
        url = links[0].split(">")[0][1:] if links else None
    return rows


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["checkout_id"] for row in rows]


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.receive({"p-1": 100})
    return shop


def start_many(shop: Shop, worker: str) -> list[str]:
    started = [shop.start({"p-1": 1}) for _ in range(MANY)]
    shop.run(worker)
    return started


@pytest.mark.parametrize("path", ["/api/deadlines", STUCK])
def test_what_is_open_is_walked_in_order(shop: Shop, path: str) -> None:
    started = start_many(shop, saga.DEADLINE)

    assert sorted(ids(walked(client_of(shop.container), path))) == sorted(started)


@pytest.mark.parametrize("path", ["/api/deadlines", STUCK])
def test_none_is_left_out_where_the_ones_before_it_end_meanwhile(shop: Shop, path: str) -> None:
    started = start_many(shop, saga.DEADLINE)
    ended = iter(sorted(started))

    def end_one() -> None:
        shop.container.deadlines().cancel([id_ := next(ended)])
        shop.container.open_checkouts().ended([id_])

    assert sorted(ids(walked(client_of(shop.container), path, end_one))) == sorted(started)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_events_are_walked_while_more_are_appended(shop: Shop, order: str) -> None:
    started = start_many(shop, saga.DEADLINE)
    path = f"/api/event-store/streams/{CHECKOUTS}/events?order={order}"
    more = iter(range(2))

    def append() -> None:
        if next(more, None) is not None:
            started.append(shop.start({"p-1": 1}))

    known = list(started)
    seen = ids(walked(client_of(shop.container), path, append))

    assert seen == (started if order == "asc" else known[::-1])


def test_orders_are_walked_while_more_come_in(shop: Shop) -> None:
    started = start_many(shop, saga.DEADLINE)
    shop.run()

    def order_one_more() -> None:
        shop.start({"p-1": 1})
        shop.run()

    assert ids(walked(client_of(shop.container), ORDERS, order_one_more)) == started[::-1]


def test_dead_letters_are_walked_while_they_are_decided_and_more_come_in() -> None:
    closed = ClosedShop(saga.STOCK_RESERVATION)
    shop = closed.shop
    started = start_many(shop, saga.DEADLINE)
    closed.run_into_dead_letters()
    client, more = client_of(shop.container), iter(range(1))

    def decide_and_add() -> None:
        ((first, *_), _) = shop.container.dead_letter_desk().page(OPEN, count=1)
        shop.container.dead_letter_desk().discard(first.id, actor="ada", reason="seen")
        if next(more, None) is not None:
            started.append(shop.start({"p-1": 1}))
            closed.run_into_dead_letters()

    assert ids(walked(client, "/api/dead-letters", decide_and_add)) == started
