"""The contract of Notifier."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from application.ports.notifier import Notifier
from tests.contracts.notices import FAILURE, SUCCESS, notices


class Clients(Protocol):
    """Those who are told, as a test sees them."""

    def told(self) -> Sequence[str]:
        """The keys of the notices that arrived."""

    def reject_next(self, times: int) -> None:
        """Do not take the next so many."""


class NotifierContract:
    """What every Notifier does. A subclass provides `notifier` and its `clients`."""

    def test_a_success_and_a_failure_are_told(self, notifier: Notifier, clients: Clients) -> None:
        assert notifier.notify([SUCCESS, FAILURE]) == {}

        assert sorted(clients.told()) == [SUCCESS.key, FAILURE.key]

    def test_nothing_is_told_where_there_is_no_news(self, notifier: Notifier, clients: Clients) -> None:
        assert notifier.notify([]) == {}

        assert not clients.told()

    def test_however_many_there_are_each_is_told_once(self, notifier: Notifier, clients: Clients) -> None:
        news = notices(100)

        assert notifier.notify(news) == {}

        assert Counter(clients.told()) == Counter(notice.key for notice in news)

    def test_a_notice_that_is_sent_again_has_the_same_key(self, notifier: Notifier, clients: Clients) -> None:
        notifier.notify([SUCCESS])
        notifier.notify([SUCCESS])

        assert clients.told() == [SUCCESS.key] * 2

    def test_those_that_are_not_told_are_named_and_the_others_told(
        self, notifier: Notifier, clients: Clients
    ) -> None:
        news = notices(5)
        clients.reject_next(2)

        untold = notifier.notify(news)

        assert len(untold) == 2
        assert sorted([*untold, *clients.told()]) == sorted(notice.key for notice in news)

    def test_what_was_not_told_may_be_sent_again(self, notifier: Notifier, clients: Clients) -> None:
        clients.reject_next(1)

        assert notifier.notify([SUCCESS]).keys() == {SUCCESS.key}
        assert notifier.notify([SUCCESS]) == {}
        assert clients.told() == [SUCCESS.key]
