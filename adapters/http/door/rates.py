"""How often each key, and all callers together, may ask: counted in this process alone.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10. Probes are never counted, nor what is
open to everybody, nor whoever was not let in.
"""

import math
import time
from typing import Final

import attrs
from flask import Flask, Response, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from adapters.http import problem_kinds as kinds
from adapters.http.door.access import access_to
from adapters.http.door.caller import key_id
from adapters.http.problems import problem

PER_KEY: Final = "key"
OVERALL: Final = "all"
_STANDING: Final = "comptoir.rates"


@attrs.frozen
class Standing:
    """How a caller stands with one limit: requests left, and the seconds until there are more."""

    policy: str
    left: int
    more_in_s: int

    def __str__(self) -> str:
        return f'"{self.policy}";r={self.left};t={self.more_in_s}'


class Rates:
    """Limits as `50/second`, `600/minute` or `5000/hour`; an empty one is none."""

    def __init__(self, *, per_key: str = "", overall: str = "") -> None:
        wanted = {PER_KEY: per_key, OVERALL: overall}
        self._limits: Final[dict[str, RateLimitItem]] = {
            policy: parse(limit) for policy, limit in wanted.items() if limit
        }
        self._counted: Final = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._policies: Final = ", ".join(
            f'"{policy}";q={limit.amount};w={limit.get_expiry()}' for policy, limit in self._limits.items()
        )

    def guard(self, app: Flask) -> None:
        """Count what `app` is asked."""
        app.before_request(self._count)
        app.after_request(self._tell)

    def _count(self) -> Response | None:
        endpoint = request.endpoint
        if endpoint is None or access_to(endpoint) == "open" or endpoint == "health.figures":
            return None
        standings = request.environ[_STANDING] = []
        for policy, limit in self._limits.items():
            caller = key_id() if policy == PER_KEY else OVERALL
            if caller is None:
                continue
            within = self._counted.hit(limit, policy, caller)
            standing = self._standing(policy, limit, caller)
            standings.append(standing)
            if not within:
                return _refused(limit, standing, caller)
        return None

    def _standing(self, policy: str, limit: RateLimitItem, caller: str) -> Standing:
        stats = self._counted.get_window_stats(limit, policy, caller)
        return Standing(policy, stats.remaining, max(1, math.ceil(stats.reset_time - time.time())))

    def _tell(self, response: Response) -> Response:
        standings = request.environ.get(_STANDING)
        if standings:
            response.headers["RateLimit-Policy"] = self._policies
            response.headers["RateLimit"] = ", ".join(map(str, standings))
        return response


def _refused(limit: RateLimitItem, standing: Standing, caller: str) -> Response:
    who = "all callers together" if standing.policy == OVERALL else f"key {caller}"
    detail = f"{who} may ask {limit.amount} times in {limit.get_expiry()} s"
    headers = {"Retry-After": str(standing.more_in_s)}
    return problem(kinds.TOO_MANY_REQUESTS, detail, headers=headers, policy=standing.policy)
