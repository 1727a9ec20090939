"""The dashboard of the HTTP side: how many requests, how many go wrong, how long they take, who waits at the
door, and what the processes take."""

from typing import Final

from docs import dashboard_panels as panels

_ROUTES: Final = '{job=~"$job", route=~"$route"}'
_JOB: Final = '{job=~"$job"}'
_TOOK: Final = "http_request_duration_seconds"
_ALL: Final = panels.rate(f"{_TOOK}_count", where=_ROUTES)
_OURS: Final = '{job=~"$job", route=~"$route", status=~"5.."}'
_FAILED: Final = f"({panels.rate(f'{_TOOK}_count', where=_OURS)} or vector(0)) / {_ALL}"
_SHED: Final = panels.rate("http_requests_shed_total", where=_JOB)
_SLOW: Final = ((0.1, panels.WARN), (1, panels.BAD))
_WRONG: Final = ((0.001, panels.WARN), (0.05, panels.BAD))
_PROCESS: Final = '{job=~"comptoir-.*"}'

NOW: Final = (
    panels.now("Requests", "cps", _ALL, "Requests per second, those that were turned away too."),
    panels.now(
        "Failed",
        "percentunit",
        _FAILED,
        "Requests answered with a 5xx, of all: ours, not the caller's.",
        _WRONG,
    ),
    panels.now(
        "Duration, p50", "s", panels.quantile(0.5, _TOOK, where=_ROUTES), "Half take at most this.", _SLOW
    ),
    panels.now(
        "Duration, p99",
        "s",
        panels.quantile(0.99, _TOOK, where=_ROUTES),
        "99 of 100 take at most this.",
        _SLOW,
    ),
    panels.now(
        "In flight",
        "short",
        f"sum(http_requests_in_flight{_JOB})",
        "Requests worked on now, and callers that wait for an end or follow events.",
    ),
    panels.now(
        "Turned away",
        "cps",
        _SHED,
        "Requests per second that got 503 because there were too many.",
        ((0.1, panels.WARN), (1, panels.BAD)),
    ),
)
REQUESTS: Final = (
    panels.lines(
        "Requests, by route",
        "cps",
        "Per second. `unmatched` has no route: an unknown path, or what was turned away at the door.",
        (panels.rate(f"{_TOOK}_count", "method, route", _ROUTES), "{{method}} {{route}}"),
    ),
    panels.lines(
        "Requests, by status",
        "cps",
        "Per second. 4xx is what callers did wrong, 5xx is ours; 503 is too many, or a store out of reach.",
        (panels.rate(f"{_TOOK}_count", "status", _ROUTES), "{{status}}"),
    ),
    panels.lines(
        "Failed",
        "percentunit",
        "Requests answered with a 5xx, of all.",
        (_FAILED, "5xx"),
        limits=_WRONG,
        alerts=("RequestsFailing",),
    ),
)
DURATIONS: Final = tuple(
    panels.lines(
        f"Duration by route, p{of * 100:g}",
        "s",
        f"Until the answer, or until it begins where it is a stream of events: {meaning} as slow. What a "
        "caller asked to wait for is not counted.",
        (panels.quantile(of, _TOOK, "method, route", _ROUTES), "{{method}} {{route}}"),
        limits=_SLOW,
        logarithmic=True,
    )
    for of, meaning in panels.PERCENTILES
)
DOOR: Final = (
    panels.lines(
        "Inside, by gate",
        "short",
        "Requests worked on (work, probes), callers that wait for an end (waiters), or follow events.",
        (f"sum by (gate) (http_requests_in_flight{_JOB})", "{{gate}}"),
    ),
    panels.lines(
        "Waiting for their turn",
        "short",
        "Requests in the queue before API_THREADS; at most API_QUEUE_MAX in each process.",
        (f"sum by (gate) (http_requests_waiting{_JOB})", "{{gate}}"),
    ),
    panels.lines(
        "Turned away, by gate",
        "cps",
        "Requests per second that got 503 because there were too many.",
        (panels.rate("http_requests_shed_total", "gate", _JOB), "{{gate}}"),
        limits=((0.1, panels.WARN), (1, panels.BAD)),
        alerts=("RequestsShed",),
    ),
)
PROCESSES: Final = (
    panels.lines(
        "Processor, by process",
        "percentunit",
        "Share of one processor that each process takes, the workers too.",
        (f"rate(process_cpu_seconds_total{_PROCESS}[$__rate_interval])", "{{instance}}"),
    ),
    panels.lines(
        "Memory, by process",
        "bytes",
        "Resident memory of each process.",
        (f"process_resident_memory_bytes{_PROCESS}", "{{instance}}"),
    ),
    panels.lines(
        "Age, by process",
        "s",
        "Time since each process was started. It falls to zero where one dies and is started again.",
        (f"time() - process_start_time_seconds{_PROCESS}", "{{instance}}"),
        alerts=("RestartsOften", "ComptoirDown"),
    ),
)

HTTP: Final = panels.Dashboard(
    "comptoir-http",
    "HTTP and processes",
    "How the API answers: how many requests, how many fail, how long they take; and what the processes take.",
    (
        panels.Choice("job", "API", f"label_values({_TOOK}_count, job)"),
        panels.Choice("route", "Route", f'label_values({_TOOK}_count{{job=~"$job"}}, route)'),
    ),
    (
        panels.Row("Now", NOW, height=4),
        panels.Row("How many, and how they end", REQUESTS, height=9),
        panels.Row("How long they take", DURATIONS, height=9),
        panels.Row("At the door", DOOR),
        panels.Row("Processes", PROCESSES),
    ),
)
