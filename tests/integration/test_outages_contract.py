from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.outages import OutageContract
from tests.contracts.servers import OwnServer, redis_binary, started, valkey_binary


class TestOutagesOfValkey(OutageContract):
    pytestmark = pytest.mark.runs_on("valkey")

    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[OwnServer]:
        yield from started(tmp_path, valkey_binary())


class TestOutagesOfRedis(OutageContract):
    @pytest.fixture
    def server(self, tmp_path: Path, redis_url: str) -> Iterator[OwnServer]:
        yield from started(tmp_path, redis_binary())
