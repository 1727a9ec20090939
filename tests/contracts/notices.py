"""Notices about made-up checkouts."""

from typing import Final

from application.events.recorded_event import RecordedEvent
from application.events.streams import CHECKOUTS
from application.ports.notifier import Notification
from domain.checkout.events import CheckoutEvent, CheckoutFailed, CheckoutSucceeded


def notice_of(event: CheckoutEvent, number: int) -> Notification:
    """The notice of `event`, the `number`-th entry of its stream, at 22:13:20 of 14 November 2023."""
    at_s = 1_700_000_000 + number / 1000
    return Notification(
        RecordedEvent(
            event=event,
            stream=CHECKOUTS,
            entity=event.checkout_id,
            version=4,
            position=f"{1_700_000_000_000 + number}-0",
            event_id="e4",
            emitted_at_s=at_s,
            recorded_at_s=at_s,
            causation_id="e3",
        )
    )


def notices(count: int) -> list[Notification]:
    """As many successes, each of another checkout; their event ids are the same."""
    return [
        notice_of(CheckoutSucceeded(checkout_id=f"c{n}", client_id="client-1", commande_id=f"o{n}"), n)
        for n in range(count)
    ]


SUCCESS: Final = notice_of(
    CheckoutSucceeded(checkout_id="c1", client_id="client-1", commande_id="o1"), number=1
)
FAILURE: Final = notice_of(
    CheckoutFailed(checkout_id="c2", client_id="client-1", reason="too few units of p1"), number=2
)
