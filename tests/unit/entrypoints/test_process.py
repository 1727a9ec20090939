"""A process that the supervisor starts, and how it refuses to."""

from pathlib import Path

import pytest

from entrypoints.exit_codes import ExitCode
from entrypoints.process import run


@pytest.fixture(autouse=True)
def _nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.mark.parametrize(
    ("arguments", "environment", "refusal"),
    [
        (
            ["api"],
            {"PORT": "eighty"},
            (ExitCode.USAGE, "PORT is 'eighty': must be a whole number, 0 to 65535"),
        ),
        (["worker", "audit"], {"BATCH_MAX": "0"}, (ExitCode.USAGE, "BATCH_MAX is '0': must be")),
        (["worker", "audi"], {}, (ExitCode.USAGE, "there is no worker audi; did you mean audit?")),
        (["worker"], {}, (ExitCode.USAGE, "a process is `api`, `event-store` or `worker NAME`")),
        (["worker", "audit"], {}, (ExitCode.AWAY, "nothing runs on DATA_DIR")),
        (["api"], {}, (ExitCode.AWAY, "nothing runs on DATA_DIR")),
    ],
)
def test_what_is_refused_is_one_line_and_a_code(
    arguments: list[str],
    environment: dict[str, str],
    refusal: tuple[int, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    code, line = refusal
    assert run(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"comptoir: {line}")
    assert err.count("\n") == 1
