"""One application per test."""

import pytest

from tests.unit.http.rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig.build()
