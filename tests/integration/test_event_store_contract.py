from tests.contracts.event_store import EventStoreContract
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey


class TestEventStoreOnFakeredis(OnFakeredis, EventStoreContract):
    pass


class TestEventStoreOnValkey(OnValkey, EventStoreContract):
    pass


class TestEventStoreOnRedis(OnRedis, EventStoreContract):
    pass
