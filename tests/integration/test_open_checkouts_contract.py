from tests.contracts.open_checkouts import OpenCheckoutsContract
from tests.contracts.places import OnFakeredis, OnRedis, OnValkey


class TestOpenCheckoutsOnFakeredis(OnFakeredis, OpenCheckoutsContract):
    pass


class TestOpenCheckoutsOnValkey(OnValkey, OpenCheckoutsContract):
    pass


class TestOpenCheckoutsOnRedis(OnRedis, OpenCheckoutsContract):
    pass
