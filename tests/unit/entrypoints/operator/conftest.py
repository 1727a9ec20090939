"""A shop that an operator looks after, and what may be the matter with it."""

import pytest

from adapters.inmemory.event_bus import fields_of
from application.events.streams import CHECKOUTS
from application.ports.event_store import NewEvent, Write
from domain.checkout.commands import Cancel
from domain.checkout.events import CompensationFailed
from domain.checkout.saga import DEADLINE, STOCK_RESERVATION
from tests.shop import CLIENT, Shop
from tests.terminal import Terminal


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.receive({"pencil": 9})
    return shop


@pytest.fixture
def terminal(shop: Shop) -> Terminal:
    return Terminal(shop=shop, columns=120, environment={"LOGNAME": "ada"})


@pytest.fixture
def held(shop: Shop) -> str:
    """A checkout whose stock is held, and that waits for its order."""
    checkout_id = shop.start({"pencil": 2})
    shop.run(STOCK_RESERVATION, DEADLINE)
    return checkout_id


@pytest.fixture
def given_up(shop: Shop) -> str:
    """A checkout that was cancelled, and whose stock could not be given back."""
    checkout_id = shop.start({"pencil": 1})
    shop.run(STOCK_RESERVATION, DEADLINE)
    shop.container.checkout_desk().intervene(checkout_id, Cancel(actor="ada", reason="a mistake"))
    fact = CompensationFailed(checkout_id=checkout_id, client_id=CLIENT, reason="the warehouse is closed")
    new = NewEvent(event=fact, event_id="given-up")
    write = Write(entity=checkout_id, expected_version=len(shop.facts(checkout_id)), events=(new,))
    shop.store.append(CHECKOUTS, [(write,)])
    return checkout_id


@pytest.fixture
def malformed(shop: Shop) -> None:
    """An entry that is no event, set aside by the two groups that look into a start."""
    shop.log.add(CHECKOUTS, fields_of(type="CheckoutInitiated", payload="{\x1b[31m", checkout_id="k1"))
    shop.run(STOCK_RESERVATION, DEADLINE)
