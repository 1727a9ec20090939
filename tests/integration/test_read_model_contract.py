from tests.contracts.places import OnFakeredis, OnRedis, OnValkey
from tests.contracts.read_model import ReadModelContract
from tests.contracts.read_model_editions import ReadModelEditionsContract


class TestReadModelOnFakeredis(OnFakeredis, ReadModelContract, ReadModelEditionsContract):
    pass


class TestReadModelOnValkey(OnValkey, ReadModelContract, ReadModelEditionsContract):
    pass


class TestReadModelOnRedis(OnRedis, ReadModelContract, ReadModelEditionsContract):
    pass
