"""Notices go out as signed CloudEvents, and what the receiver says decides what becomes of them."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import orjson
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from adapters.codec.cloud_events import CloudEvents
from adapters.notification.webhook_notifier import WebhookLimits
from application.ports.errors import RefusedForGood, Unavailable
from application.ports.notifier import NotTold
from domain.checkout.events import CheckoutFailed
from tests.contracts.notices import SUCCESS, notice_of, notices
from tests.contracts.receiver import URL, Answer, FakeReceiver, answering, raising
from tests.logged import logged

HURRIED = WebhookLimits(timeout_ms=30)


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    receiver = FakeReceiver()
    yield receiver
    receiver.close()


async def never(_: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


class Drip(httpx.AsyncByteStream):
    """A body that never ends."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0)


async def drip(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, stream=Drip())


def test_a_notice_is_the_event_that_ended_the_checkout_as_a_cloud_event(receiver: FakeReceiver) -> None:
    receiver.notifier(public_url="https://shop.example").notify([SUCCESS])

    (request,) = receiver.asked
    assert str(request.url) == URL
    assert request.headers["content-type"] == "application/cloudevents+json"
    event = JSONFormat().read(CloudEvent, request.content)
    assert event.get_type() == "ecommerce.checkout.CheckoutSucceeded"
    assert event.get_subject() == "c1"
    sent = orjson.loads(request.content)
    assert sent == CloudEvents("https://shop.example").of_event(SUCCESS.recorded)
    assert sent["data"] == {
        "checkout_id": "c1",
        "client_id": "client-1",
        "commande_id": "o1",
        "emitted_at": 1_700_000_000.001,
    }


def test_an_id_that_another_program_chose_makes_no_ambiguous_signature(receiver: FakeReceiver) -> None:
    receiver.notifier().notify([notice_of(CheckoutFailed(checkout_id="a.1", client_id="c", reason="no"), 1)])

    assert receiver.asked[0].headers["webhook-id"] == "1700000000001-0:a%2E1"


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (answering(500), NotTold, "the receiver answered 500"),
        (answering(503), NotTold, "the receiver answered 503"),
        (answering(302, location="http://elsewhere.example/"), NotTold, "the receiver answered 302"),
        (answering(401), NotTold, "the receiver answered 401"),
        (answering(404), NotTold, "the receiver answered 404"),
        (answering(408), NotTold, "the receiver answered 408"),
        (answering(410), RefusedForGood, "the receiver answered 410"),
        (answering(400), RefusedForGood, "the receiver answered 400"),
        (answering(422), RefusedForGood, "the receiver answered 422"),
        (raising(httpx.ReadError("reset")), NotTold, "the receiver gave no answer: ReadError: reset"),
        (
            raising(httpx.RemoteProtocolError("?")),
            NotTold,
            "the receiver gave no answer: RemoteProtocolError: ?",
        ),
    ],
)
def test_what_the_receiver_says_decides_what_becomes_of_a_notice(
    receiver: FakeReceiver, answer: Answer, kind: type[Exception], reason: str
) -> None:
    receiver.answers = [answer]

    (error,) = receiver.notifier().notify([SUCCESS]).values()

    assert (type(error), str(error)) == (kind, reason)
    assert "hunter2" not in repr(error)


@pytest.mark.parametrize(
    "answer",
    [
        raising(httpx.ConnectError("refused")),
        raising(httpx.ConnectTimeout("")),
        answering(429),
        answering(503, retry_after="1"),
    ],
)
def test_a_receiver_that_is_away_is_an_outage_and_nobodys_fault(
    receiver: FakeReceiver, answer: Answer
) -> None:
    receiver.then = answer

    with pytest.raises(Unavailable):
        receiver.notifier().notify(notices(3))


def test_a_receiver_that_takes_some_is_not_away(receiver: FakeReceiver) -> None:
    receiver.answers = [raising(httpx.ConnectError("refused"))]

    (error,) = receiver.notifier().notify(notices(3)).values()

    assert isinstance(error, Unavailable)
    assert len(receiver.accepted) == 2


@pytest.mark.parametrize(("asked", "kept_s"), [("30", 30), ("9999", 60)])
def test_a_pause_that_the_receiver_asks_for_is_kept_within_reason(
    receiver: FakeReceiver, asked: str, kept_s: int
) -> None:
    receiver.answers = [answering(429, retry_after=asked)]
    notifier = receiver.notifier()
    for now_s in (0.0, kept_s - 0.1):
        receiver.now_s = now_s
        with pytest.raises(Unavailable):
            notifier.notify([SUCCESS])
    assert len(receiver.asked) == 1, "left alone meanwhile"

    receiver.now_s = kept_s
    assert notifier.notify([SUCCESS]) == {}


@pytest.mark.parametrize("given", ["soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 5_000])
def test_a_pause_that_is_no_number_is_passed_over(receiver: FakeReceiver, given: str) -> None:
    receiver.answers = [answering(503, retry_after=given)]
    notifier = receiver.notifier()

    assert isinstance(notifier.notify([SUCCESS])[SUCCESS.key], NotTold)
    assert notifier.notify([SUCCESS]) == {}


def test_no_more_are_under_way_at_once_than_allowed(receiver: FakeReceiver) -> None:
    receiver.notifier(WebhookLimits(at_once_max=4)).notify(notices(20))

    assert receiver.at_once_seen == 4
    assert len(receiver.accepted) == 20


def test_one_that_gets_no_answer_holds_up_no_other(receiver: FakeReceiver) -> None:
    receiver.answers = [never]

    (error,) = receiver.notifier(HURRIED).notify(notices(5)).values()

    assert (type(error), str(error)) == (NotTold, "the receiver gave no answer in 30 ms")
    assert len(receiver.accepted) == 4


@pytest.mark.parametrize("limits", [HURRIED, WebhookLimits(answer_max_bytes=10)], ids=["time", "bytes"])
def test_an_answer_without_end_is_cut_off_and_its_status_counts(
    receiver: FakeReceiver, limits: WebhookLimits
) -> None:
    receiver.answers = [drip]

    assert receiver.notifier(limits).notify([SUCCESS]) == {}


def test_a_redirect_is_not_followed(receiver: FakeReceiver) -> None:
    receiver.answers = [answering(307, location="http://elsewhere.example/")]
    receiver.notifier().notify([SUCCESS])

    assert [str(request.url) for request in receiver.asked] == [URL]


def test_the_address_is_not_logged(receiver: FakeReceiver) -> None:
    with logged() as lines:
        receiver.notifier().notify([SUCCESS])

    assert lines() == []
