"""deploy/kubernetes, as the schemas of Kubernetes and kustomize have it."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import kubernetes_validate
import pytest
import yaml

from domain.checkout import saga
from tests.kubernetes.declared import (
    BASE,
    KUBERNETES,
    KUSTOMIZATION,
    PATCHES,
    Manifest,
    documents,
    files,
    ours,
    pods,
)

OLDEST_AND_NEWEST: Final = ("1.30", "1.37")
MANIFESTS: Final = [file for file in files() if file.name != KUSTOMIZATION and file not in PATCHES]
KUBECTL: Final = shutil.which("kubectl") or ""


def faults(manifest: Manifest, version: str = OLDEST_AND_NEWEST[0]) -> str:
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error.message)
    return ""


@pytest.mark.parametrize("version", OLDEST_AND_NEWEST)
@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_manifest_is_as_the_kubernetes_schemas_have_it(file: Path, version: str) -> None:
    assert {faults(manifest, version) for manifest in documents(file)} == {""}


def test_a_manifest_that_is_not_is_refused() -> None:
    service, *_ = documents(BASE / "workers-service.yaml")

    assert "selektor" in faults({**service, "spec": {**service["spec"], "selektor": {}}})


@pytest.mark.skipif(not KUBECTL, reason="kubectl is not on the path")
def test_kustomize_makes_of_all_parts_together_what_the_schemas_allow(tmp_path: Path) -> None:
    shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    everything = tmp_path / "everything"
    everything.mkdir()
    parts = [f"../kubernetes/{name}" for name in ("existing-services", "webhooks")]
    together = {"resources": ["../kubernetes/demo"], "components": parts}
    (everything / KUSTOMIZATION).write_text(yaml.safe_dump(together))

    made = subprocess.run([KUBECTL, "kustomize", everything], check=True, capture_output=True, timeout=60)

    built = list(yaml.safe_load_all(made.stdout))
    assert {faults(manifest) for manifest in built} == {""}
    found = {pod.name: pod for pod in pods(built)}
    for worker in saga.AWAITED:
        assert "replicas" not in found[f"comptoir-{worker}"].owner["spec"]
        assert "API_KEY_FILE" in found[f"comptoir-{worker}"].environment
    assert "NOTIFY_URL" in found["comptoir-notification"].environment
    assert {found[name].container["image"] for name in ours()} == {"comptoir:0.1.0"}
