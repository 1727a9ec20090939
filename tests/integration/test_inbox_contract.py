from tests.contracts.inbox import InboxContract
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey


class TestInboxOnFakeredis(OnFakeredis, InboxContract):
    pass


class TestInboxOnValkey(OnValkey, InboxContract):
    pass


class TestInboxOnRedis(OnRedis, InboxContract):
    pass
