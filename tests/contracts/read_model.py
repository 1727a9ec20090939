"""The contract of ReadModel."""

from decimal import Decimal

import attrs
import pytest

from application.ports.errors import InvalidPosition
from application.ports.read_model import ClientOrders, OrderRow, ReadModel
from domain.order.order import order_id
from tests.contracts.facts import CLIENT
from tests.contracts.racing import at_once

BEGIN_MS = 1_700_000_000_000


def created(n: int = 1, client_id: str = CLIENT) -> OrderRow:
    """A client's n-th checkout, once it has an order."""
    return OrderRow(
        checkout_id=f"checkout-{n}",
        client_id=client_id,
        status="created",
        version=3,
        position=f"{BEGIN_MS + n // 3}-{n % 3}",
        updated_at_s=1_700_000_000.125 + n,
        commande_id=order_id(f"checkout-{n}"),
        total=Decimal("20.20"),
    )


def succeeded(n: int = 1, client_id: str = CLIENT) -> OrderRow:
    row = created(n, client_id)
    return attrs.evolve(row, status="succeeded", version=4, updated_at_s=row.updated_at_s + 0.5)


def failed(n: int = 1, client_id: str = CLIENT) -> OrderRow:
    row = succeeded(n, client_id)
    return attrs.evolve(
        row, status="failed", version=5, commande_id=None, reason="no stock: 2 wanted\n\u2603"
    )


class ReadModelContract:
    """What every ReadModel does. A subclass provides `read_model`."""

    KNOWS_EVERY_ORDER: bool
    """Whether `checkout_of` knows which orders of ours exist, or only which checkout would be theirs."""

    def test_a_client_never_seen_has_zeros(self, read_model: ReadModel) -> None:
        assert read_model.orders_of("nobody", count=10) == ClientOrders(
            client_id="nobody",
            total_orders=0,
            total_failed=0,
            last_order_id=None,
            last_checkout_id=None,
            last_update_s=None,
            rows=(),
            next=None,
        )

    @pytest.mark.parametrize("row", [created(), succeeded()], ids=["created", "succeeded"])
    def test_an_order_is_shown_as_it_was_applied(self, read_model: ReadModel, row: OrderRow) -> None:
        read_model.apply([row])

        assert read_model.orders_of(CLIENT, count=10) == ClientOrders(
            client_id=CLIENT,
            total_orders=1,
            total_failed=0,
            last_order_id=order_id("checkout-1"),
            last_checkout_id="checkout-1",
            last_update_s=row.updated_at_s,
            rows=(row,),
            next=None,
        )

    def test_a_failure_is_shown_and_is_no_order(self, read_model: ReadModel) -> None:
        read_model.apply([failed()])

        orders = read_model.orders_of(CLIENT, count=10)

        assert (orders.total_orders, orders.total_failed) == (0, 1)
        assert (orders.last_order_id, orders.last_checkout_id) == (None, None)
        assert (orders.rows, orders.last_update_s) == ((failed(),), failed().updated_at_s)

    def test_the_same_row_twice_counts_once(self, read_model: ReadModel) -> None:
        read_model.apply([succeeded(), succeeded()])
        read_model.apply([succeeded()])

        assert figures(read_model) == (1, 0, [succeeded()])

    def test_created_and_then_succeeded_is_one_order(self, read_model: ReadModel) -> None:
        read_model.apply([created()])
        read_model.apply([succeeded()])

        assert figures(read_model) == (1, 0, [succeeded()])

    def test_created_and_then_failed_moves_it_to_the_failures(self, read_model: ReadModel) -> None:
        read_model.apply([created()])
        assert figures(read_model) == (1, 0, [created()])

        read_model.apply([failed()])

        assert figures(read_model) == (0, 1, [failed()])

    def test_an_older_row_after_a_newer_one_changes_nothing(self, read_model: ReadModel) -> None:
        read_model.apply([failed()])

        read_model.apply([created(), succeeded()])

        assert figures(read_model) == (0, 1, [failed()])
        assert read_model.orders_of(CLIENT, count=1).last_update_s == failed().updated_at_s

    def test_another_row_of_the_same_version_changes_nothing(self, read_model: ReadModel) -> None:
        read_model.apply([created()])

        read_model.apply([attrs.evolve(failed(), version=created().version)])

        assert figures(read_model) == (1, 0, [created()])

    def test_a_version_of_two_digits_is_above_one_of_one(self, read_model: ReadModel) -> None:
        tenth = attrs.evolve(failed(), version=10)
        read_model.apply([attrs.evolve(succeeded(), version=9), tenth, attrs.evolve(created(), version=9)])

        assert figures(read_model) == (0, 1, [tenth])

    def test_rows_of_one_call_may_come_in_any_order(self, read_model: ReadModel) -> None:
        read_model.apply([failed(2), succeeded(1), created(2), created(1), failed(2), succeeded(2)])

        assert figures(read_model) == (1, 1, [failed(2), succeeded(1)])

    def test_the_last_update_does_not_go_back_with_a_writers_clock(self, read_model: ReadModel) -> None:
        read_model.apply([created()])

        read_model.apply([attrs.evolve(succeeded(), updated_at_s=created().updated_at_s - 60)])

        assert read_model.orders_of(CLIENT, count=1).last_update_s == created().updated_at_s

    @pytest.mark.parametrize("count", [1, 3, 7, 10, 11])
    def test_rows_come_newest_first_page_by_page(self, read_model: ReadModel, count: int) -> None:
        rows = [succeeded(n) for n in range(10)]
        read_model.apply(rows)

        found: list[OrderRow] = []
        page = read_model.orders_of(CLIENT, count=count)
        while page.next is not None:
            assert len(page.rows) == count
            found += page.rows
            page = read_model.orders_of(CLIENT, count=count, after=page.next)

        assert [*found, *page.rows] == rows[::-1]
        assert page.total_orders == 10

    @pytest.mark.parametrize("cursor", ["", "abc", "-1", "+inf", "(1-0", "nan", "1-2-3"])
    def test_what_is_no_cursor_is_refused(self, read_model: ReadModel, cursor: str) -> None:
        with pytest.raises(InvalidPosition):
            read_model.orders_of(CLIENT, count=1, after=cursor)

    def test_the_last_order_is_the_newest_that_has_not_failed(self, read_model: ReadModel) -> None:
        read_model.apply([succeeded(1), created(2), *(failed(n) for n in range(3, 250))])

        orders = read_model.orders_of(CLIENT, count=1)

        assert (orders.last_order_id, orders.last_checkout_id) == (order_id("checkout-2"), "checkout-2")
        assert orders.rows == (failed(249),)
        assert (orders.total_orders, orders.total_failed) == (2, 247)

    def test_many_clients_go_in_one_call(self, read_model: ReadModel) -> None:
        rows = [succeeded(n, f"client-{n % 150}") for n in range(300)]
        read_model.apply(rows)

        for n in range(150):
            assert figures(read_model, f"client-{n}") == (2, 0, [rows[n + 150], rows[n]])

    def test_nothing_to_apply_is_no_trouble(self, read_model: ReadModel) -> None:
        read_model.apply([])

    def test_several_at_once_count_each_checkout_once(self, read_model: ReadModel) -> None:
        rows = [make(n) for n in range(30) for make in (created, succeeded)]

        at_once([lambda: read_model.apply(rows), lambda: read_model.apply(rows[::-1])])

        assert figures(read_model) == (30, 0, [succeeded(n) for n in reversed(range(30))])

    def test_the_checkout_of_an_order_of_ours_is_known(self, read_model: ReadModel) -> None:
        read_model.apply([created()])

        assert read_model.checkout_of(order_id("checkout-1")) == "checkout-1"

    @pytest.mark.parametrize("commande_id", ["1f0c4a", "-", "o-", "o-checkout-2", "checkout-1"])
    def test_the_checkout_of_another_programs_order_is_known(
        self, read_model: ReadModel, commande_id: str
    ) -> None:
        foreign = attrs.evolve(succeeded(), commande_id=commande_id, total=None)
        read_model.apply([foreign])

        assert read_model.checkout_of(commande_id) == "checkout-1"
        assert figures(read_model) == (1, 0, [foreign])
        assert read_model.orders_of(CLIENT, count=1).last_order_id == commande_id

    def test_an_unknown_order_has_no_checkout(self, read_model: ReadModel) -> None:
        assert read_model.checkout_of("unknown") is None
        unknown = read_model.checkout_of(order_id("checkout-9"))
        assert unknown == (None if self.KNOWS_EVERY_ORDER else "checkout-9")


def figures(read_model: ReadModel, client_id: str = CLIENT) -> tuple[int, int, list[OrderRow]]:
    """(orders, failures, the rows) of a client."""
    orders = read_model.orders_of(client_id, count=1_000)
    return orders.total_orders, orders.total_failed, list(orders.rows)
