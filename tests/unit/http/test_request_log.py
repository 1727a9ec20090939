"""What is written down of each request, and what is not."""

import io
import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import structlog
from structlog.testing import capture_logs
from werkzeug.test import Client

from adapters.http.door.admission import Gate, Gates
from adapters.http.door.door import Door
from adapters.http.door.doorkeeper import Doorkeeper
from adapters.http.door.request_log import RequestLog
from adapters.http.limits import HttpLimits
from adapters.telemetry.logging import configure_logging
from tests.unit.http.keyed import EVERYTHING, RING
from tests.unit.http.rig import EVENTS, START, Rig, body

DOOR = Door(doorkeeper=Doorkeeper(keys=RING), request_log=True)
KEY = {"X-API-Key": EVERYTHING}


@pytest.fixture
def rig() -> Rig:
    return Rig.build(door=DOOR)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log as it is, JSON and all."""
    before, stream = structlog.get_config(), io.StringIO()
    configure_logging("info", "json", stream)
    yield stream
    structlog.configure(**before)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_request_leaves_one_line(rig: Rig, written: io.StringIO) -> None:
    answered = rig.client.post(START, json=body(), headers=KEY | {"X-Correlation-ID": "order-7"})

    [line] = lines(written)
    assert answered.json is not None
    assert line.pop("duration_ms") > 0
    assert line.pop("timestamp")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "route": "/api/checkouts",
        "checkout_id": answered.json["checkout_id"],
        "status": 202,
        "bytes": len(answered.data),
        "key_id": "everything",
        "consumer": None,
        "address": "127.0.0.1",
        "correlation_id": "order-7",
    }


def test_neither_what_was_typed_nor_the_key_is_written_down(rig: Rig, written: io.StringIO) -> None:
    rig.client.get(f"{EVENTS}?type=hunter2", headers=KEY)
    rig.client.get("/api/checkouts/hunter2", headers=KEY)
    rig.client.get("/hunter2", headers={"Authorization": "Bearer hunter2"})
    rig.client.get(EVENTS, headers={"Authorization": "Bearer hunter2"})
    rig.client.post(START, data=b"hunter2", headers=KEY | {"Content-Type": "application/json"})

    assert len([line for line in lines(written) if line["event"] == "request"]) == 5
    assert "hunter2" not in written.getvalue()
    assert EVERYTHING.rpartition("_")[2] not in written.getvalue()


def test_what_is_turned_away_and_what_does_not_exist_leave_a_line_too(written: io.StringIO) -> None:
    full = Rig.build(gates=attrs.evolve(Gates.of(HttpLimits()), work=Gate(0)), door=DOOR)
    full.client.get(EVENTS, headers=KEY)
    rig = Rig.build(door=DOOR)
    rig.client.get("/nowhere", headers=KEY)
    rig.client.get(EVENTS)
    rig.client.open(EVENTS, method="X" * 999, headers=KEY)

    found = [line for line in lines(written) if line["event"] == "request"]
    assert [(line["status"], line["route"], line["key_id"]) for line in found] == [
        (503, None, None),
        (404, None, None),
        (401, "/api/event-store/streams/<stream>/events", None),
        (405, None, None),
    ]
    assert len(found[-1]["method"]) == 16


def test_a_stream_is_told_when_it_ends(written: io.StringIO) -> None:
    closed = []

    class Stream(Iterator[bytes]):
        def __next__(self) -> bytes:
            raise StopIteration

        def close(self) -> None:
            closed.append(True)

    def streaming(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [])
        return Stream()

    response = Client(RequestLog(streaming)).get("/", buffered=False)
    assert lines(written) == []
    response.close()

    assert closed == [True]
    assert [line["status"] for line in lines(written)] == [200]


def test_what_breaks_is_told_and_goes_on_breaking() -> None:
    def broken(environ: Any, start: Any) -> list[bytes]:
        raise RuntimeError("out of order")

    with capture_logs() as told, pytest.raises(RuntimeError):
        Client(RequestLog(broken)).get("/")

    assert [line["status"] for line in told] == [500]


def test_unless_it_is_asked_for_there_is_no_line(written: io.StringIO) -> None:
    Rig.build(door=Door()).client.get(EVENTS)

    assert written.getvalue() == ""
