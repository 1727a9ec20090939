from tests.contracts.group_progress import GroupProgressContract
from tests.contracts.places import InMemory


class TestGroupProgressInMemory(InMemory, GroupProgressContract):
    pass
