from tests.contracts.event_bus import EventBusContract
from tests.contracts.places import InMemory, OnFakeredis


class TestEventBusInMemory(InMemory, EventBusContract):
    pass


class TestEventBusOnFakeredis(OnFakeredis, EventBusContract):
    pass
