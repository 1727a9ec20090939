from tests.contracts.deadlines import DeadlinesContract
from tests.contracts.places import OnRedis, OnValkey


class TestDeadlinesOnValkey(OnValkey, DeadlinesContract):
    pass


class TestDeadlinesOnRedis(OnRedis, DeadlinesContract):
    pass
