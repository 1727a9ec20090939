from tests.contracts.dead_letters import DeadLettersContract
from tests.contracts.places import InMemory


class TestDeadLettersInMemory(InMemory, DeadLettersContract):
    pass
