"""What the log looks like, and what the workers write to it."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
import structlog

from adapters.telemetry.logging import LogFormat, LoggingTelemetry, configure_logging
from application.delivery import Delivery
from application.ports.errors import MalformedEvent, Unavailable
from application.ports.event_bus import Backlog, DeadLetter, Subscription
from application.ports.event_store import StoredEntry
from application.streams import CHECKOUTS
from domain.checkout.events import CheckoutSucceeded
from tests.contracts.audit_log import entry
from tests.sealed import SealedDelivery

ORDER = Subscription(stream=CHECKOUTS, group="checkout-order", consumer="host-1")
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
Lines = Callable[[], list[dict[str, Any]]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    """The log so far, one object a line."""
    configure_logging("info", "json", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def delivery(look: Callable[[], StoredEntry] = lambda: entry("1-0"), type: str = "StockReserved") -> Delivery:
    return SealedDelivery("1-0", 3, type, 0.0, look)


def test_a_line_is_an_object_with_its_level_and_time_in_utc(lines: Lines) -> None:
    structlog.get_logger().info("started", worker="audit")

    (line,) = lines()
    written_at = datetime.fromisoformat(line.pop("timestamp"))
    assert line == {"event": "started", "level": "info", "worker": "audit"}
    assert written_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=1)


def test_other_libraries_log_alike(lines: Lines) -> None:
    logging.getLogger("some.package").warning("%s is late", "it")

    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("it is late", "warning", "some.package")
    assert "timestamp" in line


def test_what_is_below_the_level_is_left_out(lines: Lines) -> None:
    structlog.get_logger().debug("detail")
    logging.getLogger("some.package").debug("detail")

    assert lines() == []


def test_an_exception_is_text_on_the_same_line(lines: Lines) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("ours")
        logging.getLogger("some.package").exception("theirs")

    for line in lines():
        assert line["exception"].startswith("Traceback")
        assert line["exception"].endswith("ValueError: broken")


@pytest.mark.parametrize(
    "odd",
    [2**70, "\ud800", pytest.param(object(), id="object"), {1: 2}, b"\xff", float("nan")],
    ids=ascii,
)
def test_an_odd_value_is_logged_all_the_same(lines: Lines, odd: object) -> None:
    structlog.get_logger().info("odd", value=odd)

    assert [line["event"] for line in lines()] == ["odd"]


@pytest.mark.parametrize(
    ("log_format", "stream", "is_json"),
    [
        ("auto", io.StringIO(), True),
        ("auto", Terminal(), False),
        ("json", Terminal(), True),
        ("console", io.StringIO(), False),
    ],
)
def test_auto_is_for_people_at_a_terminal_and_for_programs_elsewhere(
    log_format: LogFormat, stream: io.StringIO, is_json: bool
) -> None:
    configure_logging("info", log_format, stream)
    structlog.get_logger().info("started")

    assert stream.getvalue().startswith("{") is is_json
    assert "started" in stream.getvalue()


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
    assert line["exception"].endswith("KeyError: 'cart'")


def test_a_dead_letter_is_an_error_with_its_history(lines: Lines) -> None:
    why = DeadLetter(
        reason="no cart", attempts=3, first_error="KeyError: a", last_error="KeyError: b", traceback="Trace"
    )
    LoggingTelemetry().dead_lettered(ORDER, delivery(), why)

    (line,) = lines()
    del line["timestamp"]
    assert line == WHEREABOUTS | {
        "event": "delivery set aside",
        "level": "error",
        "reason": "no cart",
        "attempts": 3,
        "first_error": "KeyError: a",
        "last_error": "KeyError: b",
        "exception": "Trace",
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
