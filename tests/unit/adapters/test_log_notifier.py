"""A notice is a line of the log."""

import attrs
import pytest
from structlog.testing import capture_logs

from adapters.inmemory.notifier import RecordingNotifier
from adapters.notification.log_notifier import LogNotifier
from application.origin import Origin
from application.ports.notifier import Notification

SUCCESS = Notification(key="e1", client_id="client-1", checkout_id="c1", succeeded=True, commande_id="o1")
FAILURE = Notification(
    key="e2", client_id="client-1", checkout_id="c2", succeeded=False, reason="too few units of p1"
)


def test_a_success_is_one_line_with_its_order() -> None:
    with capture_logs() as lines:
        LogNotifier().notify(SUCCESS)

    assert lines == [
        {
            "event": "client notified",
            "log_level": "info",
            "checkout_id": "c1",
            "client_id": "client-1",
            "commande_id": "o1",
            "outcome": "succeeded",
            "reason": None,
            "key": "e1",
        }
    ]


def test_a_failure_is_one_line_with_its_reason() -> None:
    with capture_logs() as lines:
        LogNotifier().notify(FAILURE)

    (line,) = lines
    assert (line["outcome"], line["reason"], line["key"]) == ("failed", "too few units of p1", "e2")


def test_a_notice_names_the_request_that_it_comes_from() -> None:
    with capture_logs() as lines:
        LogNotifier().notify(attrs.evolve(SUCCESS, origin=Origin(correlation_id="basket-7")))

    assert lines[0]["correlation_id"] == "basket-7"


def test_a_notifier_for_tests_fails_as_often_as_it_is_told_to() -> None:
    notifier = RecordingNotifier()
    notifier.fail_next(2)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            notifier.notify(SUCCESS)
    notifier.notify(FAILURE)

    assert notifier.sent == [FAILURE]
