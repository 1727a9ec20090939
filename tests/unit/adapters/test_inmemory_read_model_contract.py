from tests.contracts.places import InMemory
from tests.contracts.read_model import ReadModelContract


class TestReadModelInMemory(InMemory, ReadModelContract):
    pass
