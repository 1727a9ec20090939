from tests.contracts.inbox import InboxContract
from tests.contracts.places import InMemory, OnFakeredis


class TestInboxInMemory(InMemory, InboxContract):
    pass


class TestInboxOnFakeredis(OnFakeredis, InboxContract):
    pass
