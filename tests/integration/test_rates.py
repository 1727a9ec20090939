from adapters.http.door.door import Door
from adapters.http.door.rates import Rates
from tests.unit.http.rig import EVENTS, Rig
from tests.waiting import eventually


def test_after_a_while_one_may_ask_again() -> None:
    rig = Rig.build(door=Door(rates=Rates(overall="1/second")))
    eventually(lambda: rig.client.get(EVENTS).status_code == 429)

    eventually(lambda: rig.client.get(EVENTS).status_code == 200)
