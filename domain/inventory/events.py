"""Facts about the stock of one product. Its entity is the product (`produit_id`)."""

import attrs


@attrs.frozen(kw_only=True)
class UnitsReceived:
    """Units came into the warehouse."""

    produit_id: str
    units: int


@attrs.frozen(kw_only=True)
class UnitsHeld:
    """Units are set aside for a checkout. Held units stay held when the checkout succeeds: they are sold."""

    produit_id: str
    checkout_id: str
    units: int


@attrs.frozen(kw_only=True)
class UnitsReleased:
    """Units held for a checkout that failed are free again."""

    produit_id: str
    checkout_id: str
    units: int


@attrs.frozen(kw_only=True)
class UnitsRefused:
    """Nothing is held for a checkout that failed, and nothing will be, however late somebody tries."""

    produit_id: str
    checkout_id: str


StockEvent = UnitsReceived | UnitsHeld | UnitsReleased | UnitsRefused
