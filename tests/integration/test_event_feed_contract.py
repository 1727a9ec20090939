from tests.contracts.event_feed import EventFeedContract
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey


class TestEventFeedOnFakeredis(OnFakeredis, EventFeedContract):
    pass


class TestEventFeedOnValkey(OnValkey, EventFeedContract):
    pass


class TestEventFeedOnRedis(OnRedis, EventFeedContract):
    pass
