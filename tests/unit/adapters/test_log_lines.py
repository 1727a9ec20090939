"""What the workers write to the log."""

import io
from collections.abc import Callable, Iterator

import attrs
import pytest

from adapters.telemetry.log_lines import NEWS_AGE_MAX_S, LoggingTelemetry
from application.events.origin import Origin
from application.events.streams import CALLS, CHECKOUTS, HEARTBEATS
from application.ports.dead_letters import REDRIVER
from application.ports.delivery import Delivery
from application.ports.errors import MalformedEvent, Unavailable
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import NewEvent, StoredEntry
from application.ports.existing_services import OutcomeUnknown
from domain.calls.events import CallDone, CallEvent, CallInDoubt, DoubtSettled
from domain.checkout.events import CheckoutSucceeded
from tests.contracts.audit_log import entry
from tests.logged import Lines, logged
from tests.sealed import SealedDelivery

ORDER = Subscription(stream=CHECKOUTS, group="checkout-order", consumer="host-1")
AUDIT = attrs.evolve(ORDER, group="checkout-audit")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
WHEREABOUTS = {
    "checkout_id": "c1",
    "stream": CHECKOUTS,
    "group": "checkout-order",
    "consumer": "host-1",
    "position": "1-0",
    "type": "StockReserved",
    "attempt": 3,
}


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def lines(stream: io.StringIO) -> Iterator[Lines]:
    with logged(stream) as found:
        yield found


def delivery(
    look: Callable[[], StoredEntry] = lambda: entry("1-0"), type: str = "StockReserved", age_s: float = 0.0
) -> Delivery:
    return SealedDelivery("1-0", 3, type, age_s, look)


@pytest.mark.parametrize("traceparent", [None, TRACE])
def test_a_line_about_a_delivery_names_the_request_that_it_comes_from(
    lines: Lines, traceparent: str | None
) -> None:
    found = attrs.evolve(entry("1-0"), correlation_id="basket-7", traceparent=traceparent)

    LoggingTelemetry().failed(ORDER, delivery(lambda: found), Unavailable("the store is away"))

    (line,) = lines()
    assert line["correlation_id"] == "basket-7"
    assert line.get("trace_id") == (TRACE[3:35] if traceparent else None)


def test_what_another_program_made_up_is_no_correlation_id(lines: Lines) -> None:
    found = attrs.evolve(entry("1-0"), correlation_id="two words", traceparent="nonsense")

    LoggingTelemetry().failed(ORDER, delivery(lambda: found), Unavailable("the store is away"))

    assert not {"correlation_id", "trace_id"} & lines()[0].keys()


def test_a_failed_attempt_is_a_warning_that_says_where(lines: Lines) -> None:
    LoggingTelemetry().failed(ORDER, delivery(), Unavailable("the store is away"))

    (line,) = lines()
    del line["timestamp"]
    assert line == WHEREABOUTS | {
        "event": "attempt failed",
        "level": "warning",
        "error": "Unavailable: the store is away",
    }


def test_a_failure_that_nobody_foresaw_comes_with_its_traceback(lines: Lines) -> None:
    try:
        raise KeyError("cart")
    except KeyError as bug:
        LoggingTelemetry().failed(ORDER, delivery(), bug)

    (line,) = lines()
    assert line["error"] == "KeyError"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("\nKeyError")


def test_a_dead_letter_is_an_error_that_says_what_was_raised_last(lines: Lines) -> None:
    why = DeadLetter(
        reason="no cart",
        attempts=3,
        first_error="FactTooEarly: no start",
        last_error="MalformedEvent: no cart",
        error=MalformedEvent("no cart"),
    )
    LoggingTelemetry().dead_lettered(ORDER, delivery(), why)

    (line,) = lines()
    del line["timestamp"]
    assert line == WHEREABOUTS | {
        "event": "delivery set aside",
        "level": "error",
        "error": "MalformedEvent: no cart",
    }


def test_an_entry_that_cannot_even_be_looked_at_is_logged_without_its_checkout(lines: Lines) -> None:
    def look() -> StoredEntry:
        raise RuntimeError("unreadable")

    LoggingTelemetry().failed(ORDER, delivery(look), MalformedEvent("payload is missing"))

    (line,) = lines()
    assert (line["checkout_id"], line["position"]) == (None, "1-0")


def test_a_type_that_another_program_made_up_does_not_fill_the_log(lines: Lines) -> None:
    LoggingTelemetry().failed(ORDER, delivery(type="x" * 1_000_000), MalformedEvent("type is not known"))

    (line,) = lines()
    assert line["type"] == "x" * 128


def test_interruptions_leave_one_line_a_second_that_counts_the_others(lines: Lines) -> None:
    at_s = iter([100.0, 100.5, 100.9, 101.0, 105.0])
    telemetry = LoggingTelemetry(monotonic_s=lambda: next(at_s))
    for _ in range(5):
        telemetry.interrupted(ORDER, Unavailable("the store is away"))

    assert [(line["event"], line["level"], line["untold"]) for line in lines()] == [
        ("worker interrupted", "warning", 0),
        ("worker interrupted", "warning", 2),
        ("worker interrupted", "warning", 0),
    ]


def test_what_goes_well_leaves_no_line(lines: Lines) -> None:
    telemetry = LoggingTelemetry()
    telemetry.consumed(ORDER, [delivery()])
    telemetry.published(CHECKOUTS, [CheckoutSucceeded(checkout_id="c1", client_id="k", commande_id="o1")])
    telemetry.backlog(ORDER, Backlog())

    assert lines() == []


def test_a_log_that_is_closed_stops_no_worker(stream: io.StringIO, lines: Lines) -> None:
    telemetry = LoggingTelemetry()
    stream.close()

    telemetry.failed(ORDER, delivery(), Unavailable("the store is away"))


@pytest.mark.parametrize(
    ("type", "level", "said"),
    [
        ("CheckoutDeadlineExpired", "warning", "deadline expired"),
        ("CompensationFailed", "error", "checkout needs a person"),
        ("CheckoutCancelled", "info", "checkout cancelled"),
        ("StepRetried", "info", "step retried"),
        ("CompensationForced", "info", "compensation forced"),
        ("CheckoutResolved", "info", "checkout resolved by hand"),
        ("DeadlinePostponed", "info", "deadline postponed"),
    ],
)
def test_a_decision_about_a_checkout_is_a_line_of_the_group_that_hears_everything(
    lines: Lines, type: str, level: str, said: str
) -> None:
    found = attrs.evolve(entry("1-0"), correlation_id="basket-7", traceparent=TRACE)
    for group in (ORDER, AUDIT):
        LoggingTelemetry().consumed(group, [delivery(lambda: found, type)])

    (line,) = lines()
    del line["timestamp"]
    whereabouts = WHEREABOUTS | {"group": "checkout-audit", "type": type}
    traced = {"correlation_id": "basket-7", "trace_id": TRACE[3:35]}
    assert line == whereabouts | traced | {"event": said, "level": level}


def test_a_step_that_no_person_woke_tells_that_an_answer_came_after_all(lines: Lines) -> None:
    found = attrs.evolve(entry("1-0"), payload={"actor": "comptoir"})

    LoggingTelemetry().consumed(AUDIT, [delivery(lambda: found, "StepRetried")])

    assert [line["event"] for line in lines()] == ["call answered after all"]


def test_history_is_no_news(lines: Lines) -> None:
    LoggingTelemetry().consumed(AUDIT, [delivery(type="CheckoutCancelled", age_s=NEWS_AGE_MAX_S)])

    assert lines() == []


def test_a_takeover_is_one_line_about_the_oldest_that_counts_them(lines: Lines) -> None:
    LoggingTelemetry().taken_over(ORDER, [delivery(), delivery(type="CheckoutInitiated")], "host-2")
    LoggingTelemetry().taken_over(ORDER, [delivery()], REDRIVER)

    dead, redriven = lines()
    del dead["timestamp"]
    assert dead == WHEREABOUTS | {
        "event": "deliveries taken over",
        "level": "warning",
        "deliveries": 2,
        "taken_from": "host-2",
    }
    assert (redriven["event"], redriven["level"]) == ("dead letters tried again", "info")


def test_a_group_that_hears_heartbeats_is_no_news(lines: Lines) -> None:
    for after in ("0-0", "7-1"):
        LoggingTelemetry().group_made(attrs.evolve(ORDER, stream=HEARTBEATS), after)

    assert lines() == []


@pytest.mark.parametrize(
    ("after", "level", "said"), [("0-0", "info", "group made"), ("7-1", "warning", "group made again")]
)
def test_a_group_that_is_made_is_a_line_with_its_place(
    lines: Lines, after: str, level: str, said: str
) -> None:
    LoggingTelemetry().group_made(ORDER, after)

    (line,) = lines()
    assert (line["event"], line["level"], line["group"], line["position"]) == (
        said,
        level,
        "checkout-order",
        after,
    )


IN_DOUBT = CallInDoubt(checkout_id="c1", call="take-1", attempt=2, reason="zoulou had no answer")
SETTLED = DoubtSettled(
    checkout_id="c1", call="take-1", attempt=2, happened=True, actor="zoulou", reason="zoulou looked"
)


@pytest.mark.parametrize(
    ("fact", "level", "said", "more"),
    [
        (IN_DOUBT, "error", "call in doubt", {}),
        (SETTLED, "info", "doubt settled", {"happened": True}),
    ],
)
def test_a_doubt_and_what_settled_it_are_lines_that_name_the_call(
    lines: Lines, fact: CallEvent, level: str, said: str, more: dict[str, bool]
) -> None:
    new = NewEvent(event=fact, event_id="e1", origin=Origin(correlation_id="basket-7", traceparent=TRACE))

    LoggingTelemetry("stock-reservation").noted(CALLS, new, "5-0")
    LoggingTelemetry("api").noted(CALLS, new, "5-0")

    line, of_no_worker = lines()
    assert "group" not in of_no_worker
    del line["timestamp"]
    assert line == more | {
        "event": said,
        "level": level,
        "checkout_id": "c1",
        "stream": CALLS,
        "group": "checkout-reservation",
        "position": "5-0",
        "type": type(fact).__name__,
        "call": "take-1",
        "attempt": 2,
        "correlation_id": "basket-7",
        "trace_id": TRACE[3:35],
    }


def test_a_call_that_is_done_leaves_no_line(lines: Lines) -> None:
    done = CallDone(checkout_id="c1", call="take-1", attempt=1)

    LoggingTelemetry().noted(CALLS, NewEvent(event=done, event_id="e1"), "5-0")

    assert lines() == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("zoulou@example.org"), "KeyError"),
        (OSError(28, "No space left on device", "/zoulou"), "OSError: No space left on device"),
        (OutcomeUnknown("500 zoulou is unknown", "it answered 500"), "OutcomeUnknown: it answered 500"),
    ],
    ids=["unforeseen", "of the system", "of a service"],
)
def test_an_error_is_told_without_what_somebody_sent(lines: Lines, error: Exception, said: str) -> None:
    LoggingTelemetry().failed(ORDER, delivery(), error)
    LoggingTelemetry().interrupted(ORDER, error)

    assert [line["error"] for line in lines()] == [said, said]
    assert "zoulou" not in str(lines())


def test_an_error_that_passes_another_one_on_says_no_more_than_that_one() -> None:
    unknown = OutcomeUnknown("500 zoulou is unknown", "it answered 500")
    with pytest.raises(Unavailable) as raised:
        raise Unavailable(str(unknown)) from unknown

    assert raised.value.for_log == "it answered 500"


def test_nothing_is_written_where_nobody_configured_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    LoggingTelemetry().failed(ORDER, delivery(), Unavailable("the store is away"))

    assert capsys.readouterr() == ("", "")
