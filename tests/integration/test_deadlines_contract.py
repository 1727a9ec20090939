from tests.contracts.deadlines import DeadlinesContract
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey


class TestDeadlinesOnFakeredis(OnFakeredis, DeadlinesContract):
    pass


class TestDeadlinesOnValkey(OnValkey, DeadlinesContract):
    pass


class TestDeadlinesOnRedis(OnRedis, DeadlinesContract):
    pass
