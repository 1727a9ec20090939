from tests.contracts.open_checkouts import OpenCheckoutsContract
from tests.contracts.places import InMemory, OnFakeredis


class TestOpenCheckoutsInMemory(InMemory, OpenCheckoutsContract):
    pass


class TestOpenCheckoutsOnFakeredis(OnFakeredis, OpenCheckoutsContract):
    pass
