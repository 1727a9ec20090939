"""The read model built again, on the whole shop in memory."""

from collections.abc import Callable
from decimal import Decimal

import attrs
import pytest

from adapters.inmemory.read_model import InMemoryReadModel
from application.events.streams import CHECKOUTS
from application.ports.errors import EditionGone, Unavailable
from application.ports.event_store import NewEvent, Write
from application.ports.read_model import OrderRow
from application.requests.rebuild_orders import OrdersRebuilder, Rebuilt
from domain.checkout.saga import CQRS_PROJECTION
from tests.shop import Shop

STRAY = OrderRow(
    checkout_id="never-was",
    client_id="nobody",
    status="succeeded",
    version=4,
    position="1-0",
    updated_at_s=1.0,
    commande_id="o-never-was",
    total=Decimal(1),
)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Three checkouts that succeeded and one that failed, on pages of a few entries."""
    monkeypatch.setattr("application.requests.rebuild_orders.PAGE", 3)
    shop = Shop()
    shop.receive({"pencil": 10})
    for units in (1, 2, 50, 3):
        shop.start({"pencil": units})
    shop.run()
    return shop


def read_model(shop: Shop) -> InMemoryReadModel:
    found = shop.container.read_model()
    assert isinstance(found, InMemoryReadModel)
    return found


def rebuilt(shop: Shop, meanwhile: Callable[[Rebuilt], object] = lambda _: None) -> Rebuilt:
    made = shop.container.orders_rebuilder().rebuild(meanwhile)
    assert isinstance(made, Rebuilt)
    return made


def agrees(shop: Shop) -> bool:
    return bool(shop.container.verifier().verify(count=10_000).agrees)


def test_it_comes_out_as_it_was(shop: Shop) -> None:
    before = shop.orders()

    told: list[Rebuilt] = []
    made = rebuilt(shop, told.append)

    assert shop.orders() == before
    assert (made.entries, made.rows) == (4 + 4 + 4 + 3, 4)
    assert told[-1] == made
    assert [t.entries for t in told] == [3, 6, 9, 12, 15]
    assert agrees(shop)


def test_rows_that_are_wrong_missing_or_of_nobody_are_put_right(shop: Shop) -> None:
    right = shop.orders()
    wrong = attrs.evolve(right.rows[0], total=Decimal(7), version=99)
    read_model(shop).apply([wrong, STRAY])
    assert not agrees(shop)

    rebuilt(shop)

    assert shop.orders() == right
    assert shop.orders("nobody").rows == ()
    assert agrees(shop)


def test_one_that_was_lost_altogether_comes_back_and_the_group_stays_where_it_is(shop: Shop) -> None:
    right = shop.orders()
    read_model(shop).show(read_model(shop).begin())
    assert shop.orders().rows == ()
    places = shop.container.group_progress().places("ecommerce.checkout.events")

    rebuilt(shop)

    assert shop.orders() == right
    assert shop.container.group_progress().places("ecommerce.checkout.events") == places


def test_checkouts_that_go_on_meanwhile_are_in_it_and_clients_see_all_they_saw(shop: Shop) -> None:
    seen: list[int] = []

    def meanwhile(_: Rebuilt) -> None:
        shop.start({"pencil": 1})
        shop.run()
        seen.append(len(shop.orders().rows))

    rebuilt(shop, meanwhile)

    assert seen == [5, 6, 7, 8, 9]
    assert len(shop.orders().rows) == 9
    assert agrees(shop)


def test_what_the_projection_has_not_had_yet_is_none_of_its_business(shop: Shop) -> None:
    shop.start({"pencil": 1})
    shop.run("stock-reservation", "order-creation")

    rebuilt(shop)
    shop.run(CQRS_PROJECTION)
    shop.run()

    assert len(shop.orders().rows) == 5
    assert agrees(shop)


def test_what_happens_to_an_order_meanwhile_hides_it_from_nobody(shop: Shop) -> None:
    """Also where the projection stands still, and cannot make up for it."""
    begun = shop.start({"pencil": 1})
    shop.run("stock-reservation", "order-creation", CQRS_PROJECTION)
    (history,) = shop.store.read(CHECKOUTS, [begun])
    told = NewEvent(event=history[-1].event, event_id="told-again")
    write = Write(entity=begun, expected_version=len(history), events=(told,))
    before = shop.orders().rows[0]

    def meanwhile(so_far: Rebuilt) -> None:
        if so_far.entries == 3:
            for _ in range(3):  # so that it is on none of the pages
                shop.start({"pencil": 1})
            shop.store.append(CHECKOUTS, [(write,)])

    rebuilt(shop, meanwhile)

    assert before.checkout_id == begun
    assert shop.orders().rows[0].checkout_id == begun


@pytest.mark.parametrize("error", [KeyboardInterrupt, Unavailable])
def test_cut_short_it_changes_nothing_and_may_be_repeated(
    shop: Shop, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shop.orders()

    def stop(so_far: Rebuilt) -> None:
        if so_far.entries > 6:
            raise error

    begun: list[str] = []
    begin = read_model(shop).begin

    def noted() -> str:
        begun.append(begin())
        return begun[-1]

    monkeypatch.setattr(read_model(shop), "begin", noted)
    with pytest.raises(error):
        rebuilt(shop, stop)

    assert shop.orders() == before
    with pytest.raises(EditionGone):
        read_model(shop).show(begun[0])
    rebuilt(shop)
    assert shop.orders() == before


def test_of_two_the_later_one_goes_through(shop: Shop) -> None:
    before = shop.orders()

    def another(so_far: Rebuilt) -> None:
        if so_far.entries == 6:
            rebuilt(shop)

    with pytest.raises(EditionGone):
        rebuilt(shop, another)

    assert shop.orders() == before
    assert agrees(shop)


def test_an_empty_stream_makes_an_empty_one() -> None:
    shop = Shop()
    read_model(shop).apply([STRAY])

    assert OrdersRebuilder(shop.store, read_model(shop)).rebuild(lambda _: None) == Rebuilt()

    assert shop.orders("nobody").rows == ()
