from tests.contracts.deadlines import DeadlinesContract
from tests.contracts.places import InMemory, OnFakeredis


class TestDeadlinesInMemory(InMemory, DeadlinesContract):
    pass


class TestDeadlinesOnFakeredis(OnFakeredis, DeadlinesContract):
    pass
