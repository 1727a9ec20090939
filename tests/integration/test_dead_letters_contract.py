from tests.contracts.dead_letters import DeadLettersContract
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey


class TestDeadLettersOnFakeredis(OnFakeredis, DeadLettersContract):
    pass


class TestDeadLettersOnValkey(OnValkey, DeadLettersContract):
    pass


class TestDeadLettersOnRedis(OnRedis, DeadLettersContract):
    pass
