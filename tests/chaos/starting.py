"""A service to be troubled: impatient, on a server that writes everything to disk before it answers."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from tests.chaos.carts import ORDER_TOTAL_MAX
from tests.instance import ExternalServer, RunningService
from tests.running_service import IMPATIENT, free_base_port

SERVICE: Final = (sys.executable, "-m", "tests.chaos.service")
NOTHING_MORE: Final[Mapping[str, str]] = {}
CLAIM_IDLE_MS: Final = 2_000
CHECKOUT_DEADLINE_S: Final = 60
"""Few checkouts run out of time on a machine that keeps up, and most where it does not. Both are lawful."""


@contextmanager
def started(
    directory: Path, binary: Path | None, told: Mapping[str, str] = NOTHING_MORE
) -> Iterator[RunningService]:
    """One with its data in `directory`, on a server of its own, or on the one that `binary` is. It is `told`
    what else it must know. It is gone after the block, however the block ends."""
    beside = ExternalServer.at(directory / "server", binary).running() if binary else nullcontext()
    with beside as external:
        settings = {**_settings(directory, external), **told}
        service = RunningService(directory / "service", settings, external, SERVICE)
        try:
            service.start()
            yield service
        finally:
            service.end()


def _settings(directory: Path, external: ExternalServer | None) -> dict[str, str]:
    told = IMPATIENT | {
        "PORT": "0",
        "METRICS_BASE_PORT": str(free_base_port()),
        "CLAIM_IDLE_MS": str(CLAIM_IDLE_MS),
        "CHECKOUT_DEADLINE_S": str(CHECKOUT_DEADLINE_S),
        "ORDER_TOTAL_MAX": str(ORDER_TOTAL_MAX),
        "LOG_FILE_MAX_BYTES": str(1024**3),  # the notices are read from it
        # Compiled once and not at every start, also where Python was told to leave nothing in the tree.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(directory / "compiled"),
    }
    return told | ({"REDIS_URL": external.server.url} if external else {})
