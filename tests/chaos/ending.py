"""After the load: the service comes to rest, its audit trail is verified, and it stops as it should."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from typing import Final

from application.ports.errors import Unavailable
from domain.checkout.saga import STEPS
from tests.chaos.evidence import STUCK_MAX
from tests.chaos.verdict import Row
from tests.instance import COMPTOIR, SETTING_NAMES, RunningService

LOOK_EVERY_S: Final = 0.25
FINDINGS_SHOWN: Final = 3


def wait_until(condition: Callable[[], bool], patience_s: float) -> None:
    """What has not come by then, the verdict will tell."""
    deadline_s = time.monotonic() + patience_s
    while not condition() and time.monotonic() < deadline_s:
        time.sleep(LOOK_EVERY_S)


def is_at_rest(service: RunningService) -> bool:
    """Whether every delivery is dealt with and no checkout waits for anything."""
    try:
        handled = all(map(service.is_at_rest, STEPS))
        return handled and not service.shop.container.stuck_finder().older_than(0, count=STUCK_MAX)
    except Unavailable:
        return False


def trail_broken(service: RunningService) -> str:
    """What `comptoir audit verify` has found, if anything."""
    kept = {name: value for name, value in os.environ.items() if name not in SETTING_NAMES}
    asked = subprocess.run(
        [*COMPTOIR, "audit", "verify", "--json"],
        env=kept | {"DATA_DIR": str(service.data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode == 0:
        return ""
    return json.dumps(json.loads(asked.stdout)["findings"][:FINDINGS_SHOWN]) if asked.stdout else asked.stderr


def stopped(service: RunningService) -> Row:
    """Stop it; whether that went well."""
    try:
        service.stop()
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return Row("stops in order afterwards", "yes", "no", (str(error),))
    return Row("stops in order afterwards", "yes", "yes")
