"""A receiver of webhooks behind no network, which answers as it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import attrs
import httpx
from standardwebhooks import Webhook

from adapters.codec.cloud_events import CloudEvents
from adapters.notification.signature import Signer
from adapters.notification.webhook_notifier import WebhookLimits, WebhookNotifier
from adapters.system_clock import SystemClock
from tests.contracts.notifier import Clients

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL: Final = "http://receiver.example/hooks/hunter2"

Answer = Callable[[httpx.Request], Awaitable[httpx.Response]]


async def accept(_: httpx.Request) -> httpx.Response:
    return httpx.Response(204)


def answering(status: int, **headers: str) -> Answer:
    """Answers this; `Some_Header="x"` is a header."""

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            status, headers={name.replace("_", "-"): said for name, said in headers.items()}
        )

    return answer


def raising(error: Exception) -> Answer:
    """The connection breaks."""

    async def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


@attrs.define
class FakeReceiver(Clients):
    """`answers` are given one by one, then whatever `then` says. Every signature is checked."""

    answers: list[Answer] = attrs.Factory(list)
    then: Answer = accept
    asked: list[httpx.Request] = attrs.Factory(list)
    accepted: list[str] = attrs.Factory(list)
    at_once: int = 0
    at_once_seen: int = 0
    now_s: float = 0.0
    made: list[WebhookNotifier] = attrs.Factory(list)

    def notifier(
        self, limits: WebhookLimits | None = None, secrets: str = SECRET, public_url: str = ""
    ) -> WebhookNotifier:
        notifier = WebhookNotifier(
            URL,
            Signer.of(secrets),
            events=CloudEvents(public_url),
            clock=SystemClock(),
            limits=limits or WebhookLimits(),
            monotonic_s=lambda: self.now_s,
            transport=httpx.MockTransport(self._receive),
        )
        self.made.append(notifier)
        return notifier

    def close(self) -> None:
        for notifier in self.made:
            notifier.close()

    def told(self) -> Sequence[str]:
        return self.accepted

    def reject_next(self, times: int) -> None:
        self.answers = [answering(500)] * times

    async def _receive(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        Webhook(SECRET).verify(request.content, dict(request.headers))
        self.at_once += 1
        self.at_once_seen = max(self.at_once_seen, self.at_once)
        try:
            await asyncio.sleep(0)  # lets the others begin
            response = await (self.answers.pop(0) if self.answers else self.then)(request)
        finally:
            self.at_once -= 1
        if response.is_success:
            self.accepted.append(request.headers["webhook-id"])
        return httpx.Response(
            response.status_code, headers=response.headers, stream=response.stream
        )  # unread
