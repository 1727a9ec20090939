"""Webhooks are signed so that any library of the standard can check them."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.notification.signature import SecretError, Signer
from tests.each_row import each_row

OLD = "whsec_" + base64.b64encode(b"o" * 24).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 64).decode()
BODY = '{"at": "café"}'.encode()


def now_s() -> float:
    return datetime.now(UTC).timestamp()


@each_row("secret", [OLD, NEW])
def test_whoever_has_one_of_the_secrets_can_check_a_webhook(secret: str) -> None:
    headers = Signer.of(f"{NEW},{OLD}").headers("m-1", now_s(), BODY)

    assert Webhook(secret).verify(BODY, headers) == {"at": "café"}
    assert len(headers["webhook-signature"].split(" ")) == 2


@each_row("change", [{"webhook-id": "m-2"}, {"webhook-timestamp": str(int(now_s()) - 10)}])
def test_what_was_changed_on_the_way_is_noticed(change: dict[str, str]) -> None:
    headers = Signer.of(NEW).headers("m-1", now_s(), BODY)

    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY, headers | change)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(BODY, headers)


def test_the_signature_is_the_one_of_the_reference_library() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    headers = Signer.of(OLD).headers("m-1", at.timestamp(), BODY)

    assert headers["webhook-signature"] == Webhook(OLD).sign("m-1", at, BODY.decode())


@each_row("text", [f"{NEW}\n{OLD}\n", f"# newest first\n  {NEW} \r\n\n{OLD}", f"{NEW},{OLD}"])
def test_secrets_are_read_from_a_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets"
    path.write_text(text)
    asked = ("m-1", 1.0, BODY)

    assert Signer.from_file(path).headers(*asked) == Signer.of(f"{NEW} {OLD}").headers(*asked)


@each_row(
    "secrets",
    [
        "",
        "hunter2",
        "whsec_",
        "whsec_hunter2!",
        OLD.removeprefix("whsec_"),
        "whsec_" + base64.b64encode(b"s" * 23).decode(),
        "whsec_" + base64.b64encode(b"s" * 65).decode(),
        f"{OLD},hunter2",
        ",".join([OLD] * 11),
        "é",
    ],
)
def test_what_is_no_secret_is_refused_and_not_shown(tmp_path: Path, secrets: str) -> None:
    path = tmp_path / "secrets"
    path.write_text(secrets)

    with pytest.raises(SecretError, match="whsec_ and 24 to 64 bytes in base64") as refusal:
        Signer.of(secrets)
    with pytest.raises(SecretError, match="must hold 1 to 10 secrets") as of_file:
        Signer.from_file(path)

    assert "hunter" not in f"{refusal.value} {of_file.value}"
    assert OLD.removeprefix("whsec_") not in f"{refusal.value} {of_file.value}"


def test_a_file_that_is_away_or_endless_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="No such file"):
        Signer.from_file(tmp_path / "nothing")
    with pytest.raises(SecretError, match="at most 4096 bytes"):
        Signer.from_file(Path("/dev/zero"))


def test_a_signer_does_not_show_its_secrets() -> None:
    assert repr(Signer.of(OLD)) == "Signer()"
