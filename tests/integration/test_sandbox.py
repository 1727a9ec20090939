"""The stand-in for the existing services: their wire, and what may go wrong on it."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.inmemory.clock import FakeClock
from adapters.sandbox.books import Books
from adapters.sandbox.faults import Fault
from adapters.sandbox.journal import Journal
from adapters.sandbox.rules import Asked
from tests.instance import COMPTOIR
from tests.sandbox import CANCEL, ENTER, GIVE_BACK, SHOW, TAKE, Sandbox, sandbox
from tests.waiting import eventually

SALE = {"magasin_id": "m", "client_id": "c", "produit_id": "p", "quantite": 3}


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    with sandbox({"p": 100}) as running:
        yield running


def take(stand_in: Sandbox, units: object = 1, produit_id: object = "p", **headers: str) -> httpx.Response:
    body = {"produit_id": produit_id, "quantite": units}
    return stand_in.http.post(TAKE, json=body, headers=headers, timeout=5.0)


def test_units_are_taken_and_given_back_one_product_a_call(stand_in: Sandbox) -> None:
    taken = take(stand_in, 95)
    back = stand_in.http.post(GIVE_BACK, json={"produit_id": "p", "quantite": 94})

    assert (taken.status_code, taken.json()) == (
        200,
        {"success": True, "message": "Stock diminué", "nouvelle_quantite": 5, "niveau": "Faible"},
    )
    assert (back.json()["nouvelle_quantite"], back.json()["niveau"]) == (99, "Normal")
    shown = stand_in.http.get(f"{SHOW}p/").json()
    assert shown == {"produit_id": "p", "quantite": 99, "niveau": "Normal", "nom_produit": "p"}


@pytest.mark.parametrize(
    ("units", "produit_id"),
    [(101, "p"), (1, "unknown"), (0, "p"), (-1, "p"), (10_001, "p"), (True, "p"), ("1", "p"), (1, None)],
)
def test_what_cannot_be_taken_is_refused_in_words(
    stand_in: Sandbox, units: object, produit_id: object
) -> None:
    refused = take(stand_in, units, produit_id)

    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert stand_in.stock("p") == 100


def test_a_sale_is_entered_and_cancelled_once(stand_in: Sandbox) -> None:
    entered = stand_in.http.post(ENTER, json=SALE)
    vente = entered.json()["vente"]
    ends = [
        stand_in.http.patch(CANCEL.format(id_), json={"motif": "x"}).status_code
        for id_ in (vente["id"], vente["id"], "unknown")
    ]

    assert entered.status_code == 201
    assert (vente["client_id"], vente["statut"], len(vente["lignes"])) == ("c", "active", 1)
    assert ends == [200, 400, 404]
    assert stand_in.sold() == {}


def test_the_gateway_asks_for_its_key_and_knows_its_routes(stand_in: Sandbox) -> None:
    without = httpx.get(f"{stand_in.url}{SHOW}p/", trust_env=False)
    wrong = stand_in.http.get(f"{SHOW}p/", headers={"X-API-Key": "another"})
    slash = stand_in.http.get(f"{SHOW}p")

    assert (without.status_code, without.json()["message"]) == (401, "No API key found in request")
    assert (wrong.status_code, wrong.json()["message"]) == (401, "Unauthorized")
    assert (slash.status_code, slash.json()["message"]) == (404, "no Route matched with those values")


@pytest.mark.parametrize(
    ("kind", "happens"),
    [("reset", 0), ("silent", 0), ("error", 0), ("refuse", 0), ("slow", 1), ("late", 1), ("lost", 1)]
    + [(kind, 1) for kind in ("error-after", "reset-after", "cut-body", "garbage", "wrong-type", "endless")],
)
def test_the_ledger_tells_what_really_happened(stand_in: Sandbox, kind: str, happens: int) -> None:
    stand_in.go_wrong(kind, calls=1, operation="take", produit_id="p")
    body = {"produit_id": "p", "quantite": 1}

    try:
        answered = stand_in.http.post(TAKE, json=body, headers={"Idempotency-Key": "k"}, timeout=0.5)
    except httpx.TransportError:
        answered = None

    (entry,) = stand_in.entries()
    assert (entry["fault"], entry["key"], entry["happened"]) == (kind, "k", bool(happens))
    assert (answered is None) == (kind in {"reset", "reset-after", "silent", "lost", "cut-body"})
    assert stand_in.stock("p") == 100 - happens
    assert take(stand_in).status_code == 200  # it befell one call


def test_without_idempotence_a_repeated_call_happens_again(stand_in: Sandbox) -> None:
    for _ in range(2):
        take(stand_in, **{"Idempotency-Key": "k"})

    assert [entry["happened"] for entry in stand_in.entries()] == [True, True]


def test_with_idempotence_a_known_key_gets_the_answer_it_got() -> None:
    with sandbox({"p": 10}, idempotent=True) as stand_in:
        answers = [stand_in.http.post(ENTER, json=SALE, headers={"Idempotency-Key": "k"}) for _ in range(2)]
        other = stand_in.http.post(ENTER, json=SALE | {"quantite": 4}, headers={"Idempotency-Key": "k"})

        assert answers[0].json() == answers[1].json()
        assert other.status_code == 422
        assert len(stand_in.effects()) == 1


def test_no_unit_is_sold_twice_to_callers_at_once(stand_in: Sandbox) -> None:
    threads = [threading.Thread(target=take, args=(stand_in, 10)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (stand_in.stock("p"), len(stand_in.effects())) == (0, 10)


@pytest.mark.parametrize(
    "fault",
    [
        *(b"[]", b"{", b"{}", b'{"kind":"nope"}', b'{"kind":"lost","what":1}'),
        *(b'{"kind":"lost","calls":0}', b'{"kind":"lost","probability":2}', b'{"kind":"error","status":200}'),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(stand_in: Sandbox, fault: bytes) -> None:
    refused = stand_in.http.post("/faults", content=fault)

    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert stand_in.http.get("/faults").json() == {"faults": []}


def test_a_fault_may_be_typed() -> None:
    assert Fault.of_text("lost,service=orders,probability=0.25,calls=3") == Fault(
        kind="lost", service="orders", probability=0.25, calls=3
    )


def test_what_is_kept_in_a_file_is_there_again_and_knows_its_keys(tmp_path: Path) -> None:
    asked = Asked(operation="take", body={"produit_id": "p", "quantite": 4}, key="k")
    path = tmp_path / "books.ndjson"
    first = Books(FakeClock(), idempotent=True, journal=Journal(path))
    first.stock_up({"p": 10})
    answer = first.do(asked)
    with path.open("ab") as file:
        file.write(b'{"entry": half a li')  # it was killed

    again = Books(FakeClock(), idempotent=True, journal=Journal(path))
    again.stock_up({"p": 10, "q": 1})

    assert again.do(asked) == answer
    assert again.stock == {"p": 6, "q": 1}
    assert [entry.happened for entry in again.entries(count=9)] == [True, False]


def test_the_command_stands_in_until_it_is_told_to_stop(tmp_path: Path) -> None:
    screen = tmp_path / "screen"
    program = [*COMPTOIR, "sandbox", "--port", "0", "--stock", "p=3", "--fault", "error,status=503,calls=1"]
    with screen.open("wb") as out:
        process = subprocess.Popen(program, stdout=out, stderr=out)
    try:
        eventually(lambda: "Ctrl-C" in screen.read_text(), 30.0)
        url = screen.read_text().split(" at ")[1].split(". ")[0]
        with Sandbox.at(url, api_key="sandbox") as running:
            assert [take(running).status_code for _ in range(2)] == [503, 200]
    finally:
        process.terminate()
    assert process.wait(10) == 0
