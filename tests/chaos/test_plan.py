"""The plan, and the queue of those who shop."""

from collections import Counter

import pytest

from tests.chaos.plan import ONCE_OR_TWICE, plan
from tests.chaos.shoppers import Queue


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_has_every_trouble_in_time_and_a_kill_a_second(seed: int) -> None:
    troubles = plan(seconds=120, kills_per_second=1, seed=seed)

    counts = Counter(trouble.kind for trouble in troubles)
    assert 80 < counts.pop("kill worker") < 160
    assert counts == Counter(ONCE_OR_TWICE)
    assert all(0 <= trouble.at_s < 120 for trouble in troubles)
    assert troubles == plan(seconds=120, kills_per_second=1, seed=seed)


def test_arrivals_do_not_wait_for_answers_and_each_has_a_key_of_its_own() -> None:
    queue = Queue(rate=1_000_000, seconds=5e-5, seed=1)

    requests = [queue.next() for _ in range(50)]

    assert len({request.cart.key for request in requests if request}) == 50


def test_who_has_had_no_answer_asks_again_with_the_same_key_until_there_is_no_more_to_do() -> None:
    queue = Queue(rate=1_000_000, seconds=1e-6, seed=1)
    first = queue.next()
    assert first
    key = first.cart.key
    queue.done(first, again_in_s=0)
    assert not queue.is_over()

    again = queue.next()
    assert again
    assert (again.cart.key, again.tries) == (key, 1)
    queue.done(again)
    assert queue.is_over()
    assert queue.next() is None


def test_who_is_sent_away_without_an_answer_is_counted_as_unknown() -> None:
    queue = Queue(rate=1_000_000, seconds=1e-6, seed=1)
    first = queue.next()
    assert first
    queue.done(first, again_in_s=60)

    queue.give_up()

    assert queue.next() is None
    assert queue.told.unknown == {first.cart.key}
