from tests.contracts.event_bus import EventBusContract
from tests.contracts.places import OnRedis, OnValkey


class TestEventBusOnValkey(OnValkey, EventBusContract):
    pass


class TestEventBusOnRedis(OnRedis, EventBusContract):
    pass
