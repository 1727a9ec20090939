"""How clients are told: by a webhook where NOTIFY_URL says so, else by a line of the log."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from application.ports.clock import Clock
from application.ports.notifier import Notifier
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused

if TYPE_CHECKING:
    from adapters.codec.cloud_events import CloudEvents


def notifier(settings: Settings, clock: Clock, cloud_events: Callable[[], "CloudEvents"]) -> Notifier:
    """The adapter that the settings ask for.

    Raises:
        StartRefused: there is no secret to sign with where they say.
    """
    if not settings.notify_url:
        from adapters.notification.log_notifier import LogNotifier

        return LogNotifier()
    from adapters.notification.signature import SecretError, Signer
    from adapters.notification.webhook_notifier import WebhookLimits, WebhookNotifier

    file = settings.notify_secret_file
    try:
        signer = Signer.from_file(file) if file else Signer.of(settings.notify_secret)
    except SecretError as error:
        raise StartRefused(f"NOTIFY_SECRET_FILE {error}") from None
    return WebhookNotifier(
        settings.notify_url,
        signer,
        events=cloud_events(),
        clock=clock,
        limits=WebhookLimits(
            at_once_max=settings.notify_at_once_max,
            connect_timeout_ms=settings.notify_connect_timeout_ms,
            timeout_ms=settings.notify_timeout_ms,
            answer_max_bytes=settings.notify_answer_max_bytes,
            retry_after_max_s=settings.notify_retry_after_max_s,
        ),
    )
