"""Asking a process over HTTP whether it answers: `python -m entrypoints.probes URL`, exit code 0 or 1."""

import http.client
import socket
import sys
from typing import Final
from urllib.parse import urlsplit

PROBE_TIMEOUT_S: Final = 1.0


def answers(url: str, timeout_s: float = PROBE_TIMEOUT_S) -> bool:
    """Whether a GET of `url` is answered 200 in time. Goes there directly, whatever proxy is configured."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def http_url(host: str, port: int, path: str = "") -> str:
    """The address at which this machine reaches what listens on `host`, which may stand for all addresses."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound here
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}{path}"


def address_of(host: str) -> tuple[socket.AddressFamily, str]:
    """The family and the numeric address of `host`. Raises socket.gaierror for a name unknown here."""
    family, _, _, _, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    return family, str(address[0])


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
