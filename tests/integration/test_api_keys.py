"""Keys before the service as it runs: who comes in changes while it does, and no key is anywhere in it."""

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import httpx
import orjson
import pytest

from entrypoints.settings import setting_rows
from tests.shop_front import order_form
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.instance import RunningService
    from tests.running_service import Neighbour

pytest_plugins = ["tests.running_service"]
pytestmark = pytest.mark.slow

SEEN_WITHIN_S: Final = 10.0
GUESSED: Final = "cpt_first_hunter2hunter2"


@attrs.frozen
class Keys:
    """The command, on one file."""

    path: Path
    comptoir: tuple[str, ...]
    secrets: dict[str, str] = attrs.field(factory=dict)

    def create(self, id: str, *scopes: str) -> str:
        options = [word for scope in scopes for word in ("--scope", scope)]
        self.secrets[id] = self._run("create", id, *options)["key"]
        return self.secrets[id]

    def revoke(self, id: str) -> None:
        assert self._run("revoke", id)["changed"]

    def _run(self, *words: str) -> Any:
        settings = {row.name for row in setting_rows()}
        kept = {name: value for name, value in os.environ.items() if name not in settings}
        ended = subprocess.run(
            [*self.comptoir, "keys", *words, "--json"],
            env=kept | {"API_KEYS_FILE": str(self.path)},
            stdout=subprocess.PIPE,
            check=True,
        )
        return orjson.loads(ended.stdout)


def test_keys_come_and_go_while_the_service_runs_and_none_of_them_is_left_in_it(
    neighbour: "Neighbour", comptoir: tuple[str, ...], tmp_path: Path
) -> None:
    keys = Keys(tmp_path / "keys", comptoir)
    first = keys.create("first", "read", "checkout:write", "inventory:write", "operate")
    told = {"PORT": "0", "API_KEYS_FILE": str(keys.path), "REQUEST_LOG": "on", "LOG_LEVEL": "debug"}
    with neighbour(**told) as service:

        def opens(secret: str) -> bool:
            answered = httpx.get(f"{service.front.url}/metrics", headers=_key(secret), trust_env=False)
            assert answered.status_code in {200, 401}
            assert secret.rpartition("_")[2] not in answered.text
            return answered.status_code == 200

        assert (opens(first), opens(GUESSED)) == (True, False)
        _work_with(service, first)
        second = keys.create("second", "read")
        keys.revoke("first")
        eventually(lambda: opens(second) and not opens(first), SEEN_WITHIN_S)

        keys.path.write_text("{")
        eventually(lambda: opens(second) and "api keys unreadable" in service.log_text("api"), SEEN_WITHIN_S)
        assert opens(second)

    assert '"reason":"wrong secret","key_id":"first"' in service.log_text("api")
    written = {path: path.read_bytes() for path in service.data_dir.rglob("*") if path.is_file()}
    assert [path for path, text in written.items() if b'"first' in text]
    for secret in (*keys.secrets.values(), GUESSED):
        assert [path for path, text in written.items() if secret.rpartition("_")[2].encode() in text] == []


def _work_with(service: "RunningService", secret: str) -> None:
    """The key is used for all that is written, and for an act, which may come too late."""
    with httpx.Client(base_url=service.front.url, headers=_key(secret), trust_env=False) as http:
        http.post("/api/inventory/pencil/receipts", json={"quantite": 1}).raise_for_status()
        started = http.post("/api/checkouts", json=order_form("ada", {"pencil": 1})).raise_for_status()
        acted = http.post(f"{started.headers['Location']}/cancel", json={"reason": "a mistake"})
        assert acted.status_code in {202, 409}, acted.text


def _key(secret: str) -> dict[str, str]:
    return {"X-API-Key": secret}
