"""The dashboard of the checkouts: how many, how they end, how long they take, and which wait."""

from typing import Final

from docs import dashboard_panels as panels

_STARTED: Final = panels.rate("saga_choreo_started_total")
_SUCCEEDED: Final = panels.rate("saga_choreo_success_total")
_FAILED: Final = panels.rate("saga_choreo_failed_total")
_RATIO: Final = f"{_SUCCEEDED} / ({_SUCCEEDED} + {_FAILED})"
_TOOK: Final = "saga_choreo_duration_seconds"
_SLOW: Final = ((0.5, panels.WARN), (5, panels.BAD))
_WAITS: Final = ((30, panels.WARN), (120, panels.BAD))
_GOOD: Final = ((0.9, panels.WARN), (0.95, panels.OK))

NOW: Final = (
    panels.now("Started", "cps", _STARTED, "Checkouts started per second."),
    panels.now(
        "Success",
        "percentunit",
        _RATIO,
        "Checkouts that ended with an order, of all that ended. Out of stock counts as failed.",
        _GOOD,
        base=panels.BAD,
    ),
    panels.now(
        "Time to success",
        "s",
        panels.quantile(0.5, _TOOK, where='{fact="CheckoutSucceeded"}'),
        "The median, from CheckoutInitiated to CheckoutSucceeded.",
        _SLOW,
    ),
    panels.now("Open", "short", "max(open_checkouts)", "Checkouts that have not ended."),
    panels.now(
        "Oldest open",
        "s",
        "max(open_checkout_oldest_seconds)",
        "Age of the oldest checkout that has not ended.",
        _WAITS,
    ),
    panels.now(
        "Dead letters",
        "short",
        f"sum({panels.of_groups('group_dead_letters')})",
        "Deliveries that were set aside and wait for an operator.",
        ((1, panels.BAD),),
    ),
)
ENDS: Final = (
    panels.lines(
        "Checkouts",
        "cps",
        "Started and ended per second. While fewer end than start, checkouts pile up.",
        (_STARTED, "started"),
        (_SUCCEEDED, "succeeded"),
        (_FAILED, "failed"),
    ),
    panels.lines(
        "Success ratio",
        "percentunit",
        "Checkouts that ended with an order, of all that ended.",
        (_RATIO, "success"),
        limits=_GOOD,
    ),
    panels.lines(
        "Failed, by reason",
        "cps",
        "What made them fail: stock-reservation is out of stock, order-creation a refused order, deadline "
        "too late; cancellation and operator are people.",
        (panels.rate("saga_choreo_failed_total", "source"), "{{source}}"),
        alerts=("CheckoutsFailing",),
    ),
)
DURATIONS: Final = tuple(
    panels.lines(
        f"From the start to each fact, p{of * 100:g}",
        "s",
        f"Time from CheckoutInitiated to each later fact, by the server's clock: {meaning} as slow.",
        (panels.quantile(of, _TOOK, "fact"), "{{fact}}"),
        limits=_SLOW,
        logarithmic=True,
    )
    for of, meaning in panels.PERCENTILES
)
WAITING: Final = (
    panels.lines(
        "Open checkouts",
        "short",
        "Checkouts that have not ended; those in doubt wait for a person to look in an existing service.",
        ("max(open_checkouts)", "open"),
        ("max(checkouts_in_doubt)", "in doubt"),
        alerts=("CallsInDoubt",),
    ),
    panels.lines(
        "Stuck: the oldest that waits, by step",
        "s",
        "Age of the oldest open checkout that waits on the step, or for the operator.",
        ("max by (step) (open_checkout_oldest_seconds)", "{{step}}"),
        limits=_WAITS,
        alerts=("CheckoutsStuck", "CheckoutsWaitForOperator"),
    ),
    panels.lines(
        "Stock not given back",
        "short",
        "Compensations that failed for good in the last 15 minutes. Each waits for an operator.",
        ("sum(increase(saga_compensation_failed_total[15m]))", "failed compensations"),
        limits=((1, panels.BAD),),
        alerts=("CompensationFailed",),
    ),
)
DEAD_LETTERS: Final = (
    panels.lines(
        "Dead letters, by group",
        "short",
        "Deliveries that were set aside and wait for an operator.",
        (panels.of_groups("group_dead_letters"), "{{group}}"),
        limits=((1, panels.BAD),),
        alerts=("DeadLetters",),
    ),
    panels.lines(
        "Oldest dead letter, by group",
        "s",
        "How long the oldest has waited.",
        (panels.of_groups("group_oldest_dead_letter_seconds"), "{{group}}"),
        limits=((3_600, panels.WARN), (86_400, panels.BAD)),
    ),
    panels.lines(
        "Failed attempts, by type",
        "cps",
        "Attempts at a delivery that failed, per second. Most are tried again and succeed.",
        (panels.rate("event_failures_total", "type, consumer", panels.ON_STREAM), "{{type}} at {{consumer}}"),
    ),
)

SAGA: Final = panels.Dashboard(
    "comptoir-saga",
    "Checkout saga",
    "How checkouts go: how many, how they end, how long they take, and which wait.",
    (panels.STREAM, panels.GROUP),
    (
        panels.Row("Now", NOW, height=4),
        panels.Row("How many, and how they end", ENDS),
        panels.Row("How long they take", DURATIONS),
        panels.Row("Which wait", WAITING),
        panels.Row("Dead letters", DEAD_LETTERS),
    ),
)
