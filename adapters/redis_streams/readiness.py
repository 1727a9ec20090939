"""Whether the server can be worked with now."""

from redis import Redis
from redis.exceptions import RedisError

from application.ports.readiness import Readiness


class RedisReadiness(Readiness):
    def __init__(self, client: "Redis") -> None:
        self._redis = client

    def problems(self) -> dict[str, str]:
        try:
            self._redis.ping()
        except RedisError as error:
            return {"event store": f"{type(error).__name__}: {error}"}
        return {}
