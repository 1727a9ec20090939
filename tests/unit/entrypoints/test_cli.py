"""What all commands have in common: help, exit codes, errors, colours, widths."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from dependency_injector import providers

from application.ports.errors import Unavailable
from domain.checkout.saga import SAGA, STEPS
from entrypoints.cli import app
from entrypoints.commands.connection import server_url
from entrypoints.commands.endings import Ended
from entrypoints.exit_codes import MEANINGS, ExitCode
from entrypoints.settings import Settings
from entrypoints.up.run_file import RunningInstance, write_run_file
from tests.shop import Shop
from tests.terminal import Terminal

COMMANDS = [
    ("up",), ("api",), ("event-store",), ("worker",), ("workers",), ("stock", "receive"), ("stock", "show"),
    ("checkout", "start"), ("checkout", "show"), ("events",), ("replay",), ("orders",),
    ("audit", "verify"), ("audit", "head"), ("keys", "create"), ("keys", "list"), ("keys", "revoke"),
    ("checkout", "cancel"), ("checkout", "retry"), ("checkout", "force-compensation"),
    ("checkout", "resolve"),
    ("checkouts", "stuck"), ("deadlines", "list"), ("deadlines", "postpone"), ("deadlines", "cancel"),
    ("dead-letters", "list"), ("dead-letters", "show"), ("dead-letters", "redrive"),
    ("dead-letters", "discard"),
    ("sandbox",), ("verify",), ("read-model", "rebuild"),
    *(("calls", command) for command in ("list", "show", "settle")),
]  # fmt: skip


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


class Away:
    """Every use case of a shop whose server is away."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*_: object, **__: object) -> None:
            raise Unavailable("ConnectionError: refused")

        return call


def with_server_away() -> Terminal:
    shop = Shop()
    for provider in (shop.container.receiver, shop.container.lister):
        provider.override(providers.Object(Away()))
    return Terminal(shop=shop)


def test_help_lists_every_command_and_every_exit_code(terminal: Terminal) -> None:
    help_ = terminal.run("--help")

    assert help_.code == 0
    assert {name for name, *_ in COMMANDS} <= set(help_.out.split())
    for code, meaning in MEANINGS.items():
        assert f"{code:>3}  {meaning}" in help_.out


def test_every_exit_code_has_its_meaning() -> None:
    assert set(MEANINGS) == set(ExitCode)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_takes_nothing_that_the_program_gives(
    terminal: Terminal, command: tuple[str, ...]
) -> None:
    help_ = terminal.run(*command, "--help")

    assert help_.code == 0
    assert f"comptoir {' '.join(command)}" in help_.out
    assert "--here" not in help_.out


def test_no_command_is_left_out_of_these_tests() -> None:
    assert {name for name, *_ in COMMANDS} == {name for name in app if not name.startswith("-")}


def test_the_version_is_told(terminal: Terminal) -> None:
    assert terminal.run("--version").out.startswith("comptoir")


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (["stok", "show"], 'Did you mean "stock"?'),
        (["stock", "receive", "pencil", "many"], '"many"'),
        (["stock", "receive"], "PRODUIT"),
        (["stock", "show", "--count", "1001"], "1000"),
        (["checkout", "show", "abc", "--timeout-s", "nan"], "--timeout-s"),
        (["checkout", "start", "--fil"], "--fil"),
        (["worker", "audi"], "did you mean audit?"),
        (["worker", "nonsense"], "stock-reservation"),
        (["sandbox", "--fault", "lost,calls=0"], "'calls' must be >= 1"),
        (["sandbox", "--stock", "p1=-1"], "0 to 1,000,000,000 units"),
        (["sandbox", "--port", "65536"], "--port"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(terminal: Terminal, tokens: list[str], said: str) -> None:
    ended = terminal.run(*tokens)

    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert said in ended.err
    assert ended.err.startswith("comptoir: ")
    assert ended.err.count("\n") == 1


def test_a_setting_out_of_its_range_is_one_line_and_code_2() -> None:
    ended = Terminal(environment={"PORT": "eighty"}).run("workers")

    assert ended.code == ExitCode.USAGE
    assert ended.err == "comptoir: PORT is 'eighty': must be a whole number, 0 to 65535\n"


def test_a_server_that_is_away_is_one_line_and_code_3() -> None:
    ended = with_server_away().run("events", "ecommerce.checkout.events")

    assert ended.code == ExitCode.AWAY
    assert ended.err == "comptoir: the server does not answer: ConnectionError: refused\n"


@pytest.mark.parametrize(
    ("options", "advice"), [(["--key", "k1"], "repeat it as it is"), ([], "with --key it can be repeated")]
)
def test_a_write_without_an_answer_says_how_to_ask_again(options: list[str], advice: str) -> None:
    ended = with_server_away().run("stock", "receive", "pencil", "1", *options)

    assert ended.code == ExitCode.AWAY
    assert advice in ended.err


def test_ctrl_c_ends_quietly() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    terminal = Terminal(while_waiting=interrupt)
    checkout_id = terminal.shop.start({"pencil": 1})

    ended = terminal.run("checkout", "show", checkout_id, "--follow")

    assert (ended.code, ended.err) == (ExitCode.INTERRUPTED, "")


def test_a_bug_keeps_its_traceback_and_has_a_code_of_its_own(terminal: Terminal) -> None:
    structlog.reset_defaults()  # a command has no log
    terminal.shop.container.lister.override(providers.Object(object()))

    ended = terminal.run("events", "ecommerce.checkout.events")

    assert ended.code == ExitCode.BUG
    assert "Traceback" in ended.err


def test_without_redis_url_the_running_instance_of_the_data_directory_is_asked(tmp_path: Path) -> None:
    write_run_file(tmp_path, RunningInstance(pid=1, url="http://x", redis_url="redis://127.0.0.1:7000"))

    assert server_url(Settings(data_dir=tmp_path)) == "redis://127.0.0.1:7000"
    assert server_url(Settings(data_dir=tmp_path, redis_url="redis://db")) == "redis://db"


def test_where_nothing_runs_the_data_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(Ended, match=f"nothing runs on DATA_DIR {tmp_path}") as ended:
        server_url(Settings(data_dir=tmp_path))

    assert ended.value.code == ExitCode.AWAY


def test_an_instance_with_a_redis_url_of_its_own_asks_for_the_same_here(tmp_path: Path) -> None:
    write_run_file(tmp_path, RunningInstance(pid=1, url="http://x", redis_url=""))

    with pytest.raises(Ended, match="set the same one here") as ended:
        server_url(Settings(data_dir=tmp_path))

    assert ended.value.code == ExitCode.USAGE


@pytest.mark.parametrize("columns", [80, 120])
def test_every_answer_fits_the_screen_and_has_no_colour_in_a_file(columns: int) -> None:
    terminal = Terminal(columns=columns)
    terminal.shop.receive({"pencil": 5, "notebook-a4": 100_000})
    first, *_ = [terminal.shop.start({"pencil": n, "notebook-a4": 90_000 + n}) for n in (1, 9, 2)]
    terminal.shop.run()

    for tokens in (
        ["workers"],
        ["stock", "show"],
        ["checkout", "show", first],
        ["replay", first],
        ["events", "ecommerce.checkout.events"],
        ["events", "ecommerce.inventory.events"],
        ["orders", "client-1"],
    ):
        shown = terminal.run(*tokens)
        assert shown.code == 0
        assert max(len(line) for line in shown.out.splitlines()) <= columns
        assert "\x1b" not in shown.out


def test_colours_are_for_terminals_that_want_them() -> None:
    assert "\x1b[1;36m" in Terminal(is_terminal=True, environment={"TERM": "xterm"}).run("workers").out

    plain = Terminal(is_terminal=True, environment={"TERM": "xterm", "NO_COLOR": "1"}).run("workers").out

    assert "36m" not in plain


def test_the_list_of_workers_is_the_saga(tmp_path: Path) -> None:
    terminal = Terminal(environment={"DATA_DIR": str(tmp_path)})
    table = terminal.run("workers").out
    wire = terminal.run("workers", "--json").json["workers"]

    for step, row in zip(SAGA, wire, strict=True):
        assert step.worker in table
        assert step.group in table
        assert (row["worker"], row["group"]) == (step.worker, step.group)
        assert row["on"] == [fact.__name__ for fact in step.on]
        assert row["answers"] == [fact.__name__ for fact in step.answers]
    assert wire[0]["metrics_port"] == 9102


def test_the_workers_of_a_running_instance_are_shown_at_its_own_ports(tmp_path: Path) -> None:
    terminal = Terminal(environment={"DATA_DIR": str(tmp_path)})
    assert "nothing runs here; ports that it would begin with" in terminal.run("workers").out
    assert terminal.run("workers", "--json").json["instance"] is None

    ports = {worker: 40_000 + place for place, worker in enumerate(STEPS)}
    instance = RunningInstance(pid=1, url="http://127.0.0.1:8123", redis_url="", metrics_ports=ports)
    write_run_file(tmp_path, instance)

    told = terminal.run("workers").out
    wire = terminal.run("workers", "--json").json
    assert "ports of the instance at http://127.0.0.1:8123" in told
    assert {row["worker"]: row["metrics_port"] for row in wire["workers"]} == ports
    assert all(str(port) in told for port in ports.values())
    assert wire["instance"] == "http://127.0.0.1:8123"
