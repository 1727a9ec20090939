"""A process that stands still with work in hand, for longer than others leave it its work."""

import os
import signal
from functools import partial
from typing import Final

from tests.freezing import deliveries_handled, deliveries_in_hand, frozen_with_work
from tests.instance import RunningService
from tests.waiting import eventually

PATIENCE_S: Final = 60.0


def freeze(service: RunningService, worker: str) -> int:
    """A second process of `worker` is stopped with deliveries in hand until all of them were taken over,
    goes on where it was and to more than that, and is killed. How many deliveries it had."""
    with service.another(worker) as (process, url):
        in_hand = partial(deliveries_in_hand, service, worker, url)
        eventually(partial(frozen_with_work, service, worker, url, process.pid), PATIENCE_S)
        held = in_hand() or 0
        eventually(lambda: in_hand() == 0, PATIENCE_S)
        os.kill(process.pid, signal.SIGCONT)
        handled = eventually(partial(deliveries_handled, service, url), PATIENCE_S)
        eventually(lambda: deliveries_handled(service, url) > handled, PATIENCE_S)
        return held
