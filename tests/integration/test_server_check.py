from structlog.testing import capture_logs

from entrypoints.server_check import log_server_warnings
from entrypoints.settings import Settings


def test_a_server_that_is_away_when_a_worker_starts_is_a_line_in_the_log() -> None:
    with capture_logs() as lines:
        log_server_warnings(Settings(redis_url="redis://shop:hunter2@127.0.0.1:1"))

    assert [(line["event"], line["log_level"], line["warning"]) for line in lines] == [
        (
            "server warning",
            "warning",
            "REDIS_URL redis://***@127.0.0.1:1 cannot be used: it cannot be reached",
        )
    ]
