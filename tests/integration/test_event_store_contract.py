from tests.contracts.event_store import EventStoreContract
from tests.contracts.places import OnRedis, OnValkey


class TestEventStoreOnValkey(OnValkey, EventStoreContract):
    pass


class TestEventStoreOnRedis(OnRedis, EventStoreContract):
    pass
