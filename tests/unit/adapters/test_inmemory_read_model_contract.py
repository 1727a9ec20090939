from tests.contracts.places import InMemory, OnFakeredis
from tests.contracts.read_model import ReadModelContract


class TestReadModelInMemory(InMemory, ReadModelContract):
    pass


class TestReadModelOnFakeredis(OnFakeredis, ReadModelContract):
    pass
