"""The dashboard of the checkouts: how many, how they end, how long they take, and which wait."""

from typing import Final

from docs.dashboard_panels import (
    BAD,
    OK,
    ON_STREAM,
    PERCENTILES,
    WARN,
    Dashboard,
    Row,
    lines,
    now,
    of_groups,
    quantile,
    rate,
)

_STARTED: Final = rate("saga_choreo_started_total")
_SUCCEEDED: Final = rate("saga_choreo_success_total")
_FAILED: Final = rate("saga_choreo_failed_total")
_RATIO: Final = f"{_SUCCEEDED} / ({_SUCCEEDED} + {_FAILED})"
_TOOK: Final = "saga_choreo_duration_seconds"
_SLOW: Final = ((0.5, WARN), (5, BAD))
_WAITS: Final = ((30, WARN), (120, BAD))
_GOOD: Final = ((0.9, WARN), (0.95, OK))

NOW: Final = (
    now("Started", "cps", _STARTED, "Checkouts started per second."),
    now(
        "Success",
        "percentunit",
        _RATIO,
        "Checkouts that ended with an order, of all that ended. Out of stock counts as failed.",
        _GOOD,
        base=BAD,
    ),
    now(
        "Time to success",
        "s",
        quantile(0.5, _TOOK, where='{fact="CheckoutSucceeded"}'),
        "The median, from CheckoutInitiated to CheckoutSucceeded.",
        _SLOW,
    ),
    now("Open", "short", "max(open_checkouts)", "Checkouts that have not ended."),
    now(
        "Oldest open",
        "s",
        "max(open_checkout_oldest_seconds)",
        "Age of the oldest checkout that has not ended.",
        _WAITS,
    ),
    now(
        "Dead letters",
        "short",
        f"sum({of_groups('group_dead_letters')})",
        "Deliveries that were set aside and wait for an operator.",
        ((1, BAD),),
    ),
)
ENDS: Final = (
    lines(
        "Checkouts",
        "cps",
        "Started and ended per second. While fewer end than start, checkouts pile up.",
        (_STARTED, "started"),
        (_SUCCEEDED, "succeeded"),
        (_FAILED, "failed"),
    ),
    lines(
        "Success ratio",
        "percentunit",
        "Checkouts that ended with an order, of all that ended.",
        (_RATIO, "success"),
    ),
    lines(
        "Failed, by reason",
        "cps",
        "What made them fail: stock-reservation is out of stock, order-creation a refused order, deadline "
        "too late; cancellation and operator are people.",
        (rate("saga_choreo_failed_total", "source"), "{{source}}"),
    ),
)
DURATIONS: Final = tuple(
    lines(
        f"From the start to each fact, p{of * 100:g}",
        "s",
        f"Time from CheckoutInitiated to each later fact, by the server's clock: {meaning} as slow.",
        (quantile(of, _TOOK, "fact"), "{{fact}}"),
        limits=_SLOW,
    )
    for of, meaning in PERCENTILES
)
WAITING: Final = (
    lines(
        "Open checkouts",
        "short",
        "Checkouts that have not ended; those in doubt wait for a person to look in an existing service.",
        ("max(open_checkouts)", "open"),
        ("max(checkouts_in_doubt)", "in doubt"),
    ),
    lines(
        "Stuck: the oldest that waits, by step",
        "s",
        "Age of the oldest open checkout that waits on the step, or for the operator.",
        ("max by (step) (open_checkout_oldest_seconds)", "{{step}}"),
        limits=_WAITS,
    ),
    lines(
        "Stock not given back",
        "short",
        "Compensations that failed for good in the last 15 minutes. Each waits for an operator.",
        ("sum(increase(saga_compensation_failed_total[15m]))", "failed compensations"),
        limits=((1, BAD),),
    ),
)
DEAD_LETTERS: Final = (
    lines(
        "Dead letters, by group",
        "short",
        "Deliveries that were set aside and wait for an operator.",
        (of_groups("group_dead_letters"), "{{group}}"),
        limits=((1, BAD),),
    ),
    lines(
        "Oldest dead letter, by group",
        "s",
        "How long the oldest has waited.",
        (of_groups("group_oldest_dead_letter_seconds"), "{{group}}"),
        limits=((3_600, WARN), (86_400, BAD)),
    ),
    lines(
        "Failed attempts, by type",
        "cps",
        "Attempts at a delivery that failed, per second. Most are tried again and succeed.",
        (rate("event_failures_total", "type, consumer", ON_STREAM), "{{type}} at {{consumer}}"),
    ),
)

SAGA: Final = Dashboard(
    "comptoir-saga",
    "Checkout saga",
    "How checkouts go: how many, how they end, how long they take, and which wait.",
    (
        Row("Now", NOW, height=4),
        Row("How many, and how they end", ENDS),
        Row("How long they take", DURATIONS),
        Row("Which wait", WAITING),
        Row("Dead letters", DEAD_LETTERS),
    ),
)
