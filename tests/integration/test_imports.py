"""What a process imports, for that is nearly all of its start. Each is asked in an interpreter of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.contracts.receiver import SECRET

ROOT: Final = Path(__file__).parents[2]

ONLY_THE_COMMAND_LINE: Final = {"cyclopts", "rich", "pygments", "httpx", "jsonschema", "entrypoints.cli"}
ONLY_THE_API: Final = {"flask", "werkzeug", "jinja2", "granian", "adapters.http.app"}
ONLY_WHEN_ASKED: Final = {
    "adapters.audit", "application.worker.loop", "adapters.http.contract.document", "application.verify",
    "application.requests.rebuild_orders", "adapters.redis_streams.read_model_editions",
}  # fmt: skip
ONLY_OTHER_WORKERS: Final = {
    "application.steps.reserve_stock", "application.steps.create_order", "application.steps.compensate",
    "application.steps.expire_checkout", "application.steps.project_orders",
    "application.steps.notify_client", "application.questions.find_stuck", "adapters.notification",
    "adapters.redis_streams.inbox", "adapters.redis_streams.read_model", "adapters.redis_streams.deadlines",
}  # fmt: skip

AUDIT: Final = """
imported(["worker", "audit"])
from dependency_injector import providers
from entrypoints.wiring.workers import Workers, worker_of
worker_of(Workers(settings=Settings(redis_url="redis://db"), role=providers.Object("audit")), "audit")
"""
NOTIFICATION: Final = AUDIT.replace("audit", "notification")
WEBHOOKS: Final = NOTIFICATION.replace(
    'redis_url="redis://db"',
    f'redis_url="redis://db", notify_url="http://receiver", notify_secret="{SECRET}"',
)
API: Final = """
imported(["api"])
from entrypoints.api import application_of
from entrypoints.wiring.desks import Desks
application_of(Desks(settings=Settings(redis_url="redis://db")))
"""
TRACED: Final = AUDIT.replace("db", 'db", traces="on')
NOT_BY_ITSELF: Final = {"opentelemetry", "adapters.traces", "adapters.inmemory"}
REPLAY: Final = """
from entrypoints.cli import run
run(["replay", "--help"])
"""


def modules_of(program: str) -> set[str]:
    start = "from entrypoints.process import imported\nfrom entrypoints.settings import Settings\n"
    tell = "\nimport sys\nprint(*sys.modules, file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-c", start + program + tell], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("program", "needed", "spared"),
    [
        (AUDIT, "adapters.audit.ndjson_file", ONLY_THE_COMMAND_LINE | ONLY_THE_API | ONLY_OTHER_WORKERS),
        (
            NOTIFICATION,
            "adapters.notification.log_notifier",
            {"httpx", "adapters.codec.cloud_events"},
        ),
        (WEBHOOKS, "adapters.notification.webhook_notifier", ONLY_THE_API),
        (API, "adapters.http.checkouts", ONLY_THE_COMMAND_LINE | ONLY_WHEN_ASKED),
        (TRACED, "adapters.traces.deliveries", ONLY_THE_COMMAND_LINE | ONLY_THE_API),
        (REPLAY, "entrypoints.commands.replay", ONLY_THE_API | {"redis", "dependency_injector", "structlog"}),
    ],
    ids=[
        "a worker",
        "a worker that tells the log",
        "a worker that sends webhooks",
        "the API",
        "a worker that traces",
        "a command",
    ],
)
def test_a_process_imports_what_it_runs_and_not_what_others_run(
    program: str, needed: str, spared: set[str]
) -> None:
    modules = modules_of(program)

    assert needed in modules
    never = {"adapters.inmemory"} if program == TRACED else NOT_BY_ITSELF
    assert modules & (spared | never) == set()
