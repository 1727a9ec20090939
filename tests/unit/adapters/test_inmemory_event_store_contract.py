from tests.contracts.event_store import EventStoreContract
from tests.contracts.places import InMemory, OnFakeredis


class TestEventStoreInMemory(InMemory, EventStoreContract):
    pass


class TestEventStoreOnFakeredis(OnFakeredis, EventStoreContract):
    pass
