from tests.contracts.places import OnRedis, OnValkey
from tests.contracts.read_model import ReadModelContract


class TestReadModelOnValkey(OnValkey, ReadModelContract):
    pass


class TestReadModelOnRedis(OnRedis, ReadModelContract):
    pass
