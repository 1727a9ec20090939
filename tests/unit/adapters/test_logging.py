"""What the log looks like."""

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from adapters.telemetry.logging import LogFormat, configure_logging
from application.ports.errors import Unavailable
from tests.each_row import each_row
from tests.logged import Lines, logged


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def lines() -> Iterator[Lines]:
    with logged() as found:
        yield found


def test_a_line_is_an_object_with_its_level_and_time_in_utc(lines: Lines) -> None:
    structlog.get_logger().info("started", worker="audit")

    (line,) = lines()
    written_at = datetime.fromisoformat(line.pop("timestamp"))
    assert line == {"event": "started", "level": "info", "worker": "audit"}
    assert written_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=1)


def test_a_line_begins_with_when_how_grave_who_and_what() -> None:
    with logged(process="audit") as lines:
        structlog.get_logger().info("started", checkout_id="c1")

    assert list(lines()[0]) == ["timestamp", "level", "process", "event", "checkout_id"]


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
        assert line["exception"].endswith("\nValueError")


@pytest.mark.parametrize(
    "odd",
    [2**70, "\ud800", pytest.param(object(), id="object"), {1: 2}, b"\xff", float("nan")],
    ids=ascii,
)
def test_an_odd_value_is_logged_all_the_same(lines: Lines, odd: object) -> None:
    structlog.get_logger().info("odd", value=odd)

    assert [line["event"] for line in lines()] == ["odd"]


@each_row(
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
    with logged():  # puts back what is changed here
        configure_logging("info", log_format, stream)
        structlog.get_logger().info("started")

    assert stream.getvalue().startswith("{") is is_json
    assert "started" in stream.getvalue()


def test_every_line_says_which_process_it_is_from() -> None:
    with logged(process="order-creation") as lines:
        structlog.get_logger().info("ours")
        logging.getLogger("some.package").warning("theirs")

    assert [(line["event"], line["process"]) for line in lines()] == [
        ("ours", "order-creation"),
        ("theirs", "order-creation"),
    ]


def test_what_an_exception_was_raised_from_is_told_and_none_of_their_messages(lines: Lines) -> None:
    def deep(client: str) -> None:
        int(client)

    client = "ada" + "@example.org"
    try:
        try:
            deep(client)
        except ValueError as error:
            raise Unavailable("the store is away") from error
    except Unavailable:
        structlog.get_logger().exception("lost")

    (line,) = lines()
    assert "in deep" in line["exception"]
    assert "\nValueError\n" in line["exception"]
    assert line["exception"].endswith("Unavailable: the store is away")
    assert client not in str(line)


def test_libraries_that_log_each_url_are_told_not_to(lines: Lines) -> None:
    for name in ("httpx", "httpcore", "werkzeug"):
        logging.getLogger(name).info("HTTP Request: POST https://ada:secret@example.org")

    assert lines() == []
