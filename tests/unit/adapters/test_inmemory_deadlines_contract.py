from tests.contracts.deadlines import DeadlinesContract
from tests.contracts.places import InMemory


class TestDeadlinesInMemory(InMemory, DeadlinesContract):
    pass
