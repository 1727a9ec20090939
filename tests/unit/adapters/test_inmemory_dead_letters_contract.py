from tests.contracts.dead_letters import DeadLettersContract
from tests.contracts.places import InMemory, OnFakeredis


class TestDeadLettersInMemory(InMemory, DeadLettersContract):
    pass


class TestDeadLettersOnFakeredis(OnFakeredis, DeadLettersContract):
    pass
