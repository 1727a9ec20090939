"""What deploy/kong/kong.yml declares: routes, consumers, and which plugins a request meets."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import yaml
from jsonschema_rs import Draft4Validator

FOLDER: Final = Path(__file__).parents[2] / "deploy" / "kong"
KONG_YML: Final = FOLDER / "kong.yml"
CONSUMER_SH: Final = FOLDER / "consumer.sh"
SCHEMA: Final = Draft4Validator(json.loads(Path(__file__).with_name("kong_json_schema.json").read_text()))
MATCHED_BY: Final = ("methods", "hosts", "headers", "paths", "snis")

Config = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Route:
    """One path of a route. Kong tries first what has more conditions, then what is a regular expression."""

    name: str
    service: str | None
    path: str
    methods: frozenset[str]
    strip: bool
    conditions: int
    plugins: Mapping[str, Config]

    @property
    def rank(self) -> tuple[int, bool, int]:
        return self.conditions, self.path.startswith("~"), len(self.path)

    def match(self, method: str, path: str) -> str | None:
        """What of `path` this route is about; None if it is not about it."""
        if self.methods and method not in self.methods:
            return None
        if self.path.startswith("~"):
            found = re.match(self.path[1:], path)
            return found[0] if found else None
        return self.path if path.startswith(self.path) else None


@attrs.frozen
class Declared:
    """A declarative file, as Kong would load it."""

    document: Mapping[str, Any]

    @classmethod
    def read(cls, consumers: str = "") -> "Declared":
        """The file as it is shipped, with `consumers` after it."""
        return cls.parse(KONG_YML.read_text() + consumers)

    @classmethod
    def parse(cls, text: str) -> "Declared":
        """Raises ValidationError for what the schema refuses."""
        document = yaml.load(text, yaml.CSafeLoader)
        SCHEMA.validate(document)
        return cls(document)

    def routes(self) -> list[Route]:
        """Every path of every route, in the order in which Kong asks them."""
        free = [(None, route) for route in self.document.get("routes", ())]
        served = [(one, route) for one in self.document["services"] for route in one["routes"]]
        found = [path for service, route in (*served, *free) for path in _paths(service, route)]
        return sorted(found, key=lambda route: route.rank, reverse=True)

    def everywhere(self) -> Mapping[str, Config]:
        """The plugins of every request."""
        return _plugins(self.document)

    def consumers(self) -> Mapping[str, Mapping[str, Any]]:
        """Key -> whose it is."""
        consumers = self.document.get("consumers", ())
        return {one["key"]: consumer for consumer in consumers for one in consumer["keyauth_credentials"]}

    def plugins(self, route: Route, consumer: Mapping[str, Any] | None) -> Mapping[str, Config]:
        """The plugins of a request: of each name the one that was said of the least."""
        return {**self.everywhere(), **route.plugins, **_plugins(consumer or {})}

    def services(self) -> Mapping[str, Mapping[str, Any]]:
        return {service["name"]: service for service in self.document["services"]}

    def every_plugin(self) -> Iterator[tuple[str, Config]]:
        """(name, configuration) of each, wherever it is."""
        parts: list[Any] = [self.document]
        while parts:
            match parts.pop():
                case dict() as part:
                    yield from _plugins(part).items()
                    parts += part.values()
                case list() as part:
                    parts += part


def _paths(service: Mapping[str, Any] | None, route: Mapping[str, Any]) -> Iterator[Route]:
    for path in route["paths"]:
        yield Route(
            name=route["name"],
            service=service["name"] if service else None,
            path=path,
            methods=frozenset(route.get("methods", ())),
            strip=route.get("strip_path", True),
            conditions=sum(bool(route.get(condition)) for condition in MATCHED_BY),
            plugins={**_plugins(service or {}), **_plugins(route)},
        )


def _plugins(part: Mapping[str, Any]) -> dict[str, Config]:
    return {plugin["name"]: plugin.get("config", {}) for plugin in part.get("plugins", ())}
