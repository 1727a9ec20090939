"""Every setting, in one place: its name, unit, default, range and meaning.

A setting's name in the environment is its field's name in capitals, with the unit last. The environment
is read once, at the edge; everything else is given a `Settings`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import attrs

from adapters.redis_streams.tls import Tls
from entrypoints.setting_kinds.addresses import (
    Network,
    networks,
    receiver_url,
    redacted,
    redis_url,
    web_address,
)
from entrypoints.setting_kinds.plain import (
    amount,
    directory,
    name,
    one_of,
    optional_directory,
    optional_file,
    rate,
    seconds,
    whole,
)
from entrypoints.setting_kinds.secrets import key_hashes, secret, webhook_secrets
from entrypoints.setting_kinds.setting import Setting
from entrypoints.settings_together import SOCKET_MARGIN_MS, contradictions

WORKERS: Final = (
    "notification",
    "audit",
    "stock-reservation",
    "order-creation",
    "stock-compensation",
    "cqrs-projection",
    "deadline",
)
"""The workers, in the order of their metrics ports."""

_PORT_MAX: Final = 65_535
_MIB: Final = 1024 * 1024


class SettingsError(Exception):
    """A setting outside its range. Its message is one line: the name, the value, and what is allowed."""


class SettingRow(NamedTuple):
    """A line of the table of settings. An empty default is an empty string."""

    name: str
    default: str
    range: str
    meaning: str


@attrs.frozen(kw_only=True)
class Settings:
    """What the service is told from outside. A variable that is set but empty counts as not set."""

    host: str = name("127.0.0.1", "Address the API listens on")
    port: int = whole(8000, 0, _PORT_MAX, "Port of the API; 0 takes any free one")
    public_url: str = web_address(
        "Where others find the API, with any prefix; named in CloudEvents, empty leaves it out"
    )
    trusted_proxies: tuple[Network, ...] = networks(
        "Gateways whose X-Forwarded-* and X-Consumer-Username are believed; empty believes nobody's"
    )
    api_keys_file: Path | None = optional_file(
        "File with the API's keys, as `comptoir keys` writes it; it is read again when it changes"
    )
    api_keys: str = key_hashes(
        "Keys of the API beside those of the file, as `comptoir keys create --print-hash` shows them: hashes "
        "only. With neither, everybody on this machine comes in, and HOST must be a loopback address"
    )
    rate_limit_per_key: str = rate("Requests of one key that one API process answers; empty counts none")
    rate_limit_global: str = rate("Requests of all callers together; empty counts none")
    request_log: str = one_of(
        "off", "on", meaning="Whether each request leaves a line in the API's log, without its path and key"
    )
    data_dir: Path = directory("var", "Where everything that must survive a restart is kept, and the logs")
    redis_url: str = redis_url("Server to use; empty starts the embedded one")
    redis_password_file: Path | None = optional_file(
        "File with the password for REDIS_URL, read whenever a connection is made"
    )
    redis_ca_file: Path | None = optional_file(
        "Authorities (PEM) that vouch for a rediss:// server; empty trusts those that the system trusts"
    )
    redis_cert_file: Path | None = optional_file(
        "Our certificate (PEM), for a rediss:// server that asks for one; with REDIS_KEY_FILE"
    )
    redis_key_file: Path | None = optional_file("Its private key (PEM), not protected by a password")
    embedded_redis_port: int = whole(0, 0, _PORT_MAX, "Port of the embedded server; 0 takes any free one")
    appendfsync: str = one_of(
        "everysec", "always", meaning="When the embedded server's log of writes reaches the disk"
    )
    wait_replicas: int = whole(
        0, 0, 100, "Replicas that must have what is appended before it is answered; 0 waits for none"
    )
    wait_timeout_ms: int = whole(
        400, 1, 60_000, f"Patience with those replicas; API_TIMEOUT_MS - {SOCKET_MARGIN_MS} or less"
    )
    clock_skew_max_ms: int = whole(
        1_000, 1, 3_600_000, "Difference to the server's clock above which a start-up warns"
    )
    replica_silence_max_s: int = whole(
        5, 1, 60, "Silence after which a replica, which says every second where it is, counts as out of step"
    )
    metrics_host: str = name("127.0.0.1", "Address the workers' metrics listen on")
    metrics_base_port: int = whole(
        9100, 1, _PORT_MAX - len(WORKERS) + 1, "Metrics port of the first worker; the others follow in order"
    )
    metrics_port: int = whole(
        0, 0, _PORT_MAX, "Metrics port of this worker; 0 is METRICS_BASE_PORT plus the worker's number"
    )
    api_threads: int = whole(16, 1, 256, "Requests that one API process works on at once")
    api_queue_max: int = whole(
        64, 0, 1_024, "Requests that may wait until it does; the rest gets 503 at once"
    )
    api_queue_wait_ms: int = whole(200, 0, 60_000, "How long such a request waits before it gets 503 too")
    api_retry_after_s: int = whole(1, 1, 3_600, "What Retry-After says with a 503")
    api_connections_max: int = whole(
        2_048,
        16,
        65_535,
        "Connections that one API process holds open, more than API_THREADS + API_QUEUE_MAX; others wait",
    )
    api_backlog_max: int = whole(
        1_024, 1, _PORT_MAX, "Connections that the system keeps until they are taken; it may allow fewer"
    )
    page_max: int = whole(1_000, 100, 10_000, "Longest page of a list that a caller may ask for")
    prefer_wait_max_s: int = whole(
        30, 0, 300, "Longest wait that a caller may prefer for the end of a checkout"
    )
    read_wait_max_ms: int = whole(
        2_000, 0, 60_000, "How long a question with min_position waits for the read model"
    )
    waiters_max: int = whole(
        64, 0, 1_024, "Requests that wait like that at once, beside API_THREADS; the rest is answered at once"
    )
    followers_max: int = whole(
        100, 0, 1_024, "Callers that follow events at once on one API process; the rest gets 503"
    )
    sse_heartbeat_s: float = seconds(
        15.0,
        0.1,
        300.0,
        "Silence after which a follower is sent a sign of life; one that left is noticed",
    )
    sse_write_timeout_s: float = seconds(
        60.0,
        1.0,
        3_600.0,
        "How long a follower may take in nothing of what it is sent before it is cut off, on Linux",
    )
    follow_sends_per_s: int = whole(
        500, 1, 100_000, "How often a second followers of streams are sent events, all of a process together"
    )
    follow_again_per_s: int = whole(
        10_000, 1, 1_000_000, "Earlier events a second that they read again, all of a process together"
    )
    tail_linger_ms: int = whole(
        10, 0, 1_000, "How long events gather before those who wait or follow are woken"
    )
    tail_block_ms: int = whole(
        1_000, 1, 60_000, "How long the reader of new events for them waits before it looks around"
    )
    tail_kept: int = whole(1_024, 1, 1_000_000, "New events that an API process keeps for slower followers")
    api_processes: int = whole(1, 1, 64, "Processes of the API")
    checkout_deadline_s: float = seconds(
        900.0, 0.1, 2_592_000.0, "Time a checkout has to end before it fails"
    )
    order_total_max: Decimal = amount(
        Decimal("1000000.00"), Decimal("0.01"), Decimal(10**10), "An order above this total is refused"
    )
    body_max_bytes: int = whole(65_536, 1_024, 16 * _MIB, "Longest request body that is read")
    payload_max_bytes: int = whole(262_144, 1_024, 16 * _MIB, "Longest event payload that is decoded")
    batch_max: int = whole(256, 1, 10_000, "Deliveries a worker takes at once")
    block_ms: int = whole(1_000, 1, 60_000, "How long a worker waits for deliveries before it looks around")
    linger_ms: int = whole(
        50, 0, 1_000, "How long a worker that no checkout waits for lets further deliveries gather"
    )
    compensation_linger_ms: int = whole(
        10, 0, 1_000, "The same for stock-compensation, for which only a failing checkout waits"
    )
    onlookers_niceness: int = whole(
        10, 0, 19, "How far a worker that no checkout waits for gives way to others on a busy processor"
    )
    socket_timeout_ms: int = whole(
        5_000, 2, 120_000, f"Patience with a silent server; at least BLOCK_MS + {SOCKET_MARGIN_MS}"
    )
    connect_timeout_ms: int = whole(1_000, 1, 60_000, "Patience while connecting to the server")
    redis_keepalive_s: int = whole(
        15, 1, 7_200, "Idle time after which a connection to the server is tried before it is used"
    )
    api_timeout_ms: int = whole(900, 501, 60_000, "Patience of an API request with a silent server")
    claim_idle_ms: int = whole(
        30_000, 10, 86_400_000, "How long another consumer may sit on a delivery before it is claimed"
    )
    housekeeping_ms: int = whole(
        1_000, 10, 60_000, "How often a worker looks for what others left, and says how far behind it is"
    )
    unfinished_attempts_max: int = whole(
        20, 1, 1_000, "Times that a delivery is handed to consumers that die before it becomes a dead letter"
    )
    retry_base_ms: int = whole(
        200, 1, 60_000, "Pause before the second attempt, half to whole; doubled for each further one"
    )
    retry_max_ms: int = whole(
        30_000, 1, 3_600_000, "Longest pause between two attempts; RETRY_BASE_MS or more"
    )
    attempts_max: int = whole(5, 1, 100, "Attempts before a delivery becomes a dead letter")
    compensation_attempts_max: int = whole(
        10, 1, 1_000, "Attempts to give back what was taken before an operator must see to it"
    )
    notify_url: str = receiver_url(
        "Receiver of the webhook that tells how each checkout ended; empty writes log lines instead"
    )
    notify_secret: str = webhook_secrets(
        "What webhooks are signed with; several while one is replaced by another"
    )
    notify_secret_file: Path | None = optional_file(
        "File with these secrets, one a line, read at the start; instead of NOTIFY_SECRET"
    )
    notify_at_once_max: int = whole(16, 1, 256, "Webhooks that are under way at once, of BATCH_MAX at most")
    notify_connect_timeout_ms: int = whole(1_000, 1, 60_000, "Patience while connecting to NOTIFY_URL")
    notify_timeout_ms: int = whole(
        5_000,
        1,
        60_000,
        "Patience with one webhook, all in all; at most half of CLAIM_IDLE_MS and of WATCHDOG_S",
    )
    notify_answer_max_bytes: int = whole(
        65_536, 0, _MIB, "Longest answer to a webhook that is read; the connection is dropped at more"
    )
    notify_retry_after_max_s: int = whole(
        60, 0, 3_600, "Longest pause that the receiver may ask for with 429 or 503 and Retry-After"
    )
    notify_attempts_max: int = whole(
        20, 1, 1_000, "Attempts to send a webhook before its notice becomes a dead letter"
    )
    watchdog_s: float = seconds(
        60.0,
        1.0,
        86_400.0,
        "Time without an answer after which a worker ends itself, to be started afresh; "
        "at least twice SOCKET_TIMEOUT_MS, and longer than the longest batch takes",
    )
    consumer_forgotten_s: float = seconds(
        3_600.0, 60.0, 2_592_000.0, "Silence after which a consumer that holds nothing is forgotten"
    )
    heartbeat_s: float = seconds(
        5.0,
        0.1,
        3_600.0,
        "Time between two beats, which show every group that the bus works",
    )
    lag_counted_max: int = whole(
        10_000,
        100,
        1_000_000,
        "Entries counted where the server does not know how far a group is behind",
    )
    lag_check_s: float = seconds(
        30.0, 0.0, 86_400.0, "How long the server's count is believed before it is checked by such a count"
    )
    open_checkouts_read_max: int = whole(
        500, 1, 10_000, "Open checkouts, the oldest first, that are read to say which steps they wait on"
    )
    dead_letters_read_max: int = whole(
        1_000, 1, 10_000, "Dead letters, the oldest first, that are read to say how long each group's wait"
    )
    timed_checkouts_max: int = whole(
        20_000, 100, 1_000_000, "Open checkouts whose duration is measured, some 200 bytes of memory each"
    )
    shutdown_grace_s: float = seconds(
        10.0, 0.1, 600.0, "Time the API, then the workers, then the server each have to stop"
    )
    start_timeout_s: float = seconds(
        60.0, 1.0, 3_600.0, "How long `comptoir up` waits for what it starts to answer"
    )
    loading_timeout_s: float = seconds(
        1_800.0, 1.0, 86_400.0, "How long it waits for an embedded server that says it is reading its data"
    )
    restart_pause_max_s: float = seconds(
        30.0, 0.1, 3_600.0, "Longest pause before a process that keeps dying is started again"
    )
    log_level: str = one_of("info", "debug", "warning", "error", meaning="Least important log line written")
    log_format: str = one_of("auto", "json", "console", meaning="auto is console on a terminal, else json")
    log_file_max_bytes: int = whole(16 * _MIB, 4_096, 1024 * _MIB, "Size at which a log file is put aside")
    traces: str = one_of("off", "on", meaning="Whether spans are sent where the OTEL_* variables say")
    traces_flush_ms: int = whole(2_000, 0, 60_000, "How long a stopping process waits to send its last spans")
    audit_dir: Path | None = optional_directory("Where the audit trail is written; empty is DATA_DIR/audit")
    audit_file_max_bytes: int = whole(
        256 * _MIB, 4_096, 4_096 * _MIB, "Size at which an audit file is closed and the next one begun"
    )
    audit_key_file: Path | None = optional_file(
        "File with the audit trail's keys, one a line, newest first, at least 32 characters each; "
        "empty seals the trail without a key"
    )
    inventory: str = one_of("own", "http", meaning="Whose stock is reserved: ours, or that behind KONG_URL")
    orders: str = one_of("own", "http", meaning="Who keeps the orders: we, or the service behind KONG_URL")
    kong_url: str = web_address("Where the existing services are, with any prefix; needed for http")
    kong_ca_file: Path | None = optional_file(
        "File with the certificates to trust at KONG_URL; empty trusts the usual authorities"
    )
    api_key: str = secret("What is sent to them as X-API-Key; empty sends none")
    api_key_file: Path | None = optional_file("File with that key instead; read again when it has changed")
    magasin_id: str = name("", "Store that sales are entered for; needed for ORDERS=http", chars_max=128)
    inventory_idempotent: str = one_of(
        "no", "yes", meaning="Whether the existing inventory does a call with a known Idempotency-Key once"
    )
    orders_idempotent: str = one_of(
        "no", "yes", meaning="Whether the existing order service does a call with a known key once"
    )
    service_connect_timeout_ms: int = whole(1_000, 1, 60_000, "Patience while connecting to a service")
    service_read_timeout_ms: int = whole(3_000, 1, 600_000, "Patience with a service that sends nothing")
    service_call_max_ms: int = whole(
        7_000,
        2,
        3_600_000,
        "Longest that a call may take, its repetitions and pauses included; at least both timeouts, at most"
        " three quarters of SHUTDOWN_GRACE_S, CLAIM_IDLE_MS and WATCHDOG_S",
    )
    service_attempts_max: int = whole(3, 1, 100, "Attempts at a call, where it is safe to make it again")
    service_retry_base_ms: int = whole(
        100, 1, 60_000, "Pause before the second attempt, to twice that; doubled for each further one"
    )
    service_retry_max_ms: int = whole(2_000, 1, 600_000, "Longest such pause; SERVICE_RETRY_BASE_MS or more")
    service_answer_max_bytes: int = whole(65_536, 1_024, 16 * _MIB, "Longest answer that is read")
    service_connections_max: int = whole(16, 1, 1_024, "Connections that a worker has to one service")
    service_keepalive_ms: int = whole(
        1_500, 0, 600_000, "How long an unused one is kept; less than the service or the gateway keeps it"
    )
    breaker_failures_max: int = whole(5, 1, 1_000, "Failures in a row after which a service is left alone")
    breaker_open_s: float = seconds(10.0, 0.1, 3_600.0, "How long, before one call is made to see")
    calls_at_once: int = whole(
        8, 1, 256, "Checkouts that a worker makes calls to existing services for at once, and takes at once"
    )
    call_margin_ms: int = whole(
        5_000, 100, 600_000, "How much longer than a call may take before its caller counts as dead"
    )
    consumer_name: str = name("", "Name of this worker in its group; empty makes one up", chars_max=128)

    given: frozenset[str] = attrs.field(default=frozenset(), eq=False, repr=False)
    """Names that the environment did set: where another value would be disobedience."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read and check every setting.

        Raises:
            SettingsError: the first setting that is out of range.
        """
        read = {
            field.name: _read(field.name.upper(), environment[field.name.upper()], setting)
            for field, setting in _fields()
            if environment.get(field.name.upper())
        }
        return cls(**read, given=frozenset(attribute.upper() for attribute in read))  # type: ignore[arg-type]  # parse and field are declared together

    def __attrs_post_init__(self) -> None:
        for refusal in contradictions(self):
            raise SettingsError(refusal)

    def as_environment(self) -> dict[str, str]:
        """The environment from which another process reads these settings. Holds the password and the
        key, if any."""
        values = {field.name.upper(): getattr(self, field.name) for field, _ in _fields()}
        return {variable: _text(value) for variable, value in values.items() if _text(value)}

    def metrics_port_of(self, worker: str) -> int:
        """Where `worker` shows its metrics, unless METRICS_PORT says otherwise."""
        return self.metrics_port or self.metrics_base_port + WORKERS.index(worker)

    @property
    def redis_tls(self) -> Tls:
        """What REDIS_CA_FILE, REDIS_CERT_FILE and REDIS_KEY_FILE say."""
        return Tls(ca_file=self.redis_ca_file, cert_file=self.redis_cert_file, key_file=self.redis_key_file)

    @property
    def redis_url_redacted(self) -> str:
        """REDIS_URL as it may be shown."""
        return redacted(self.redis_url)

    @property
    def tail_patience_ms(self) -> int:
        """Patience with a silent server of whoever reads new events."""
        return self.tail_block_ms + SOCKET_MARGIN_MS

    @property
    def audit_directory(self) -> Path:
        """Where the audit trail is written."""
        return self.audit_dir or self.data_dir / "audit"


def setting_rows() -> list[SettingRow]:
    """The table of settings, in their order."""
    return [
        SettingRow(field.name.upper(), _text(field.default), setting.range, setting.meaning)
        for field, setting in _fields()
    ]


def _fields() -> Iterator[tuple["attrs.Attribute[object]", Setting]]:
    for field in attrs.fields(Settings):
        setting = Setting.of(field)
        if setting is not None:
            yield field, setting


def _read(variable: str, text: str, setting: Setting) -> object:
    try:
        return setting.parse(text)
    except ValueError:
        # Without its cause, which may quote a password.
        raise SettingsError(f"{variable} is {setting.shown(text)!r}: must be {setting.range}") from None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)
