"""The contract of EventStore."""

from tests.contracts.event_store_adopting import Adopting
from tests.contracts.event_store_appending import Appending, KnownIds
from tests.contracts.event_store_paging import Listing, Paging
from tests.contracts.event_store_reading import Finding, Reading
from tests.contracts.event_store_snapshots import Snapshots


class EventStoreContract(Appending, KnownIds, Reading, Finding, Snapshots, Paging, Listing, Adopting):
    """What every EventStore does. A subclass provides `store`, the `bus` and the `outside` of the same
    log, and the `clock` that the store writes by."""
