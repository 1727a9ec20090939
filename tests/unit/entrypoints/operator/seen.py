"""What an operator and others see of a shop."""

from domain.checkout.events import CheckoutEvent
from entrypoints.api import application_of
from tests.shop import Shop

RESERVATIONS, DEADLINES = "1-0", "2-0"
"""The two dead letters of one malformed entry."""
UNKNOWN = "999-0"


def last_event(shop: Shop, checkout_id: str) -> CheckoutEvent:
    event = shop.replay(checkout_id).events[-1].recorded.event
    assert isinstance(event, CheckoutEvent)
    return event


def in_a_line(text: str) -> str:
    return " ".join(text.split())


def http(shop: Shop, path: str) -> object:
    return application_of(shop.container).test_client().get(path).get_json()
