"""Notices to clients as webhooks: each a signed CloudEvent, posted to one receiver."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Final

import attrs
import httpx
import orjson

from adapters.codec.cloud_events import EVENT, CloudEvents
from adapters.notification.signature import Signer
from application.ports.clock import Clock
from application.ports.errors import RefusedForGood, Unavailable
from application.ports.notifier import Notification, Notifier, NotTold, Untold

HEALED_BY_OTHERS: Final = frozenset({401, 403, 404, 405, 408, 409, 421, 423, 424, 425, 429})
"""Refusals that say nothing of the notice: a wrong secret, a wrong address, too early, too often."""


@attrs.frozen(kw_only=True)
class WebhookLimits:
    """`timeout_ms` is for one notice from the beginning to the end, whatever happens in between."""

    at_once_max: int = 16
    connect_timeout_ms: int = 1_000
    timeout_ms: int = 5_000
    answer_max_bytes: int = 65_536
    retry_after_max_s: int = 60


class WebhookNotifier(Notifier):
    """Several at a time, in one thread. To be used by one thread at a time.

    Redirects are not followed: they would take the notice to where nobody said it may go.
    """

    def __init__(
        self,
        url: str,
        signer: Signer,
        *,
        events: CloudEvents,
        clock: Clock,
        limits: WebhookLimits,
        monotonic_s: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = httpx.URL(url)
        self._signer = signer
        self._events = events
        self._clock = clock
        self._limits = limits
        self._monotonic_s = monotonic_s
        self._silent_until_s = 0.0
        self._loop = asyncio.Runner()
        self._turns = asyncio.Semaphore(limits.at_once_max)
        self._client = httpx.AsyncClient(
            headers={"user-agent": "comptoir", "content-type": EVENT},
            timeout=httpx.Timeout(None, connect=limits.connect_timeout_ms / 1000),
            limits=httpx.Limits(max_connections=limits.at_once_max),
            follow_redirects=False,
            transport=transport,
        )

    def notify(self, notifications: Sequence[Notification]) -> Untold:
        """Post each. Unavailable: there is no connection, or the receiver has asked for a pause."""
        outcomes = self._loop.run(self._tell_all(notifications))
        untold = {n.key: error for n, error in zip(notifications, outcomes, strict=True) if error}
        away = [error for error in untold.values() if isinstance(error, Unavailable)]
        if away and len(away) == len(notifications):
            raise away[0]
        return untold

    def close(self) -> None:
        """Hang up."""
        self._loop.run(self._client.aclose())
        self._loop.close()

    async def _tell_all(self, notifications: Sequence[Notification]) -> list[Exception | None]:
        return await asyncio.gather(*(self._in_turn(notification) for notification in notifications))

    async def _in_turn(self, notification: Notification) -> Exception | None:
        async with self._turns:
            if self._monotonic_s() < self._silent_until_s:
                return Unavailable("the receiver has asked for a pause")
            return await self._tell(notification)

    async def _tell(self, notification: Notification) -> Exception | None:
        body = orjson.dumps(self._events.of_event(notification.recorded))
        headers = self._signer.headers(notification.key.replace(".", "%2E"), self._clock.now_s(), body)
        try:
            return await self._post(
                self._client.build_request("POST", self._url, content=body, headers=headers)
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            return _because(Unavailable(f"the receiver cannot be reached: {_said(error)}"), error)
        except httpx.TransportError as error:
            bare = f"the receiver gave no answer: {type(error).__name__}"
            return _because(NotTold(f"the receiver gave no answer: {_said(error)}", bare), error)
        except TimeoutError as error:
            return _because(NotTold(f"the receiver gave no answer in {self._limits.timeout_ms} ms"), error)

    async def _post(self, request: httpx.Request) -> Exception | None:
        """The status is the answer. What follows is read only so that the connection can be used again."""
        deadline_s = asyncio.get_running_loop().time() + self._limits.timeout_ms / 1000
        async with asyncio.timeout_at(deadline_s):
            response = await self._client.send(request, stream=True)
        with contextlib.suppress(TimeoutError, httpx.TransportError):
            async with asyncio.timeout_at(deadline_s):
                await self._drain(response)
        await response.aclose()
        return self._judged(response)

    async def _drain(self, response: httpx.Response) -> None:
        received = 0
        async for chunk in response.aiter_raw():
            received += len(chunk)
            if received > self._limits.answer_max_bytes:
                return

    def _judged(self, response: httpx.Response) -> Exception | None:
        status = response.status_code
        said = f"the receiver answered {status}"
        pause_s = _seconds(response.headers.get("retry-after", ""))
        if response.is_success:
            return None
        if status == 429 or (status == 503 and pause_s is not None):
            self._silent_until_s = self._monotonic_s() + min(pause_s or 0, self._limits.retry_after_max_s)
            return Unavailable(said)
        if response.is_client_error and status not in HEALED_BY_OTHERS:
            return RefusedForGood(said)
        return NotTold(said)


def _because(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _seconds(retry_after: str) -> int | None:
    """As a number; a date is passed over."""
    return int(retry_after) if retry_after.isdecimal() and len(retry_after) <= 9 else None
