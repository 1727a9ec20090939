"""A notice is a line of the log."""

import attrs
import pytest
from structlog.testing import capture_logs

from adapters.notification.log_notifier import LogNotifier
from application.events.origin import Origin
from application.ports.notifier import Notification
from tests.contracts.notices import FAILURE, SUCCESS


def test_a_success_is_one_line_with_its_order() -> None:
    with capture_logs() as lines:
        LogNotifier().notify([SUCCESS])

    assert lines == [
        {
            "event": "client notified",
            "log_level": "info",
            "checkout_id": "c1",
            "commande_id": "o1",
            "outcome": "succeeded",
            "key": "1700000000001-0:c1",
        }
    ]


def test_a_failure_is_one_line_without_the_words_of_whoever_failed_it() -> None:
    with capture_logs() as lines:
        LogNotifier().notify([FAILURE])

    (line,) = lines
    assert line["outcome"] == "failed"
    assert "units" not in str(line)


def test_a_notice_names_the_request_that_it_comes_from() -> None:
    recorded = attrs.evolve(SUCCESS.recorded, origin=Origin(correlation_id="basket-7"))
    with capture_logs() as lines:
        LogNotifier().notify([Notification(recorded)])

    assert lines[0]["correlation_id"] == "basket-7"


def test_a_log_that_cannot_be_written_tells_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    notifier = LogNotifier()
    monkeypatch.setattr(notifier, "_write", full)

    assert notifier.notify([SUCCESS, FAILURE]).keys() == {SUCCESS.key, FAILURE.key}
