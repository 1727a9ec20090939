"""deploy/kubernetes as tests read it: files as they are, and pods as they come to be."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

KUBERNETES: Final = Path(__file__).parents[2] / "deploy" / "kubernetes"
FOLDERS: Final = ("base", "autoscaling", "existing-services", "webhooks", "demo")
BASE: Final = KUBERNETES / "base"
KUSTOMIZATION: Final = "kustomization.yaml"
PATCHES: Final = [KUBERNETES / "existing-services" / "caller.yaml", KUBERNETES / "webhooks" / "notifier.yaml"]

Manifest = dict[str, Any]


@attrs.frozen
class Pod:
    """What a Deployment or a StatefulSet makes."""

    owner: Manifest

    @property
    def name(self) -> str:
        return str(self.owner["metadata"]["name"])

    @property
    def labels(self) -> dict[str, str]:
        found: dict[str, str] = self.owner["spec"]["template"]["metadata"]["labels"]
        return found

    @property
    def spec(self) -> Manifest:
        found: Manifest = self.owner["spec"]["template"]["spec"]
        return found

    @property
    def container(self) -> Manifest:
        (only,) = self.spec["containers"]
        assert isinstance(only, dict)
        return only

    @property
    def environment(self) -> dict[str, Manifest]:
        """Its variables by name: what each is said to be."""
        return {variable["name"]: variable for variable in self.container["env"]}

    @property
    def secret_files(self) -> dict[str, tuple[str, str]]:
        """Path of each file that it finds a secret in: the secret, and the key."""
        mounted = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        return {
            f"{mounted[volume['name']]}/{item['path']}": (volume["secret"]["secretName"], item["key"])
            for volume in self.spec["volumes"]
            if "secret" in volume
            for item in volume["secret"]["items"]
        }


def kustomization(folder: str) -> Manifest:
    """The folder's list of what it consists of."""
    (found,) = documents(KUBERNETES / folder / KUSTOMIZATION)
    return found


def literals(name: str, folder: str = "base") -> dict[str, str]:
    """Settings that the folder puts into the ConfigMap `name`."""
    (found,) = [made for made in kustomization(folder)["configMapGenerator"] if made["name"] == name]
    return dict(literal.split("=", 1) for literal in found["literals"])


@cache
def documents(file: Path) -> tuple[Manifest, ...]:
    """The manifests of one file. For all who ask: to be left as they are."""
    return tuple(yaml.load_all(file.read_text(), yaml.CSafeLoader))


def files() -> list[Path]:
    """Every manifest file and every patch."""
    return [file for folder in FOLDERS for file in sorted((KUBERNETES / folder).glob("*.yaml"))]


def resources(folder: str) -> list[Manifest]:
    """What the folder itself adds to a cluster."""
    named = [KUBERNETES / folder / name for name in kustomization(folder)["resources"]]
    return [document for file in named if file.is_file() for document in documents(file)]


def pods(of: list[Manifest]) -> list[Pod]:
    """Of those that make any."""
    return [Pod(manifest) for manifest in of if manifest["kind"] in {"Deployment", "StatefulSet"}]


def matches(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector chooses what has `labels`. It must use no operator but `In`."""
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    expressions = selector.get("matchExpressions", ())
    assert all(expression["operator"] == "In" for expression in expressions)
    return wanted and all(labels.get(each["key"]) in each["values"] for each in expressions)


def selectors(manifest: Manifest) -> Iterator[Manifest]:
    """How `manifest` chooses pods of this project."""
    spec = manifest.get("spec", {})
    match manifest["kind"]:
        case "Service":
            yield {"matchLabels": spec["selector"]}
        case "PodDisruptionBudget":
            yield spec["selector"]
        case "NetworkPolicy":
            yield spec["podSelector"]
        case "Deployment" | "StatefulSet":
            yield spec["selector"]
            for spread in spec["template"]["spec"].get("topologySpreadConstraints", ()):
                yield spread["labelSelector"]


def ours() -> dict[str, Pod]:
    """The pods of the base, by name."""
    return {pod.name: pod for pod in pods(resources("base"))}
