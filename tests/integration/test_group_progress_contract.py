from tests.contracts.group_progress import GroupProgressContract
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey


class TestGroupProgressOnFakeredis(OnFakeredis, GroupProgressContract):
    pass


class TestGroupProgressOnValkey(OnValkey, GroupProgressContract):
    pass


class TestGroupProgressOnRedis(OnRedis, GroupProgressContract):
    pass
