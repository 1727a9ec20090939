"""A Flask route that does one XADD and nothing else: `python -m bench.bare_flask PORT`, REDIS_URL set."""

import os
import sys
from typing import Any

import redis
from flask import Flask, request
from granian.constants import Interfaces
from granian.server import Server

from bench import bare
from bench.shop import Shoppers, entry_fields
from entrypoints.settings import Settings


def application() -> Flask:
    """The application: any POST to `/` appends the same entry."""
    app = Flask(__name__)
    client: Any = redis.Redis.from_url(os.environ["REDIS_URL"])
    (transaction,) = Shoppers().transactions(1)
    fields = entry_fields(transaction)

    @app.get("/")
    def ready() -> str:
        return "ready"

    @app.post("/")
    def add() -> tuple[dict[str, str], int]:
        request.get_data()  # left unread, the connection would be closed
        return {"position": client.xadd(bare.KEY, fields).decode()}, 202

    return app


def main(port: int) -> None:
    """Serve it as `entrypoints/api.py` serves the API."""
    settings = Settings()
    Server(
        "bench.bare_flask:application",
        factory=True,
        interface=Interfaces.WSGI,
        port=port,
        workers=settings.api_processes,
        blocking_threads=settings.api_threads,
        log_enabled=False,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
