"""Appends that come while another is under way go together."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from adapters.group_commit import GroupCommit
from adapters.inmemory.clock import FakeClock
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.log import InMemoryLog
from application.events.streams import CHECKOUTS
from application.ports.errors import Unavailable
from application.ports.event_store import Appended, Duplicate, NewEvent, Outcome, Transaction, Write
from domain.cart import Cart, Line
from domain.checkout.events import CheckoutInitiated
from tests.waiting import eventually

CART = Cart.of([Line(produit_id="p1", units=1)])


def start_of(checkout_id: str) -> Transaction:
    event = CheckoutInitiated(checkout_id=checkout_id, client_id="c1", cart=CART)
    new = NewEvent(event=event, event_id=f"start {checkout_id}")
    return (Write(entity=checkout_id, expected_version=0, events=(new,)),)


class PausedStore(InMemoryEventStore):
    """Answers once it may; notes which checkouts came together, and refuses what it is told to."""

    def __init__(self) -> None:
        super().__init__(InMemoryLog(FakeClock()))
        self.may_answer = threading.Event()
        self.calls: list[list[str]] = []
        self.away = False
        self.poison = ""

    def append(self, stream: str, transactions: Sequence[Transaction]) -> list[Outcome]:
        entities = [write.entity for transaction in transactions for write in transaction]
        self.calls.append(entities)
        assert self.may_answer.wait(10.0)
        if self.away:
            raise Unavailable("away")
        if self.poison in entities:
            raise ValueError(self.poison)
        return super().append(stream, transactions)


class Callers:
    """Threads that append through one group."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.store = PausedStore()
        self._group = GroupCommit(self.store, CHECKOUTS)
        self._pool = pool

    def come(self, *checkout_ids: str) -> "list[Future[list[Outcome]]]":
        """One after the other: the first is sent, the others wait behind it. Then the store answers."""
        coming = []
        for number, checkout_id in enumerate(checkout_ids):
            coming.append(self._pool.submit(self._group.append, CHECKOUTS, [start_of(checkout_id)]))
            eventually(lambda: self.store.calls)
            eventually(lambda waiting=number: len(self._group._waiting) == waiting)  # type: ignore[misc]  # bound
        self.store.may_answer.set()
        return coming


@pytest.fixture
def callers() -> Iterator[Callers]:
    with ThreadPoolExecutor(8) as pool:
        yield Callers(pool)


def test_those_who_come_meanwhile_go_together_and_each_gets_its_own_answer(callers: Callers) -> None:
    answers = [coming.result(5.0) for coming in callers.come("a", "b", "c", "b")]

    assert callers.store.calls == [["a"], ["b", "c", "b"]]
    assert [type(outcome) for (outcome,) in answers] == [Appended, Appended, Appended, Duplicate]
    assert answers[1][0].positions == answers[3][0].positions  # type: ignore[union-attr]  # as was just seen
    assert [len(history) for history in callers.store.read(CHECKOUTS, ["a", "b", "c"])] == [1, 1, 1]


def test_while_the_store_is_away_nobody_waits_for_it_twice(callers: Callers) -> None:
    callers.store.away = True

    for coming in callers.come("a", "b", "c"):
        with pytest.raises(Unavailable):
            coming.result(5.0)

    assert callers.store.calls == [["a"]]
    callers.store.away = False
    assert isinstance(callers.come("d")[0].result(5.0)[0], Appended)


def test_what_is_wrong_with_one_does_not_hit_the_others(callers: Callers) -> None:
    callers.store.poison = "c"

    first, second, third, fourth = callers.come("a", "b", "c", "d")

    with pytest.raises(ValueError, match="c"):
        third.result(5.0)
    assert all(isinstance(one.result(5.0)[0], Appended) for one in (first, second, fourth))
