from tests.contracts.read_model import ReadModelContract
from tests.contracts.places import InMemory, OnFakeredis


class TestReadModelInMemory(InMemory, ReadModelContract):
    pass


class TestReadModelOnFakeredis(OnFakeredis, ReadModelContract):
    pass
