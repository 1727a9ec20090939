"""The drill of docs/operations.md: back up, lose the server and its files, restore, verify, go on."""

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs
import pytest
import redis

from adapters.audit.newest_lines import newest_lines
from application.events.streams import CHECKOUTS
from application.ports.positions import parse
from entrypoints.up import embedded_server
from tests.instance import ExternalServer, RunningService
from tests.integration.guarded_server import Authority, GuardedServer, tls_server
from tests.integration.nodes import SERVERS, binary_of
from tests.invariants import entries, invariants
from tests.running_service import IMPATIENT, free_base_port
from tests.waiting import eventually

pytestmark = pytest.mark.slow

SCRIPTS: Final = Path(__file__).parents[2] / "deploy" / "redis"
PRODUCTS: Final = {"pencil": 1, "notebook": 2}


@pytest.fixture
def redis_cli() -> str:
    found = shutil.which("redis-cli") or shutil.which("valkey-cli")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no redis-cli")
    return str(found)


def script(name: str, *words: object, **told: object) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {key: str(value) for key, value in told.items()}
    command = [str(SCRIPTS / name), *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@attrs.define
class Drill:
    """A service on a server of its own, that is killed and started again on the same port and directory."""

    service: RunningService
    server: ExternalServer
    binary: Path

    @property
    def files(self) -> Path:
        return Path(self.server.server.directory)

    def lose_the_server(self) -> None:
        """Service and server are gone from one moment to the next, and so are the server's files."""
        os.kill(self.service.pid, signal.SIGKILL)
        assert self.server.process.pid is not None
        os.kill(self.server.process.pid, signal.SIGKILL)
        eventually(lambda: self.server.process.ended() is not None)
        self.service.end()
        shutil.rmtree(self.files)
        self.files.mkdir()


@contextmanager
def drilled(tmp_path: Path, binary: Path) -> Iterator[Drill]:
    files = tmp_path / "server"
    files.mkdir()
    server = ExternalServer.at(files, binary)
    environment = IMPATIENT | {"PORT": "0", "METRICS_BASE_PORT": str(free_base_port())}
    service = RunningService(tmp_path / "data", environment | {"REDIS_URL": server.server.url})
    with server.running(), service.running():
        yield Drill(service, server, binary)


@pytest.mark.parametrize("product", SERVERS)
def test_a_shop_whose_server_is_lost_goes_on_from_its_backup(
    tmp_path: Path, product: str, redis_cli: str
) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    with drilled(tmp_path, binary_of(product)) as drill:
        service = drill.service
        service.server.config_set("repl-diskless-sync-delay", 0)
        for produit_id in PRODUCTS:
            service.front.receive(produit_id, 100)
        kept = [service.front.checkout("ada", PRODUCTS) for _ in range(10)]
        for checkout_id in kept:
            service.front.ended(checkout_id)
        half_way = [service.front.checkout("bob", PRODUCTS) for _ in range(20)]
        audit = service.data_dir / "audit"
        told = {"CHECK_RDB": drill.binary, "REDIS_CLI": redis_cli, "AUDIT_DIR": audit}

        made = script("backup", backups, REDIS_PORT=drill.server.server.port, **told)

        assert made.returncode == 0, made.stderr
        copy = Path(made.stdout.strip())
        lost = service.front.post("ada", PRODUCTS, Idempotency_Key="tail-1").json()["checkout_id"]
        service.front.ended(lost)
        service.comes_to_rest()
        assert service.verified()[0] == 0
        before = {entry.position for entry in entries(service.shop, CHECKOUTS)}
        drill.lose_the_server()

        restored = script("restore", copy, drill.files, **told)

        assert restored.returncode == 0, restored.stderr
        drill.server.start()
        service.start()
        for checkout_id in (*kept, *half_way):
            service.front.ended(checkout_id)
        service.comes_to_rest()
        stream = {entry.position for entry in entries(service.shop, CHECKOUTS)}
        gone = sorted(before - stream, key=parse)
        code, verdict = service.verified()
        assert (code, verdict["gone"]) == (1, gone)
        assert [finding["where"] for finding in verdict["findings"]] == gone

        again = service.front.post("ada", PRODUCTS, Idempotency_Key="tail-1").json()["checkout_id"]
        assert again == lost
        service.front.ended(service.front.checkout("carl", PRODUCTS))
        assert service.front.ended(again)["status"] == "succeeded"
        service.comes_to_rest()
        invariants(service.shop)
        code, verdict = service.verified("--gone-until", gone[-1])
        assert (code, verdict["findings"]) == (0, []), verdict
        trail = newest_lines(audit, 10_000).lines
        assert {entry.position for entry in entries(service.shop, CHECKOUTS)} == trail.keys() - set(gone)


@pytest.fixture(params=SERVERS)
def guarded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[GuardedServer, Path]]:
    """A server whose users are those of users.acl.in."""
    made = subprocess.run([SCRIPTS / "make-acl", tmp_path, "new"], capture_output=True, text=True, check=True)
    users = tmp_path / "users.acl"
    users.write_text(made.stdout + "user admin on nopass ~* &* +@all\n")
    options = {"aclfile": str(users), "repl-diskless-sync-delay": "0"}
    with GuardedServer(tmp_path, options, server=request.param) as server:
        with redis.Redis(port=server.port, username="admin", password="x") as admin:
            admin.xadd(CHECKOUTS, {"type": "Foreign"})
        yield server, binary_of(request.param)


def test_a_user_who_may_do_nothing_else_makes_backups_and_the_newest_are_kept(
    guarded: tuple[GuardedServer, Path], tmp_path: Path, redis_cli: str
) -> None:
    server, binary = guarded
    backups = tmp_path / "backups"
    backups.mkdir()
    told = {"CHECK_RDB": binary, "REDIS_CLI": redis_cli, "REDIS_PORT": server.port, "KEEP": 2}
    secret = {"REDIS_PASSWORD_FILE": tmp_path / "redis-backup"}
    old = [backups / f"comptoir-2020010{day}T000000Z.rdb" for day in (1, 2)]
    for file in old:
        file.write_text("old")

    made = script("backup", backups, **told, **secret)

    assert made.returncode == 0, made.stderr
    copy = Path(made.stdout.strip())
    assert sorted(backups.iterdir()) == sorted([old[1], copy, Path(f"{copy}.sha256")])
    assert copy.stat().st_mode & 0o077 == 0
    nobody = script("backup", backups, **told)
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "NOAUTH" in nobody.stderr
    assert sorted(backups.iterdir()) == sorted([old[1], copy, Path(f"{copy}.sha256")])


@pytest.mark.runs_on("redis")
def test_a_backup_is_made_over_tls_by_a_user_with_a_certificate_and_a_password(
    tmp_path: Path, redis_cli: str
) -> None:
    authority = Authority(tmp_path)
    backups = tmp_path / "backups"
    backups.mkdir()
    made = subprocess.run([SCRIPTS / "make-acl", tmp_path, "new"], capture_output=True, text=True, check=True)
    (tmp_path / "users.acl").write_text(made.stdout)
    own = authority.issue("backup")
    users = {"aclfile": str(tmp_path / "users.acl"), "repl-diskless-sync-delay": "0"}
    with tls_server(tmp_path, authority, **users) as server:
        told = {"CHECK_RDB": binary_of("redis"), "REDIS_CLI": redis_cli, "REDIS_PORT": server.port}
        secret = {"REDIS_PASSWORD_FILE": tmp_path / "redis-backup"}
        files = {
            "REDIS_CA_FILE": own.ca_file,
            "REDIS_CERT_FILE": own.cert_file,
            "REDIS_KEY_FILE": own.key_file,
        }

        copied = script("backup", backups, **told, **secret, **files)
        wrong: Mapping[str, Mapping[str, object]] = {
            "TLS": secret,
            "our authority": secret | files | {"REDIS_CA_FILE": "", "REDIS_TLS": "yes"},
            "a certificate": secret | {"REDIS_CA_FILE": own.ca_file},
            "a password": files,
        }
        without = {what: script("backup", backups, **told, **given) for what, given in wrong.items()}

    assert copied.returncode == 0, copied.stderr
    assert [path.suffix for path in sorted(backups.iterdir())] == [".rdb", ".sha256"]
    assert {what: done.returncode for what, done in without.items()} == dict.fromkeys(wrong, 1)
    assert "certificate verify failed" in without["our authority"].stderr
    assert "NOAUTH" in without["a password"].stderr


@pytest.fixture
def copied(tmp_path: Path, redis_cli: str) -> tuple[Path, Mapping[str, object]]:
    """A backup, and where it is put."""
    backups = tmp_path / "backups"
    backups.mkdir()
    binary = embedded_server.embedded_binary()
    told = {"CHECK_RDB": binary, "REDIS_CLI": redis_cli}
    server = GuardedServer(tmp_path, {"repl-diskless-sync-delay": "0"}, server="valkey")
    with server:
        made = script("backup", backups, REDIS_PORT=server.port, **told)
    assert made.returncode == 0, made.stderr
    return Path(made.stdout.strip()), told


def test_a_spoilt_backup_is_not_restored(copied: tuple[Path, Mapping[str, object]], tmp_path: Path) -> None:
    copy, told = copied
    files = tmp_path / "server"
    files.mkdir()
    spoilt = bytearray(copy.read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    copy.write_bytes(spoilt)

    refused = script("restore", copy, files, **told)

    assert refused.returncode == 1
    assert "is not what was backed up" in refused.stderr
    Path(f"{copy}.sha256").write_text(f"{hashlib.sha256(spoilt).hexdigest()}  {copy.name}\n")
    assert "does not take it for whole" in script("restore", copy, files, **told).stderr
    assert list(files.iterdir()) == []


def test_what_a_server_has_is_not_overwritten(
    copied: tuple[Path, Mapping[str, object]], tmp_path: Path
) -> None:
    copy, told = copied
    files = tmp_path / "server"
    (files / "appendonlydir").mkdir(parents=True)

    refused = script("restore", copy, files, **told)

    assert refused.returncode == 1
    assert "move its files away" in refused.stderr
    assert [path.name for path in files.iterdir()] == ["appendonlydir"]


def test_the_copy_of_a_trail_is_never_replaced_by_less(
    copied: tuple[Path, Mapping[str, object]], tmp_path: Path
) -> None:
    copy, told = copied
    trail, files = tmp_path / "trail", tmp_path / "server"
    kept = copy.parent / "audit"
    for directory in (trail, files, kept):
        directory.mkdir()
    (kept / "audit-2026-11-22.ndjson").write_text("one\ntwo\n")
    (trail / "audit-2026-11-22.ndjson").write_text("one\n")
    with GuardedServer(tmp_path, {"repl-diskless-sync-delay": "0"}, server="valkey") as server:
        refused = script("backup", copy.parent, REDIS_PORT=server.port, AUDIT_DIR=trail, **told)
    assert refused.returncode == 1
    assert "it was not replaced" in refused.stderr

    shutil.rmtree(trail)
    assert script("restore", copy, files, AUDIT_DIR=trail, **told).returncode == 0

    assert (trail / "audit-2026-11-22.ndjson").read_text() == "one\ntwo\n"
