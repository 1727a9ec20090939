"""deploy/kubernetes: what can be said of it without a cluster."""

import re
from pathlib import Path
from typing import Final

from docs.kubernetes import manifests
from domain.checkout import saga
from entrypoints.settings import WORKERS, Settings, setting_rows
from tests.each_row import each_row
from tests.kubernetes.declared import (
    FOLDERS,
    KUBERNETES,
    KUSTOMIZATION,
    PATCHES,
    Manifest,
    Pod,
    documents,
    kustomization,
    literals,
    matches,
    ours,
    pods,
    resources,
    selectors,
)

OURS: Final = ours()
SETTINGS: Final = {row.name for row in setting_rows()}


def test_written_manifests_are_those_of_today() -> None:
    assert {file: file.read_text() for file in manifests()} == manifests(), "run python -m docs.kubernetes"


def test_every_file_is_in_its_kustomization_and_all_that_is_named_exists() -> None:
    for folder in FOLDERS:
        listed = kustomization(folder)
        named = {*listed.get("resources", ()), *listed.get("components", ())}
        named |= {patch["path"] for patch in listed.get("patches", ()) if "path" in patch}
        found = {file.name for file in (KUBERNETES / folder).glob("*.yaml")} - {KUSTOMIZATION}

        assert {name for name in named if "/" not in name} == found
        assert all((KUBERNETES / folder / name).exists() for name in named)


def test_it_runs_both_apis_and_each_worker_once() -> None:
    commands = sorted(pod.container["args"] for pod in OURS.values())

    assert commands == sorted([["api"], ["event-store"], *(["worker", name] for name in WORKERS)])
    assert all(name == f"comptoir-{pod.container['args'][-1]}" for name, pod in OURS.items())


def test_every_name_is_there_once() -> None:
    named = [(it["kind"], it["metadata"]["name"]) for folder in FOLDERS for it in resources(folder)]

    assert sorted(set(named)) == sorted(named)


@each_row("manifest", [it for f in FOLDERS for it in resources(f)], ids=lambda it: it["kind"])
def test_every_selector_chooses_a_pod_and_the_owners_choose_theirs_alone(manifest: Manifest) -> None:
    all_pods = [*OURS.values(), *pods(resources("demo"))]
    for selector in selectors(manifest):
        chosen = [pod.name for pod in all_pods if matches(selector, pod.labels)]

        assert chosen
        if manifest["kind"] in {"Deployment", "StatefulSet"}:
            assert chosen == [manifest["metadata"]["name"]]


def test_every_pod_is_covered_by_one_disruption_budget_which_lets_a_drain_go_on() -> None:
    budgets = [it for it in resources("base") if it["kind"] == "PodDisruptionBudget"]
    for pod in OURS.values():
        (budget,) = [it["spec"] for it in budgets if matches(it["spec"]["selector"], pod.labels)]

        assert budget.get("maxUnavailable") == 1 or budget["minAvailable"] < pod.owner["spec"]["replicas"]


def test_nothing_comes_in_or_goes_out_that_no_policy_allows() -> None:
    policies = [it["spec"] for it in resources("base") if it["kind"] == "NetworkPolicy"]
    closed = [it for it in policies if set(it["policyTypes"]) == {"Ingress", "Egress"}]
    ends = [end for it in policies for rule in it.get("ingress", []) for end in rule["from"]]
    ends += [end for it in policies for rule in it.get("egress", []) for end in rule["to"]]

    assert all(any(matches(it["podSelector"], pod.labels) for it in closed) for pod in OURS.values())
    assert all("ingress" not in it and "egress" not in it for it in closed)
    assert len(ends) == 4
    assert all(end["podSelector"]["matchLabels"] for end in ends)


def test_services_and_policies_name_ports_that_the_pods_have() -> None:
    ours = [
        it for folder in FOLDERS for it in resources(folder) if it["kind"] in {"Service", "NetworkPolicy"}
    ]
    all_pods = [*OURS.values(), *pods(resources("demo"))]
    for manifest in ours:
        (selector,) = selectors(manifest)
        has = {
            port["name"]: port["containerPort"]
            for pod in all_pods
            if matches(selector, pod.labels)
            for port in pod.container["ports"]
        }
        for port in manifest["spec"].get("ports", ()):
            assert has[port["targetPort"]] == port["port"]
        rules = manifest["spec"].get("ingress", ())
        assert all(port["port"] in has for rule in rules for port in rule["ports"])


def test_every_secret_is_documented_with_its_keys() -> None:
    page = (KUBERNETES.parents[1] / "docs" / "kubernetes.md").read_text()
    patched = [Pod(patch) for file in PATCHES for patch in documents(file)]
    used = {
        pair
        for pod in [*OURS.values(), *patched, *pods(resources("demo"))]
        for pair in pod.secret_files.values()
    }

    assert all(f"`{secret}`" in page and f"`{key}`" in page for secret, key in used)
    assert not any(it["kind"] == "Secret" for folder in FOLDERS for it in resources(folder))
    assert not any("secretGenerator" in kustomization(folder) for folder in FOLDERS)


def test_the_workers_that_a_checkout_waits_for_follow_the_load() -> None:
    targets = {it["spec"]["scaleTargetRef"]["name"] for it in resources("autoscaling")}
    (patch,) = kustomization("autoscaling")["patches"]

    assert targets == {f"comptoir-{worker}" for worker in saga.AWAITED}
    assert {name for name in OURS if re.fullmatch(patch["target"]["name"], name)} == targets


@each_row("patch", PATCHES, ids=lambda file: file.name)
def test_a_component_adds_settings_that_there_are_and_mounts_the_files_they_name(patch: Path) -> None:
    (pod,) = [Pod(document) for document in documents(patch)]
    files_named = {variable["value"] for name, variable in pod.environment.items() if name.endswith("_FILE")}

    assert pod.environment.keys() <= SETTINGS
    assert files_named == pod.secret_files.keys()


def test_settings_of_existing_services_are_settings_that_work() -> None:
    merged = literals("comptoir-settings") | literals("comptoir-settings", "existing-services")

    assert Settings.from_environment(merged).inventory == "http"
