"""Whom the API lets in, as it is decided when it starts."""

from ipaddress import ip_network
from pathlib import Path

import attrs
import pytest

from adapters.api_keys.api_key import ApiKey
from adapters.api_keys.key_file import KeyFile
from adapters.api_keys.written import text_of
from entrypoints.exit_codes import ExitCode
from entrypoints.front_door import is_loopback, key_ring
from entrypoints.settings import Settings, SettingsError
from entrypoints.start_refused import StartRefused
from entrypoints.up.fleet import commands_to_try
from tests.each_row import each_row
from tests.terminal import Terminal

KEY = ApiKey(id="desk", sha256="0f" * 32, scopes=frozenset({"read"}))


@each_row("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_without_keys_this_machine_and_nobody_else_comes_in(host: str) -> None:
    assert key_ring(Settings(host=host)) is None


@each_row(
    "host",
    ["0.0.0.0", "::", "10.0.0.7", "192.168.1.1", "localhost.example", "::ffff:127.0.0.1", "127.1"],
)
def test_without_keys_no_address_that_others_may_reach_is_bound(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(StartRefused, match=f"HOST {host} can be reached from other machines"):
        key_ring(Settings(host=host))


def test_without_keys_no_gateway_is_trusted_to_let_others_in() -> None:
    behind_a_gateway = Settings(trusted_proxies=(ip_network("127.0.0.1"),))

    with pytest.raises(StartRefused, match="TRUSTED_PROXIES names a gateway that lets others in"):
        key_ring(behind_a_gateway)
    assert key_ring(attrs.evolve(behind_a_gateway, api_keys=text_of(KEY)))


@pytest.mark.parametrize("command", [("up",), ("up", "--in-memory")])
def test_whoever_starts_it_is_told_in_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    ended = Terminal(environment={"HOST": "0.0.0.0", "DATA_DIR": str(tmp_path / "var")}).run(*command)

    assert ended.code == ExitCode.USAGE
    assert ended.err.count("\n") == 1
    assert "API_KEYS_FILE or API_KEYS" in ended.err
    assert not (tmp_path / "var").exists()


def test_with_keys_any_address_may_be_bound(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    KeyFile(file).add(KEY)

    assert key_ring(Settings(host="0.0.0.0", api_keys=text_of(KEY)))
    assert key_ring(Settings(host="0.0.0.0", api_keys_file=file))


def test_an_empty_file_opens_to_nobody_and_is_no_reason_not_to_start(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.touch(0o600)

    assert key_ring(Settings(api_keys_file=file)) is not None


@pytest.mark.parametrize(
    ("mode", "text", "told"),
    [(0o600, "{\n", "line 1 is not JSON"), (0o666, "", "others than its owner may write to it")],
)
def test_a_file_that_cannot_be_trusted_is_refused_at_the_start(
    tmp_path: Path, mode: int, text: str, told: str
) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    file.chmod(mode)

    with pytest.raises(StartRefused, match=told):
        key_ring(Settings(api_keys_file=file))


def test_a_file_that_is_not_there_is_refused_with_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="no such file; comptoir keys create makes one"):
        key_ring(Settings(api_keys_file=tmp_path / "keys"))


@pytest.mark.parametrize("given", ["cpt_desk_hunter2", "desk:read:hunter2", "desk:hunter2:" + "0f" * 32])
def test_keys_that_are_wrong_in_the_environment_are_not_quoted(given: str) -> None:
    with pytest.raises(
        SettingsError, match=r"API_KEYS is '\*\*\*': must be id:scope,scope:sha256"
    ) as refusal:
        Settings.from_environment({"API_KEYS": given})

    assert "hunter2" not in str(refusal.value)


def test_another_process_is_given_the_same_keys() -> None:
    settings = Settings(api_keys=text_of(KEY), api_keys_file=Path("keys"))

    assert Settings.from_environment(settings.as_environment()) == settings
    assert KEY.sha256 not in repr(settings)


@pytest.mark.parametrize(("keys", "shown"), [("", False), (text_of(KEY), True)])
def test_the_commands_that_are_shown_to_try_bring_a_key_where_one_is_needed(keys: str, shown: bool) -> None:
    for command in commands_to_try("http://127.0.0.1:8000", Settings(api_keys=keys))[:-1]:
        assert ('-H "X-API-Key: $KEY"' in command) is shown


def test_no_stock_is_to_be_received_here_where_another_service_keeps_it() -> None:
    settings = Settings(inventory="http", kong_url="http://kong:8000")

    assert not any("receipts" in command for command in commands_to_try("http://127.0.0.1:8000", settings))
