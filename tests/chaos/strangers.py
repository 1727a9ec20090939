"""Other programs: they add bare entries to the stream, most of which make sense."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, Final

import attrs
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from application.events.streams import CHECKOUTS

EVERY_S: Final = 0.5
MALFORMED_ONE_IN: Final = 5
MARK: Final = "chaos-malformed-"
"""Stands in the payload of everything that makes no sense."""
MALFORMED: Final = (
    ("CheckoutInitiated", "{MARK} is no JSON"),
    ("CheckoutInitiated", '{"checkout_id": "MARK", "client_id": "client-0"}'),
    ("StockReserved", '{"checkout_id": "MARK", "client_id": "client-0", "panier": 7}'),
    ("StockReservationFailed", '{"checkout_id": "MARK"}'),
    ("CheckoutSucceeded", '{"checkout_id": ["MARK"]}'),
    ("SomethingElse", '{"checkout_id": "MARK"}'),
)
"""(type, payload)."""


@attrs.define
class Added:
    """What was added, as far as the server has said so."""

    accepted: set[str] = attrs.Factory(set)
    """Checkouts."""
    malformed: int = 0
    unanswered: int = 0


@contextmanager
def strangers(redis_url: str, seed: int) -> Iterator[Added]:
    """Meanwhile they write."""
    added, done = Added(), threading.Event()
    thread = threading.Thread(target=_write, args=(redis_url, Random(seed), added, done), daemon=True)
    thread.start()
    try:
        yield added
    finally:
        done.set()
        thread.join()


def _write(redis_url: str, random: Random, added: Added, done: threading.Event) -> None:
    # Never repeated: an entry without an id would be there twice.
    with redis.Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0), socket_timeout=2) as client:
        number = 0
        while not done.wait(EVERY_S):
            number += 1
            malformed = number % MALFORMED_ONE_IN == 0
            fields = malformed_fields(number) if malformed else _start(random, number)
            try:
                client.xadd(CHECKOUTS, fields)
            except redis.RedisError:
                added.unanswered += 1
                continue
            if malformed:
                added.malformed += 1
            else:
                added.accepted.add(stranger_id(number))


def stranger_id(number: int) -> str:
    """The id of the checkout that the `number`-th entry starts."""
    return f"web-{number}"


def malformed_fields(number: int) -> dict[Any, Any]:
    """The fields of an entry that makes no sense."""
    type_name, payload = MALFORMED[number // MALFORMED_ONE_IN % len(MALFORMED)]
    return {"type": type_name, "payload": payload.replace("MARK", f"{MARK}{number}"), "ts": "1690000000.1"}


def _start(random: Random, number: int) -> dict[Any, Any]:
    client_id, units = f"stranger-{number % 7}", random.randint(1, 3)
    line = {"produit_id": f"ware-{random.randrange(20)}", "quantite": units, "prix_unitaire": 10.0}
    panier = {"client_id": client_id, "nombre_articles": units, "total": 10.0 * units, "produits": [line]}
    payload = {"checkout_id": stranger_id(number), "client_id": client_id, "panier": panier}
    return {"type": "CheckoutInitiated", "payload": json.dumps(payload), "ts": "1690000000.1"}
