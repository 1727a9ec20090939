"""deploy/kubernetes: each pod that the base makes."""

import re
from typing import Final

from entrypoints.settings import Settings, setting_rows
from tests.each_row import each_row
from tests.kubernetes.declared import KUBERNETES, Manifest, Pod, literals, ours

OURS: Final = ours()
SETTINGS: Final = {row.name for row in setting_rows()}
PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe")


@each_row("pod", OURS.values())
def test_a_process_of_ours_may_do_no_more_than_it_must(pod: Pod) -> None:
    assert pod.spec["automountServiceAccountToken"] is False
    assert pod.spec["enableServiceLinks"] is False
    assert pod.spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod.container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= pod.container["resources"]["requests"].keys()
    assert "memory" in pod.container["resources"]["limits"]


@each_row("pod", OURS.values())
def test_a_process_of_ours_is_told_settings_that_there_are_and_starts_with_them(pod: Pod) -> None:
    given = literals("comptoir-settings")
    for name, variable in pod.environment.items():
        source = variable.get("valueFrom", {})
        if "configMapKeyRef" in source:
            reference = source["configMapKeyRef"]
            given[name] = literals(reference["name"])[reference["key"]]
        else:
            given[name] = variable.get("value", "a-pod")

    assert given.keys() <= SETTINGS
    settings = Settings.from_environment(given)
    assert pod.spec["terminationGracePeriodSeconds"] >= settings.shutdown_grace_s + 10
    (port,) = pod.container["ports"]
    assert port["containerPort"] == (settings.metrics_port or settings.port)
    user = re.match(r"redis://([a-z-]+)@", settings.redis_url)
    assert user
    assert str(settings.redis_password_file) == f"/run/secrets/redis/redis-{user[1]}"


@each_row("pod", OURS.values())
def test_every_file_that_a_setting_names_is_mounted_and_every_secret_mounted_is_named(pod: Pod) -> None:
    named = {variable["value"] for name, variable in pod.environment.items() if name.endswith("_FILE")}
    mounts = {mount["name"] for mount in pod.container["volumeMounts"]}
    claims = {claim["metadata"]["name"] for claim in pod.owner["spec"].get("volumeClaimTemplates", ())}

    assert named == pod.secret_files.keys()
    assert mounts == {volume["name"] for volume in pod.spec["volumes"]} | claims


def test_each_process_is_given_the_password_of_its_own_user_which_the_server_knows() -> None:
    users = set(
        re.findall(
            r"^user ([a-z-]+) on", (KUBERNETES.parent / "redis" / "users.acl.in").read_text(), re.MULTILINE
        )
    )
    for pod in OURS.values():
        (key,) = [key for secret, key in pod.secret_files.values() if secret == "comptoir-redis"]
        role = key.removeprefix("redis-")

        assert role in users
        assert role == ("worker" if pod.container["args"][0] == "worker" else pod.container["args"][0])


@each_row("pod", OURS.values())
def test_probes_ask_what_the_process_says_of_itself(pod: Pod) -> None:
    asked = [pod.container[probe]["httpGet"] for probe in PROBES]
    (port,) = pod.container["ports"]

    expected = ["/metrics"] * 3 if port["name"] == "metrics" else ["/livez", "/readyz", "/livez"]
    assert [probe["path"] for probe in asked] == expected
    assert {probe["port"] for probe in asked} == {port["name"]}


def test_a_worker_goes_by_the_name_of_its_pod() -> None:
    for pod in OURS.values():
        if pod.container["args"][0] == "worker":
            assert pod.environment["CONSUMER_NAME"]["valueFrom"] == {
                "fieldRef": {"fieldPath": "metadata.name"}
            }


def test_audit_is_a_worker_like_any_other_but_for_its_volume() -> None:
    def but_for_the_volume(pod: Pod) -> Manifest:
        container = dict(pod.container, args=[], env=[], volumeMounts=[])
        spread = [dict(it, labelSelector={}) for it in pod.spec["topologySpreadConstraints"]]
        return dict(pod.spec, containers=[container], topologySpreadConstraints=spread)

    audit, other = OURS["comptoir-audit"], OURS["comptoir-deadline"]

    assert but_for_the_volume(audit) == but_for_the_volume(other)
    assert audit.environment.keys() - other.environment.keys() == {"AUDIT_DIR"}
    assert {"name": "audit", "mountPath": audit.environment["AUDIT_DIR"]["value"]} in audit.container[
        "volumeMounts"
    ]
    assert audit.owner["kind"] == "StatefulSet"
    assert audit.owner["spec"]["replicas"] == 1
