from tests.contracts.dead_letters import DeadLettersContract
from tests.contracts.places import OnRedis, OnValkey


class TestDeadLettersOnValkey(OnValkey, DeadLettersContract):
    pass


class TestDeadLettersOnRedis(OnRedis, DeadLettersContract):
    pass
