from tests.contracts.event_bus import EventBusContract
from tests.contracts.places import InMemory


class TestEventBusInMemory(InMemory, EventBusContract):
    pass
