from tests.contracts.event_feed import EventFeedContract
from tests.contracts.places import InMemory


class TestEventFeedInMemory(InMemory, EventFeedContract):
    pass
