from tests.contracts.event_bus import EventBusContract
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey


class TestEventBusOnFakeredis(OnFakeredis, EventBusContract):
    pass


class TestEventBusOnValkey(OnValkey, EventBusContract):
    pass


class TestEventBusOnRedis(OnRedis, EventBusContract):
    pass
