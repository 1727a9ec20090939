from tests.contracts.places import InMemory
from tests.contracts.read_model import ReadModelContract
from tests.contracts.read_model_editions import ReadModelEditionsContract


class TestReadModelInMemory(InMemory, ReadModelContract, ReadModelEditionsContract):
    pass
