from tests.contracts.open_checkouts import OpenCheckoutsContract
from tests.contracts.places import OnRedis, OnValkey


class TestOpenCheckoutsOnValkey(OnValkey, OpenCheckoutsContract):
    pass


class TestOpenCheckoutsOnRedis(OnRedis, OpenCheckoutsContract):
    pass
