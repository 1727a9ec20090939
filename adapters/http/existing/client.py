"""The HTTP client that both existing services are called with."""

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from adapters.http.existing.attempts import CallLimits
from adapters.http.existing.transport import BoundedTransport
from adapters.version import our_version


def http_client(
    url: str, limits: CallLimits, *, connections_max: int, keepalive_ms: int, ca_file: Path | None = None
) -> httpx.Client:
    """One for the gateway at `url`, whose path is kept. `ca_file`: whom to trust instead of the usual.

    No redirects, for they lose what is sent; no proxy and no cookies that nobody asked for; no packed
    answers, whose size would be known too late.

    Raises:
        OSError: `ca_file` cannot be read, or holds no certificates.
    """
    read_s = limits.read_timeout_ms / 1000
    connect_s = limits.connect_timeout_ms / 1000
    trusted = ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context()
    return httpx.Client(
        base_url=f"{url.rstrip('/')}/",
        transport=BoundedTransport(
            connections_max=connections_max, keepalive_s=keepalive_ms / 1000, verify=trusted
        ),
        timeout=httpx.Timeout(connect=connect_s, pool=connect_s, read=read_s, write=read_s),
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"comptoir/{our_version()}",
        },
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
        trust_env=False,
    )
