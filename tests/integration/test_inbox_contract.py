from tests.contracts.inbox import InboxContract
from tests.contracts.places import OnRedis, OnValkey


class TestInboxOnValkey(OnValkey, InboxContract):
    pass


class TestInboxOnRedis(OnRedis, InboxContract):
    pass
