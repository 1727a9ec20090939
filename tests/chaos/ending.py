"""After the load: the service comes to rest, its audit trail is verified, and it stops as it should."""

import json
import os
import subprocess
from contextlib import suppress
from typing import Final

from application.ports.errors import Unavailable
from domain.checkout.saga import STEPS
from tests.chaos.evidence import STUCK_MAX
from tests.chaos.starting import CHECKOUT_DEADLINE_S
from tests.chaos.verdict import Row
from tests.instance import COMPTOIR, SETTING_NAMES, RunningService
from tests.waiting import awaited

DRAIN_MAX_S: Final = 600.0
LATER_S: Final = 30.0
LOOK_EVERY_S: Final = 0.25
"""Often enough: each look counts what is left to do on the server."""
FINDINGS_SHOWN: Final = 3


def come_to_rest(service: RunningService) -> None:
    """Wait until every delivery is dealt with and no checkout waits for anything. What waits for something
    that was lost has its deadline, and not more, to come to its end. The verdict tells what has not."""
    awaited(lambda: _is_handled(service), DRAIN_MAX_S, LOOK_EVERY_S)
    ended_max_s = CHECKOUT_DEADLINE_S + LATER_S
    awaited(lambda: _is_handled(service) and not _has_stuck(service), ended_max_s, LOOK_EVERY_S)


def _is_handled(service: RunningService) -> bool:
    with suppress(Unavailable):
        return all(map(service.is_at_rest, STEPS))
    return False


def _has_stuck(service: RunningService) -> bool:
    with suppress(Unavailable):
        return bool(service.shop.container.stuck_finder().older_than(0, count=STUCK_MAX)[0])
    return True


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
