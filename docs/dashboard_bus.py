"""The dashboard of the events: how many, how quickly they travel, who is behind, and how the server is."""

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

_PUBLISHED: Final = "events_published_total"
_CONSUMED: Final = "events_consumed_total"
_LATENCY: Final = "event_latency_seconds"
_BATCH: Final = "event_append_batch_transactions"
_BEAT: Final = 'group:heartbeat_age_seconds:min{group=~"$group"}'
_LATE: Final = ((0.5, WARN), (2, BAD))
_BEHIND: Final = ((5, WARN), (30, BAD))
_SILENT: Final = ((15, WARN), (30, BAD))

NOW: Final = (
    now("Published", "cps", rate(_PUBLISHED, where=ON_STREAM), "Events appended per second."),
    now(
        "Consumed",
        "cps",
        rate(_CONSUMED, where=ON_STREAM),
        "Deliveries handled per second, over all groups.",
    ),
    now(
        "Latency, p99",
        "s",
        quantile(0.99, _LATENCY, where=ON_STREAM),
        "From the record of an event to its delivery, over all types and groups.",
        _LATE,
    ),
    now(
        "Farthest behind",
        "s",
        f"max({of_groups('group_lag_seconds')})",
        "Age of the oldest event that some group was not handed yet.",
        _BEHIND,
    ),
    now(
        "Oldest heartbeat",
        "s",
        f"max({_BEAT})",
        "Age of the newest beat heard, of the group that has heard none for longest.",
        _SILENT,
    ),
    now(
        "Durability kept",
        "bool_yes_no",
        "min(durability_promise_kept)",
        "Whether what is written is as durable as the settings promise, as every process sees it.",
        ((1, OK),),
        base=BAD,
    ),
)
COUNTS: Final = (
    lines(
        "Published, by type",
        "cps",
        "Events appended per second.",
        (rate(_PUBLISHED, "type", ON_STREAM), "{{type}}"),
    ),
    lines(
        "Consumed, by type",
        "cps",
        "Deliveries handled per second, over all groups.",
        (rate(_CONSUMED, "type", ON_STREAM), "{{type}}"),
    ),
    lines(
        "Consumed, by group's worker",
        "cps",
        "Deliveries handled per second. Each worker has a group of its own.",
        (rate(_CONSUMED, "consumer", ON_STREAM), "{{consumer}}"),
    ),
)
LATENCIES: Final = tuple(
    lines(
        f"Latency by type, p{of * 100:g}",
        "s",
        f"From the record of an event to its delivery, over all groups: {meaning} as late.",
        (quantile(of, _LATENCY, "type", ON_STREAM), "{{type}}"),
        limits=_LATE,
    )
    for of, meaning in PERCENTILES
)
BEHIND: Final = (
    lines(
        "Lag, by group",
        "s",
        "Age of the oldest event that the group was not handed yet.",
        (of_groups("group_lag_seconds"), "{{group}}"),
        limits=_BEHIND,
    ),
    lines(
        "Pending, by group",
        "short",
        "Deliveries handed out and not acknowledged.",
        (of_groups("group_pending"), "{{group}}"),
    ),
    lines(
        "Heartbeat, by group",
        "s",
        "Age of the newest beat that the group has heard. It grows until the next is heard.",
        (_BEAT, "{{group}}"),
        limits=_SILENT,
    ),
)
APPENDS: Final = (
    lines(
        "Appends, by outcome",
        "cps",
        "Transactions per second: written, there before, or decided again after a conflict.",
        (rate("event_appends_total", "outcome", ON_STREAM), "{{outcome}}"),
    ),
    lines(
        "Transactions in one append",
        "short",
        "The mean. It grows with the load: what waits together is written together.",
        (
            f"{rate(f'{_BATCH}_sum', 'topic', ON_STREAM)} / {rate(f'{_BATCH}_count', 'topic', ON_STREAM)}",
            "{{topic}}",
        ),
    ),
    lines(
        "Requests to the API",
        "short",
        "Worked on and waiting now; and those per second that got 503 for being too many.",
        ("sum(http_requests_in_flight)", "in flight"),
        ("sum(http_requests_waiting)", "waiting"),
        (rate("http_requests_shed_total"), "turned away per second"),
    ),
)
SERVER: Final = (
    lines(
        "Memory",
        "bytes",
        "Used, and what it may use (0: all there is). At the limit the server refuses writes.",
        ("max(redis_memory_used_bytes)", "used"),
        ("max(redis_memory_max_bytes)", "at most"),
    ),
    lines(
        "Entries, by stream",
        "short",
        "Length of each stream.",
        (f"max by (topic) (stream_events{ON_STREAM})", "{{topic}}"),
    ),
    lines(
        "Out of reach",
        "cps",
        "Rounds of workers per second that were cut short because the server did not answer.",
        (rate("worker_interruptions_total", "instance"), "{{instance}}"),
        limits=((0.1, BAD),),
    ),
    lines(
        "On disk, and copied",
        "short",
        "1 while it keeps an append-only file, and could write its last file; replicas in sync.",
        ("min(redis_append_only)", "append-only file"),
        ("min(redis_writes_to_disk)", "writes to disk"),
        ("min(redis_replicas_in_sync)", "replicas in sync"),
    ),
)

BUS: Final = Dashboard(
    "comptoir-bus",
    "Event bus",
    "How events travel: how many, how quickly, who is behind, and how the server is.",
    (
        Row("Now", NOW, height=4),
        Row("How many", COUNTS),
        Row("How quickly", LATENCIES),
        Row("Who is behind", BEHIND),
        Row("Appends, and the door", APPENDS),
        Row("Redis", SERVER),
    ),
)
