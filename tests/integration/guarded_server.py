"""A redis-server that is spoken to over TLS, or that lets in only the users of a file."""

import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import attrs
import trustme

from adapters.redis_streams.tls import Tls
from entrypoints.up.ports import free_port
from tests.integration.link import LOOPBACK
from tests.integration.nodes import binary_of
from tests.waiting import eventually

START_S: Final = 30.0


@attrs.define
class GuardedServer:
    """With nothing on disk. To be used in a `with`."""

    directory: Path
    options: Mapping[str, str]
    port: int = attrs.Factory(free_port)
    server: str = "redis"
    process: "subprocess.Popen[bytes] | None" = None

    def __enter__(self) -> Self:
        told = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": str(self.directory),
            "save": "",
            **self.options,
        }
        words = [word for name, value in told.items() for word in (f"--{name}", value)]
        self.process = process = subprocess.Popen(
            [str(binary_of(self.server)), *words], stdout=subprocess.DEVNULL
        )
        eventually(lambda: self._listens() or process.poll() is not None, within_s=START_S)
        assert process.poll() is None, "it refused to start"
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0


@attrs.frozen
class Authority:
    """Issues certificates, and is believed by nobody who does not know it."""

    directory: Path
    ca: trustme.CA = attrs.Factory(trustme.CA)

    @property
    def file(self) -> Path:
        """Its own certificate."""
        path = self.directory / "ca.pem"
        self.ca.cert_pem.write_to_path(str(path))
        return path

    def issue(self, name: str) -> Tls:
        """A certificate for `name`, and what its holder believes."""
        issued = self.ca.issue_cert(name)
        cert, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        cert.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        return Tls(ca_file=self.file, cert_file=cert, key_file=key)


def tls_server(directory: Path, authority: Authority, name: str = LOOPBACK, **more: str) -> GuardedServer:
    """A server that calls itself `name`, speaks nothing but TLS, and wants to know its clients."""
    own = authority.issue(name)
    port = free_port()
    files = {"cert-file": own.cert_file, "key-file": own.key_file, "ca-cert-file": own.ca_file}
    options = {"port": "0", "tls-port": str(port), **{f"tls-{n}": str(file) for n, file in files.items()}}
    options |= more
    return GuardedServer(directory, options, port=port)
