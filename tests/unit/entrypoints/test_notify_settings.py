"""Where notices go, who signs them, and how long that may take."""

from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.notification.log_notifier import LogNotifier
from adapters.notification.webhook_notifier import WebhookNotifier
from domain.checkout import saga
from entrypoints.container import Container
from entrypoints.settings import Settings, SettingsError
from entrypoints.start_refused import StartRefused
from tests.contracts.receiver import SECRET
from tests.each_row import each_row

URL = "https://ada:hunter2@receiver.example:8443/hooks/hunter2?key=hunter2"
ENOUGH = {"NOTIFY_URL": URL, "NOTIFY_SECRET": SECRET}


def container_of(**told: str) -> Container:
    return Container(settings=Settings.from_environment(told), backend=providers.Object("memory"))


def test_notices_are_log_lines_unless_there_is_a_receiver() -> None:
    assert isinstance(container_of().notifier(), LogNotifier)


def test_a_receiver_gets_webhooks(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text(SECRET)
    for secret in ({"NOTIFY_SECRET": SECRET}, {"NOTIFY_SECRET_FILE": str(file)}):
        notifier = container_of(NOTIFY_URL=URL, **secret).notifier()
        assert isinstance(notifier, WebhookNotifier)
        notifier.close()


def test_a_file_without_secrets_refuses_the_start(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("hunter2")
    with pytest.raises(StartRefused, match=r"^NOTIFY_SECRET_FILE .*secrets: must hold 1 to 10") as refusal:
        container_of(NOTIFY_URL=URL, NOTIFY_SECRET_FILE=str(file)).notifier()

    assert "hunter" not in str(refusal.value)


@pytest.mark.parametrize("secrets", [{}, {"NOTIFY_SECRET": SECRET, "NOTIFY_SECRET_FILE": "secrets"}])
def test_a_receiver_needs_one_place_with_secrets(secrets: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="one of NOTIFY_SECRET and NOTIFY_SECRET_FILE must be set"):
        Settings.from_environment({"NOTIFY_URL": URL, **secrets})


def test_neither_address_nor_secret_is_ever_shown() -> None:
    settings = Settings.from_environment(ENOUGH)

    assert "hunter" not in repr(settings)
    assert SECRET not in repr(settings)
    assert "notify_url='https://receiver.example:8443/***'" in repr(settings)
    assert Settings.from_environment(settings.as_environment()) == settings


@each_row(
    ("variable", "value", "shown"),
    [
        ("NOTIFY_URL", "hunter2", "'***'"),
        ("NOTIFY_URL", "ftp://receiver.example/hunter2", "'ftp://receiver.example/***'"),
        ("NOTIFY_URL", "https://receiver.example/#hunter2", "'https://receiver.example/***'"),
        ("NOTIFY_URL", "https://receiver.example?hunter2=é", "'***'"),
        ("NOTIFY_SECRET", "whsec_hunter2", "'***'"),
    ],
)
def test_what_is_refused_is_not_shown_either(variable: str, value: str, shown: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(ENOUGH | {variable: value})

    assert str(refusal.value).startswith(f"{variable} is {shown}: must be ")
    assert "hunter" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("told", "most", "why"),
    [
        ({"CLAIM_IDLE_MS": "9999"}, 4999, "CLAIM_IDLE_MS"),
        ({"NOTIFY_TIMEOUT_MS": "30001"}, 15000, "CLAIM_IDLE_MS"),
        ({"NOTIFY_TIMEOUT_MS": "30001", "CLAIM_IDLE_MS": "90000"}, 30000, "WATCHDOG_S"),
    ],
)
def test_a_webhook_ends_before_others_think_its_worker_dead(
    told: dict[str, str], most: int, why: str
) -> None:
    with pytest.raises(SettingsError, match=f"must be at most {most}, which is half of {why}"):
        Settings.from_environment(ENOUGH | told)
    Settings.from_environment(told)  # nobody sends webhooks


def test_the_notification_worker_takes_no_more_than_go_out_at_once() -> None:
    policy = container_of(**ENOUGH, NOTIFY_AT_ONCE_MAX="8", NOTIFY_ATTEMPTS_MAX="9").policy(
        worker=saga.NOTIFICATION
    )

    assert (policy.batch_max, policy.attempts_max) == (8, 9)


@pytest.mark.parametrize(("told", "worker"), [({}, saga.NOTIFICATION), (ENOUGH, saga.AUDIT)])
def test_nobody_else_is_held_back_by_webhooks(told: dict[str, str], worker: str) -> None:
    policy = container_of(**told).policy(worker=worker)

    assert (policy.batch_max, policy.attempts_max) == (256, 5)
