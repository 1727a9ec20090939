"""deploy/kubernetes and deploy/compose.yaml run the same image in the same way."""

from pathlib import PurePath
from typing import Final

from tests.compose.declared import DEPLOY
from tests.compose.declared import ours as containers
from tests.compose.declared import services as compose_services
from tests.each_row import each_row
from tests.kubernetes.declared import Pod, kustomization, ours, pods, resources

OURS: Final = ours()
OF_THE_PLACE: Final = {"TRUSTED_PROXIES", "CONSUMER_NAME"}
"""What only one of the two can say."""


def test_both_run_the_same_processes_from_the_same_image() -> None:
    (image,) = kustomization("base")["images"]

    assert containers().keys() == OURS.keys()
    assert {container["image"] for container in containers().values()} == {
        f"{image['name']}:{image['newTag']}"
    }


@each_row("pod", OURS.values())
def test_a_pod_is_started_like_its_container(pod: Pod) -> None:
    container = containers()[pod.name]
    here, there = pod.environment, container["environment"]

    assert pod.container["args"] == container["command"]
    assert here.keys() - OF_THE_PLACE == there.keys() - OF_THE_PLACE
    for name in here.keys() - OF_THE_PLACE - {"REDIS_URL"}:
        if name.endswith("_FILE"):
            assert PurePath(here[name]["value"]).name == PurePath(there[name]).name
        else:
            assert here[name]["value"] == there[name]


def test_the_image_has_the_user_and_the_folders_that_pods_count_on() -> None:
    text = (DEPLOY / "Dockerfile").read_text()

    for pod in OURS.values():
        assert f"USER {pod.spec['securityContext']['runAsUser']}\n" in text
        folders = {mount["mountPath"] for mount in pod.container["volumeMounts"]}
        assert {"/data", "/tmp"} <= folders  # noqa: S108 - a path in the container
    assert "DATA_DIR=/data" in text


def test_the_redis_of_the_demonstration_is_that_of_compose() -> None:
    (redis,) = pods(resources("demo"))
    container = compose_services()["redis"]

    assert redis.container["image"] == container["image"]
    theirs = [argument.replace("/run/secrets/", "/run/secrets/redis/") for argument in container["command"]]
    assert redis.container["args"] == theirs
