from tests.contracts.places import OnFakeredis, OnRedis, OnValkey
from tests.contracts.read_model import ReadModelContract


class TestReadModelOnFakeredis(OnFakeredis, ReadModelContract):
    pass


class TestReadModelOnValkey(OnValkey, ReadModelContract):
    pass


class TestReadModelOnRedis(OnRedis, ReadModelContract):
    pass
