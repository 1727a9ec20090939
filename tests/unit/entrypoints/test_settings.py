from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path

import pytest

from entrypoints.settings import WORKERS, Settings, SettingsError, setting_rows
from tests.each_row import each_row

SECRET_URLS = [
    "redis://shop:hunter2@db.example:6379/0",
    "rediss://:hunter2@db.example:6379/0",
    "redis://db.example:6379/0?password=hunter2",
    "redis://:hunter?2@db.example:6379/0",
    "redis://:hunter/2@db.example:6379/0",
    "redis://:hunter2@db.example:six/0",
    "shop:hunter2@db.example:6379",
    "hunter2",
    "http://:hunter2@db.example",
]
TO_TRUST = "1 to 64 addresses or networks (CIDR), with commas between them, not all the world"


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    settings = Settings.from_environment({})

    assert settings == Settings()
    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 8000, Path("var"))
    assert settings.order_total_max == Decimal("1000000.00")


def test_a_variable_that_is_set_but_empty_counts_as_not_set() -> None:
    settings = Settings.from_environment({"PORT": "", "REDIS_URL": ""})

    assert settings == Settings()
    assert not settings.given


def test_what_the_environment_sets_is_read_and_remembered_as_given() -> None:
    settings = Settings.from_environment(
        {"PORT": "8123", "CHECKOUT_DEADLINE_S": "0.5", "ORDER_TOTAL_MAX": "99.90", "LOG_LEVEL": "DEBUG"}
    )

    assert settings.port == 8123
    assert settings.checkout_deadline_s == 0.5
    assert str(settings.order_total_max) == "99.90"
    assert settings.log_level == "debug"
    assert settings.given == {"PORT", "CHECKOUT_DEADLINE_S", "ORDER_TOTAL_MAX", "LOG_LEVEL"}


def test_nobody_is_trusted_who_is_not_named() -> None:
    assert Settings.from_environment({}).trusted_proxies == ()

    named = Settings.from_environment({"TRUSTED_PROXIES": "10.0.0.7, 10.1.0.0/16,::1"})

    assert named.trusted_proxies == tuple(map(ip_network, ("10.0.0.7/32", "10.1.0.0/16", "::1/128")))
    assert Settings.from_environment(named.as_environment()) == named


@each_row(
    ("variable", "value", "allowed"),
    [
        ("PORT", "eighty", "a whole number, 0 to 65535"),
        ("PORT", "65536", "a whole number, 0 to 65535"),
        ("PORT", "1_000", "a whole number, 0 to 65535"),
        ("METRICS_BASE_PORT", "65530", "a whole number, 1 to 65529"),
        ("BATCH_MAX", "0", "a whole number, 1 to 10000"),
        ("BATCH_MAX", "9" * 5000, "a whole number, 1 to 10000"),
        ("CHECKOUT_DEADLINE_S", "0.05", "a number, 0.1 to 2592000"),
        ("CHECKOUT_DEADLINE_S", "nan", "a number, 0.1 to 2592000"),
        ("CHECKOUT_DEADLINE_S", "soon", "a number, 0.1 to 2592000"),
        ("TRUSTED_PROXIES", "gateway", TO_TRUST),
        ("TRUSTED_PROXIES", "10.0.0.0/33", TO_TRUST),
        ("TRUSTED_PROXIES", "10.0.0.1/24", TO_TRUST),
        ("TRUSTED_PROXIES", "10.0.0.1,,::1", TO_TRUST),
        ("TRUSTED_PROXIES", "10.0.0.1 ::1", TO_TRUST),
        ("TRUSTED_PROXIES", "0.0.0.0/0", TO_TRUST),
        ("TRUSTED_PROXIES", "::/0", TO_TRUST),
        ("TRUSTED_PROXIES", ",".join(65 * ["::1"]), TO_TRUST),
        ("ORDER_TOTAL_MAX", "-1", "a decimal, 0.01 to 10000000000"),
        ("ORDER_TOTAL_MAX", "much", "a decimal, 0.01 to 10000000000"),
        ("ORDER_TOTAL_MAX", "NaN", "a decimal, 0.01 to 10000000000"),
        ("APPENDFSYNC", "no", "everysec or always"),
        ("CONSUMER_NAME", "two words", "1 to 128 printable characters, no spaces"),
        ("DATA_DIR", "a\nb", "a directory"),
    ],
)
def test_a_value_out_of_range_is_refused_in_one_line_that_names_it(
    variable: str, value: str, allowed: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({variable: value})

    assert str(refusal.value) == f"{variable} is {value!r}: must be {allowed}"
    assert "\n" not in str(refusal.value)


def test_a_socket_must_outlast_the_longest_blocking_read() -> None:
    with pytest.raises(SettingsError, match=r"SOCKET_TIMEOUT_MS is 1000: must be at least 1500"):
        Settings.from_environment({"BLOCK_MS": "1000", "SOCKET_TIMEOUT_MS": "1000"})


def test_the_longest_pause_between_attempts_is_no_shorter_than_the_first() -> None:
    with pytest.raises(
        SettingsError, match=r"RETRY_MAX_MS is 100: must be at least 200, which is RETRY_BASE_MS"
    ):
        Settings.from_environment({"RETRY_MAX_MS": "100"})


def test_there_must_be_connections_left_on_which_to_turn_somebody_away() -> None:
    with pytest.raises(SettingsError, match=r"API_CONNECTIONS_MAX is 80: must be more than 80, which is"):
        Settings.from_environment({"API_CONNECTIONS_MAX": "80"})


@each_row("url", SECRET_URLS)
def test_a_password_is_never_shown(url: str) -> None:
    try:
        settings = Settings.from_environment({"REDIS_URL": url})
    except SettingsError as refusal:
        shown = str(refusal)
    else:
        shown = repr(settings) + str(settings) + settings.redis_url_redacted

    assert "hunter" not in shown


@each_row(
    "url",
    ["redis://db.example:6379/0", "rediss://db.example", "unix:///run/redis.sock", "redis://[::1]:6379"],
)
def test_a_url_without_secrets_is_shown_as_it_is(url: str) -> None:
    assert Settings.from_environment({"REDIS_URL": url}).redis_url_redacted == url


@each_row("url", ["db.example", "http://db.example", "redis://", "redis://h:0", "redis://h:x"])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"REDIS_URL is .*: must be a redis://"):
        Settings.from_environment({"REDIS_URL": url})


@pytest.mark.parametrize("url", ["https://shop.example", "http://10.0.0.7:8000/api/ecommerce/"])
def test_the_public_address_is_kept_without_a_slash_at_its_end(url: str) -> None:
    assert Settings.from_environment({"PUBLIC_URL": url}).public_url == url.rstrip("/")


@each_row(
    "url",
    [
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://ada:hunter2@shop.example",
        "https://shop.example/?token=hunter2",
        "https://shop.example/#here",
        "https://shop.example:0",
        "https://shop.example/a b",
        "https://shop.example/é",
        "https://shop.example/" + "x" * 2_048,
        "hunter2",
        "https://shop.example?hunter2",
    ],
)
def test_what_is_no_public_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^PUBLIC_URL is .*: must be an http://") as refusal:
        Settings.from_environment({"PUBLIC_URL": url})

    assert "hunter" not in str(refusal.value)


def test_another_process_reads_the_same_settings_from_the_environment_it_is_given() -> None:
    settings = Settings(
        port=1, redis_url="redis://:pw@h:1/2", audit_dir=Path("a b"), shutdown_grace_s=0.25, metrics_port=7
    )

    assert Settings.from_environment(settings.as_environment()) == settings


def test_each_worker_has_a_metrics_port_of_its_own_in_the_documented_order() -> None:
    settings = Settings()

    assert [settings.metrics_port_of(worker) for worker in WORKERS] == list(range(9100, 9107))
    assert Settings(metrics_port=7).metrics_port_of("audit") == 7


def test_the_audit_trail_is_kept_with_the_data_unless_told_otherwise() -> None:
    assert Settings(data_dir=Path("d")).audit_directory == Path("d/audit")
    assert Settings(audit_dir=Path("elsewhere")).audit_directory == Path("elsewhere")


def test_every_setting_has_a_row_with_its_default_range_and_meaning() -> None:
    rows = {row.name: row for row in setting_rows()}

    assert rows["PORT"] == (
        "PORT",
        "8000",
        "a whole number, 0 to 65535",
        "Port of the API; 0 takes any free one",
    )
    assert rows["CHECKOUT_DEADLINE_S"].default == "900"
    assert rows["REDIS_URL"].default == ""
    assert all(row.meaning and row.range for row in rows.values())
    assert "GIVEN" not in rows


@each_row(
    ("given", "said"),
    [
        ({"REDIS_CA_FILE": "ca.pem"}, "REDIS_CA_FILE is set: REDIS_URL must begin with rediss then"),
        (
            {"REDIS_URL": "redis://db", "REDIS_CERT_FILE": "c.pem", "REDIS_KEY_FILE": "c.key"},
            "REDIS_CERT_FILE is set: REDIS_URL must begin with rediss then",
        ),
        (
            {"REDIS_URL": "rediss://db", "REDIS_CERT_FILE": "c.pem"},
            "REDIS_CERT_FILE is set: REDIS_KEY_FILE must be set too",
        ),
        (
            {"REDIS_URL": "rediss+sentinel://one,two/shop", "REDIS_KEY_FILE": "c.key"},
            "REDIS_KEY_FILE is set: REDIS_CERT_FILE must be set too",
        ),
    ],
)
def test_files_for_tls_must_make_sense_together(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(given)

    assert str(refused.value) == said
