"""The dashboard of the events: how many, how quickly they travel, who is behind, and how the server is."""

from typing import Final

from docs import dashboard_panels as panels

_PUBLISHED: Final = "events_published_total"
_CONSUMED: Final = "events_consumed_total"
_LATENCY: Final = "event_latency_seconds"
_BATCH: Final = "event_append_batch_transactions"
_BEAT: Final = 'group:heartbeat_age_seconds:min{group=~"$group"}'
_LATE: Final = ((0.5, panels.WARN), (2, panels.BAD))
_BEHIND: Final = ((5, panels.WARN), (30, panels.BAD))
_SILENT: Final = ((15, panels.WARN), (30, panels.BAD))

NOW: Final = (
    panels.now(
        "Published", "cps", panels.rate(_PUBLISHED, where=panels.ON_STREAM), "Events appended per second."
    ),
    panels.now(
        "Consumed",
        "cps",
        panels.rate(_CONSUMED, where=panels.ON_STREAM),
        "Deliveries handled per second, over all groups.",
    ),
    panels.now(
        "Latency, p99",
        "s",
        panels.quantile(0.99, _LATENCY, where=panels.ON_STREAM),
        "From the record of an event to its delivery, over all types and groups.",
        _LATE,
    ),
    panels.now(
        "Farthest behind",
        "s",
        f"max({panels.of_groups('group_lag_seconds')})",
        "Age of the oldest event that some group was not handed yet.",
        _BEHIND,
    ),
    panels.now(
        "Oldest heartbeat",
        "s",
        f"max({_BEAT})",
        "Age of the newest beat heard, of the group that has heard none for longest.",
        _SILENT,
    ),
    panels.now(
        "Durability kept",
        "bool_yes_no",
        "min(durability_promise_kept)",
        "Whether what is written is as durable as the settings promise, as every process sees it.",
        ((1, panels.OK),),
        base=panels.BAD,
    ),
)
COUNTS: Final = (
    panels.lines(
        "Published, by type",
        "cps",
        "Events appended per second.",
        (panels.rate(_PUBLISHED, "type", panels.ON_STREAM), "{{type}}"),
    ),
    panels.lines(
        "Consumed, by type",
        "cps",
        "Deliveries handled per second, over all groups.",
        (panels.rate(_CONSUMED, "type", panels.ON_STREAM), "{{type}}"),
    ),
    panels.lines(
        "Consumed, by group's worker",
        "cps",
        "Deliveries handled per second. Each worker has a group of its own.",
        (panels.rate(_CONSUMED, "consumer", panels.ON_STREAM), "{{consumer}}"),
    ),
)
LATENCIES: Final = tuple(
    panels.lines(
        f"Latency by type, p{of * 100:g}",
        "s",
        f"From the record of an event to its delivery, over all groups: {meaning} as late.",
        (panels.quantile(of, _LATENCY, "type", panels.ON_STREAM), "{{type}}"),
        limits=_LATE,
        logarithmic=True,
        alerts=("EventsLate",),
    )
    for of, meaning in panels.PERCENTILES
)
BEHIND: Final = (
    panels.lines(
        "Lag, by group",
        "s",
        "Age of the oldest event that the group was not handed yet.",
        (panels.of_groups("group_lag_seconds"), "{{group}}"),
        limits=_BEHIND,
        alerts=("GroupBehind",),
    ),
    panels.lines(
        "Pending, by group",
        "short",
        "Deliveries handed out and not acknowledged.",
        (panels.of_groups("group_pending"), "{{group}}"),
        alerts=("DeliveriesStuck",),
    ),
    panels.lines(
        "Heartbeat, by group",
        "s",
        "Age of the newest beat that the group has heard. It grows until the next is heard.",
        (_BEAT, "{{group}}"),
        limits=_SILENT,
        alerts=("HeartbeatLost", "ComptoirUnwatched"),
    ),
)
APPENDS: Final = (
    panels.lines(
        "Appends, by outcome",
        "cps",
        "Transactions per second: written, there before, or decided again after a conflict.",
        (panels.rate("event_appends_total", "outcome", panels.ON_STREAM), "{{outcome}}"),
    ),
    panels.lines(
        "Transactions in one append",
        "short",
        "The mean. It grows with the load: what waits together is written together.",
        (
            " / ".join(panels.rate(_BATCH + part, "topic", panels.ON_STREAM) for part in ("_sum", "_count")),
            "{{topic}}",
        ),
    ),
    panels.lines(
        "Entries, by stream",
        "short",
        "Length of each stream.",
        (f"max by (topic) (stream_events{panels.ON_STREAM})", "{{topic}}"),
    ),
)
SERVER: Final = (
    panels.lines(
        "Memory",
        "bytes",
        "Used, and what it may use (0: all there is). At the limit the server refuses writes.",
        ("max(redis_memory_used_bytes)", "used"),
        ("max(redis_memory_max_bytes)", "at most"),
        alerts=("ServerMemory",),
    ),
    panels.lines(
        "Out of reach",
        "cps",
        "Rounds of workers per second that were cut short because the server did not answer.",
        (panels.rate("worker_interruptions_total", "instance"), "{{instance}}"),
        limits=((0.1, panels.BAD),),
        alerts=("ServerOutOfReach",),
    ),
    panels.lines(
        "On disk, and copied",
        "short",
        "1 while it keeps an append-only file, and could write its last file; replicas in sync.",
        ("min(redis_append_only)", "append-only file"),
        ("min(redis_writes_to_disk)", "writes to disk"),
        ("min(redis_replicas_in_sync)", "replicas in sync"),
        alerts=("DurabilityLost",),
    ),
)

BUS: Final = panels.Dashboard(
    "comptoir-bus",
    "Event bus",
    "How events travel: how many, how quickly, who is behind, and how the server is.",
    (panels.STREAM, panels.GROUP),
    (
        panels.Row("Now", NOW, height=4),
        panels.Row("How many", COUNTS),
        panels.Row("How quickly", LATENCIES),
        panels.Row("Who is behind", BEHIND),
        panels.Row("What is written", APPENDS),
        panels.Row("Redis", SERVER),
    ),
)
