from tests.contracts.inbox import InboxContract
from tests.contracts.places import InMemory


class TestInboxInMemory(InMemory, InboxContract):
    pass
