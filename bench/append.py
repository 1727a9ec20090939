"""Appending in batches (version, event id and index included) beside the bare client's pipelined XADD."""

import time
from typing import Final

from application.events.streams import CHECKOUTS
from bench import bare
from bench.effort import Effort, rounds
from bench.figures import Figure, Goal, ratios
from bench.rig import Rig
from bench.shop import BATCH, Shoppers, append_all, entry_fields

COUNT_MAX: Final = 50_000
ALONE: Final = 500


def measure(effort: Effort) -> list[Figure]:
    """Events a second: ours in batches and one by one, theirs in pipelines."""
    with Rig.running() as rig:
        store = rig.container.bare_event_store()
        shoppers = Shoppers()
        count = effort.count(10_000, least=BATCH, most=COUNT_MAX)
        entries = [entry_fields(transaction) for transaction in shoppers.transactions(count)]

        def batched() -> float:
            transactions = shoppers.transactions(count)
            began_s = time.perf_counter()
            append_all(store, transactions)
            return count / (time.perf_counter() - began_s)

        def one_by_one() -> float:
            transactions = shoppers.transactions(ALONE)
            began_s = time.perf_counter()
            for transaction in transactions:
                store.append(CHECKOUTS, [transaction])
            return ALONE / (time.perf_counter() - began_s)

        theirs, ours, alone = rounds(
            effort, lambda: bare.xadd_per_s(rig.client, entries), batched, one_by_one
        )
    return [
        Figure(of="append", what=f"{BATCH} at a time", unit="events/s", rounds=ours),
        Figure(of="append", what="bare pipelined XADD", unit="events/s", rounds=theirs),
        Figure(of="append", what="ratio", unit="", rounds=ratios(ours, theirs), goal=Goal(">=", 0.5)),
        Figure(of="append", what="one at a time", unit="events/s", rounds=alone),
    ]
