"""The service on a server that speaks nothing but TLS and wants to know who its clients are."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from adapters.redis_streams.tls import Tls
from domain.checkout.saga import SAGA
from entrypoints.container import Container, worker_of
from entrypoints.server_check import check_server
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused
from tests.integration.guarded_server import Authority, GuardedServer, tls_server
from tests.integration.link import LOOPBACK
from tests.shop import CLIENT, cart_of

pytestmark = pytest.mark.runs_on("redis")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[GuardedServer]:
    with tls_server(tmp_path_factory.mktemp("server"), authority) as server:
        yield server


def told(url: str, tls: Tls, **more: object) -> Settings:
    """Settings as they come from the environment."""
    files = {
        "REDIS_CA_FILE": tls.ca_file,
        "REDIS_CERT_FILE": tls.cert_file,
        "REDIS_KEY_FILE": tls.key_file,
    }
    environment = {"REDIS_URL": url, **{name: str(file) for name, file in files.items() if file}, **more}
    return Settings.from_environment({name: str(value) for name, value in environment.items()})


def url_of(server: GuardedServer, host: str = LOOPBACK, scheme: str = "rediss") -> str:
    return f"{scheme}://{host}:{server.port}/0"


def test_a_checkout_goes_all_its_way_over_tls(
    server: GuardedServer, authority: Authority, tmp_path: Path
) -> None:
    settings = told(url_of(server), authority.issue("comptoir"), DATA_DIR=tmp_path, BLOCK_MS=1)
    assert check_server(settings).product == "Redis"
    container = Container(settings=settings)
    with closing(container.redis()), closing(container.probing_redis()):
        assert container.readiness().problems() == {}
        container.receiver().receive(produit_id="pencil", units=3)
        started = container.starter().start(client_id=CLIENT, cart=cart_of({"pencil": 2}))
        workers = [worker_of(container, step.worker) for step in SAGA]
        while sum(worker.turn() for worker in workers):
            pass

        replay = container.replayer().replay(started.checkout_id)
        assert replay is not None
        assert replay.view.status == "succeeded"
        assert container.orders().of_client(CLIENT, count=1).total_orders == 1


WRONG = {
    "an authority that nobody knows": r"its certificate is not trusted \(self-signed certificate.*\)",
    "a name that is not in its certificate": r"its certificate is not trusted \(Hostname mismatch.*\)",
    "no certificate of ours": "it does not speak TLS with us: REDIS_CERT_FILE must be .*",
    "a certificate of ours by a stranger": "it does not speak TLS with us: .*",
    "no TLS": "it hung up: does it want a rediss:// URL\\?",
}


def wrong_settings(wrong: str, server: GuardedServer, authority: Authority, elsewhere: Path) -> Settings:
    """What makes it so."""
    known, stranger = authority.issue("known"), Authority(elsewhere).issue("stranger")
    match wrong:
        case "an authority that nobody knows":
            return told(url_of(server), Tls())
        case "a name that is not in its certificate":
            return told(url_of(server, "localhost"), known)
        case "no certificate of ours":
            return told(url_of(server), attrs.evolve(known, cert_file=None, key_file=None))
        case "a certificate of ours by a stranger":
            return told(url_of(server), attrs.evolve(stranger, ca_file=known.ca_file))
        case _:
            return told(url_of(server, scheme="redis"), Tls())


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_to_be_trusted_refuses_the_start_and_says_why(
    server: GuardedServer, authority: Authority, tmp_path: Path, wrong: str
) -> None:
    settings = wrong_settings(wrong, server, authority, tmp_path)

    with pytest.raises(StartRefused) as refused:
        check_server(settings)

    assert re.fullmatch(rf"REDIS_URL rediss?://\S+ cannot be used: {WRONG[wrong]}", str(refused.value))
