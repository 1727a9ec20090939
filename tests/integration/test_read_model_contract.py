from tests.contracts.read_model import ReadModelContract
from tests.contracts.places import OnRedis, OnValkey


class TestReadModelOnValkey(OnValkey, ReadModelContract):
    pass


class TestReadModelOnRedis(OnRedis, ReadModelContract):
    pass
