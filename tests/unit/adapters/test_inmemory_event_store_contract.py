from tests.contracts.event_store import EventStoreContract
from tests.contracts.places import InMemory


class TestEventStoreInMemory(InMemory, EventStoreContract):
    pass
