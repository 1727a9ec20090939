"""The existing services behind the gateway, as the settings describe them."""

from typing import Final

from adapters.http.existing.attempts import CallLimits
from adapters.http.existing.breaker import Breaker
from adapters.http.existing.client import http_client
from adapters.http.existing.inventory import HttpInventory
from adapters.http.existing.key import ApiKey
from adapters.http.existing.orders import HttpOrders
from adapters.http.existing.service import ServiceClient
from adapters.telemetry.service_calls import ServiceFigures
from application.ports.existing_services import NotCalled
from entrypoints.settings import Settings
from entrypoints.start_refused import StartRefused

INVENTORY: Final = "inventory"
ORDERS: Final = "orders"


def http_inventory(settings: Settings, figures: ServiceFigures) -> HttpInventory:
    """The inventory. Raises StartRefused: a file that is named cannot be used."""
    return HttpInventory(_client(settings, figures, INVENTORY, settings.inventory_idempotent))


def http_orders(settings: Settings, figures: ServiceFigures) -> HttpOrders:
    """The order service. Raises StartRefused: a file that is named cannot be used."""
    client = _client(settings, figures, ORDERS, settings.orders_idempotent)
    return HttpOrders(client, settings.magasin_id)


def _client(settings: Settings, figures: ServiceFigures, name: str, idempotent: str) -> ServiceClient:
    limits = CallLimits(
        connect_timeout_ms=settings.service_connect_timeout_ms,
        read_timeout_ms=settings.service_read_timeout_ms,
        call_max_ms=settings.service_call_max_ms,
        attempts_max=settings.service_attempts_max,
        retry_base_ms=settings.service_retry_base_ms,
        retry_max_ms=settings.service_retry_max_ms,
        answer_max_bytes=settings.service_answer_max_bytes,
    )
    key = ApiKey(settings.api_key, settings.api_key_file)
    try:
        key.now()
        http = http_client(
            settings.kong_url,
            limits,
            connections_max=settings.service_connections_max,
            keepalive_ms=settings.service_keepalive_ms,
            ca_file=settings.kong_ca_file,
        )
    except NotCalled as error:
        raise StartRefused(str(error)) from error
    except OSError as error:
        raise StartRefused(f"KONG_CA_FILE: {error.strerror or error}") from error
    breaker = Breaker(
        name, figures, failures_max=settings.breaker_failures_max, open_s=settings.breaker_open_s
    )
    return ServiceClient(
        name=name,
        http=http,
        api_key=key,
        breaker=breaker,
        figures=figures,
        limits=limits,
        repeatable=idempotent == "yes",
    )
