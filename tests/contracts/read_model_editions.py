"""The contract of ReadModelEditions, together with the ReadModel whose editions they are."""

from collections.abc import Callable

import attrs
import pytest

from application.ports.errors import EditionGone
from application.ports.read_model import ReadModel, ReadModelEditions
from domain.order.order import order_id
from tests.contracts.racing import at_once
from tests.contracts.read_model import created, failed, figures, succeeded

FOREIGN = attrs.evolve(succeeded(7), commande_id="1f0c4a")


class ReadModelEditionsContract:
    """What every ReadModelEditions does. A subclass provides `read_model` and `editions`."""

    def test_readers_see_the_old_one_until_the_new_one_is_shown(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        read_model.apply([succeeded(1), created(2)])
        edition = editions.begin()
        assert figures(read_model) == (2, 0, [created(2), succeeded(1)])

        editions.put(edition, [succeeded(1)])
        assert figures(read_model) == (2, 0, [created(2), succeeded(1)])

        editions.show(edition)
        assert figures(read_model) == (1, 0, [succeeded(1)])

    def test_what_is_applied_meanwhile_is_in_both(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        read_model.apply([created(1)])
        edition = editions.begin()

        read_model.apply([succeeded(1), failed(2), FOREIGN])

        before = figures(read_model)
        assert (before[0], before[1]) == (2, 1)
        editions.put(edition, [created(1)])
        editions.show(edition)
        assert figures(read_model) == before
        assert read_model.checkout_of("1f0c4a") == FOREIGN.checkout_id

    def test_what_is_applied_after_it_is_in_the_new_one(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        read_model.apply([created(1)])
        editions.show(editions.begin())

        read_model.apply([succeeded(2)])
        editions.tidy()

        assert figures(read_model) == (1, 0, [succeeded(2)])

    def test_orders_of_other_programs_are_built_again_as_well(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        read_model.apply([FOREIGN, attrs.evolve(FOREIGN, commande_id="stray", version=9)])
        edition = editions.begin()
        editions.put(edition, [FOREIGN])

        editions.show(edition)
        editions.tidy()

        assert read_model.checkout_of("1f0c4a") == FOREIGN.checkout_id
        assert read_model.checkout_of("stray") is None

    def test_it_may_be_built_again_and_again(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        for n in range(3):
            edition = editions.begin()
            editions.put(edition, [succeeded(n)])
            editions.show(edition)
            editions.tidy()

            assert figures(read_model) == (1, 0, [succeeded(n)])

    def test_one_that_was_given_up_changes_nothing(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        read_model.apply([succeeded(1)])
        edition = editions.begin()
        editions.put(edition, [failed(2)])

        editions.give_up(edition)
        editions.tidy()
        editions.give_up(edition)

        assert figures(read_model) == (1, 0, [succeeded(1)])
        read_model.apply([created(2)])
        assert figures(read_model) == (2, 0, [created(2), succeeded(1)])

    def test_who_begins_takes_the_place_of_one_that_is_not_done(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        read_model.apply([succeeded(1)])
        first = editions.begin()
        editions.put(first, [failed(9)])

        second = editions.begin()

        with pytest.raises(EditionGone, match="another edition"):
            editions.put(first, [succeeded(2)])
        with pytest.raises(EditionGone):
            editions.show(first)
        editions.give_up(first)
        editions.put(second, [succeeded(1), succeeded(3)])
        editions.tidy()
        editions.show(second)
        assert figures(read_model) == (2, 0, [succeeded(3), succeeded(1)])

    def test_one_that_is_shown_is_neither_written_by_itself_nor_given_up(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        edition = editions.begin()
        editions.put(edition, [succeeded(1)])
        editions.show(edition)

        editions.give_up(edition)
        editions.tidy()
        with pytest.raises(EditionGone):
            editions.put(edition, [succeeded(2)])
        with pytest.raises(EditionGone):
            editions.show(edition)

        assert figures(read_model) == (1, 0, [succeeded(1)])

    def test_no_row_is_lost_and_none_is_missed_while_others_write_and_read(
        self, read_model: ReadModel, editions: ReadModelEditions
    ) -> None:
        """Whoever writes first and looks on then finds all that it has written, whichever is shown."""
        old = [failed(n) for n in range(100, 230)]
        read_model.apply([succeeded(0), *old])
        last = order_id("checkout-0")

        def writes() -> None:
            for n in range(1, 31):
                read_model.apply([failed(n)])
                seen = read_model.orders_of(created().client_id, count=1)
                assert (seen.total_failed, seen.last_order_id) == (len(old) + n, last)

        def builds() -> None:
            for _ in range(4):
                edition = editions.begin()
                editions.put(edition, [succeeded(0), *old, *(failed(n) for n in range(1, written() + 1))])
                editions.show(edition)
                editions.tidy()

        def written() -> int:
            return read_model.orders_of(created().client_id, count=1).total_failed - len(old)

        tasks: list[Callable[[], None]] = [writes, builds]
        at_once(tasks)

        assert figures(read_model)[1] == len(old) + 30
