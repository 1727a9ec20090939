"""/livez, /readyz and /metrics."""

from tests.unit.http.rig import Rig


def test_a_process_that_answers_is_live(rig: Rig) -> None:
    rig.missing["redis"] = "away"

    assert rig.get("/livez") == {"status": "live"}


def test_it_is_ready_when_nothing_is_missing(rig: Rig) -> None:
    assert rig.get("/readyz") == {"status": "ready"}


def test_what_is_missing_is_named(rig: Rig) -> None:
    rig.missing["redis"] = "did not answer within 1 s"

    response = rig.client.get("/readyz")

    assert response.status_code == 503
    assert response.json == {"status": "not ready", "problems": {"redis": "did not answer within 1 s"}}


def test_the_figures_come_in_their_own_content_type(rig: Rig) -> None:
    response = rig.client.get("/metrics")

    assert (response.data, response.content_type) == (b"up 1\n", "text/plain; version=0.0.4; charset=utf-8")
