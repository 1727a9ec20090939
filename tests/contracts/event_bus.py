"""The contract of EventBus."""

from tests.contracts.event_bus_acknowledging import Acknowledging, Unopened
from tests.contracts.event_bus_claiming import Claiming
from tests.contracts.event_bus_forgetting import Forgetting
from tests.contracts.event_bus_forgiving import Forgiving
from tests.contracts.event_bus_receiving import Receiving
from tests.contracts.event_bus_recovering import Measuring, Vanishing
from tests.contracts.event_bus_setting_aside import SettingAside


class EventBusContract(
    Receiving, Unopened, Acknowledging, Claiming, Forgiving, SettingAside, Forgetting, Vanishing, Measuring
):
    """What every EventBus does. A subclass provides the `bus` and the `outside` of the same log."""
