"""deploy/make-secrets makes what deploy/compose.yaml names, and keeps what is there."""

from pathlib import Path

import pytest

from tests.compose.declared import DEPLOY, declared, make_secrets, services


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("secrets")
    make_secrets(directory)
    return directory


def test_every_secret_is_used_and_made_and_none_is_in_the_file(secrets: Path) -> None:
    named = declared()["secrets"]
    used = {name for service in services().values() for name in service.get("secrets", ())}

    assert used == named.keys()
    assert all((secrets / name).stat().st_size for name in named)
    written = (DEPLOY / "compose.yaml").read_text()
    for file in secrets.rglob("*"):
        if file.is_file() and file.name not in {"kong.yml", "users.acl"}:
            assert file.read_text().strip() not in written


def test_secrets_that_are_there_are_left_as_they_are(secrets: Path) -> None:
    before = {file: file.read_bytes() for file in secrets.rglob("*") if file.is_file()}

    make_secrets(secrets)

    assert {file: file.read_bytes() for file in secrets.rglob("*") if file.is_file()} == before
