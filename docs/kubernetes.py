"""Writes out the manifests that differ by a name alone, from `*.yaml.in`: `python -m docs.kubernetes`."""

from pathlib import Path
from typing import Final

from entrypoints.settings import WORKERS

BASE: Final = Path(__file__).parents[1] / "deploy" / "kubernetes" / "base"
BY_HAND: Final = frozenset({"audit"})  # which has a volume, and so is another kind of thing
WRITTEN: Final = {
    "http": ("api", "event-store"),
    "worker": tuple(worker for worker in WORKERS if worker not in BY_HAND),
}
"""Template, and the names to fill it with."""


def manifests() -> dict[Path, str]:
    """Each file that is written, and what it holds."""
    return {_of(kind): _filled(kind, names) for kind, names in WRITTEN.items()}


def _of(kind: str) -> Path:
    return BASE / f"{kind}.yaml"


def _filled(kind: str, names: tuple[str, ...]) -> str:
    template = BASE.joinpath(f"{kind}.yaml.in").read_text()
    head = f"# Written by python -m docs.kubernetes from {kind}.yaml.in.\n"
    return head + "---\n".join(template.replace("@name@", name) for name in names)


if __name__ == "__main__":
    for file, text in manifests().items():
        file.write_text(text)
