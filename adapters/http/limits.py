"""How much one request may ask for, and how many may ask at once."""

import attrs


@attrs.frozen(kw_only=True)
class HttpLimits:
    """`at_once_max` requests are worked on, `queue_max` more wait for up to `queue_wait_ms`; the rest, and
    those who ask while the store is away, are told to come back after `retry_after_s`.

    Beside them, `waiters_max` requests wait for what is yet to come (`prefer_wait_max_s` for an end,
    `read_wait_max_ms` for the read model), and `followers_max` follow what comes, each told at least every
    `heartbeat_s` that it is still connected, and given up once nothing of that gets through for
    `write_timeout_s`."""

    body_max_bytes: int = 65_536
    page_default: int = 100
    page_max: int = 1_000
    at_once_max: int = 16
    queue_max: int = 64
    queue_wait_ms: int = 200
    retry_after_s: int = 1
    waiters_max: int = 64
    prefer_wait_max_s: int = 30
    read_wait_max_ms: int = 2_000
    followers_max: int = 100
    heartbeat_s: float = 15.0
    write_timeout_s: float = 60.0
