"""A whole shop behind the gateway: two consumers, who may do what the service's own keys for them open."""

import subprocess
from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

import attrs
from flask import Flask
from werkzeug.test import Client, TestResponse

from adapters.api_keys.api_key import ApiKey, Scope, new_secret, sha256_of
from adapters.api_keys.written import text_of
from entrypoints.api import application_of
from entrypoints.event_store import application_of as event_store_of
from entrypoints.settings import Settings
from tests.kong.declared import CONSUMER_SH, Declared
from tests.kong.gateway import ADDRESS, Gateway
from tests.shop import Shop

CLIENT_ADDRESS: Final = "192.0.2.1"
SCOPES: Final[dict[str, tuple[Scope, ...]]] = {
    "shop": ("checkout:write", "read"),
    "operations": ("read", "inventory:write", "operate"),
}


def consumer(name: str, api_key: str) -> str:
    """What deploy/kong/consumer.sh writes about a consumer for whom the service has made `api_key`."""
    told = ["sh", str(CONSUMER_SH), name]
    return subprocess.run(told, input=f"{api_key}\n", capture_output=True, text=True, check=True).stdout


@attrs.define
class Front:
    """The gateway as a caller sees it, with the shop behind it that runs when it is told to."""

    shop: Shop = attrs.field(init=False)
    application: Flask = attrs.field(init=False)
    event_store: Flask = attrs.field(init=False)
    """The process beside it that only reads."""
    gateway: Gateway = attrs.field(init=False)
    keys: dict[str, str] = attrs.field(init=False)
    """Consumer -> its key at the gateway."""
    api_keys: dict[str, str] = attrs.field(init=False)
    """Consumer -> the service's key that the gateway sends on instead."""

    def __attrs_post_init__(self) -> None:
        self.api_keys = {name: new_secret(name) for name in SCOPES}
        hashes = [
            ApiKey(id=name, sha256=sha256_of(secret), scopes=frozenset(SCOPES[name]))
            for name, secret in self.api_keys.items()
        ]
        settings = Settings(
            trusted_proxies=(ip_network(ADDRESS),), api_keys=";".join(text_of(key) for key in hashes)
        )
        self.shop = Shop(settings=settings)
        self.application = application_of(self.shop.container)
        self.event_store = event_store_of(self.shop.container)
        entries = "".join(consumer(name, secret) for name, secret in self.api_keys.items())
        declared = Declared.read(f"consumers:\n{entries}")
        self.keys = {consumer["username"]: key for key, consumer in declared.consumers().items()}
        self.gateway = Gateway(declared, self._upstream, clock=self.shop.clock)

    @property
    def behind(self) -> dict[str, Flask]:
        """Prefix -> who is behind it."""
        return {"/api/ecommerce": self.application, "/event-store": self.event_store}

    def _upstream(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = {"comptoir": self.application, "comptoir-event-store": self.event_store}
        return asked[environ["HTTP_HOST"]](environ, start_response)

    def ask(self, path: str, consumer: str | None = "shop", **request: Any) -> TestResponse:
        """What the gateway answers."""
        key = {"x-api-key": self.keys[consumer]} if consumer else {}
        headers = key | request.pop("headers", {})
        environ = {"REMOTE_ADDR": CLIENT_ADDRESS}
        return Client(self.gateway).open(path, headers=headers, environ_base=environ, **request)

    def json(self, path: str, consumer: str = "shop") -> Any:
        """The JSON of a page that must be there."""
        response = self.ask(path, consumer)
        assert response.status_code == 200, (path, response.text)
        return response.json
