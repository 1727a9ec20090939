from tests.contracts.open_checkouts import OpenCheckoutsContract
from tests.contracts.places import InMemory


class TestOpenCheckoutsInMemory(InMemory, OpenCheckoutsContract):
    pass
