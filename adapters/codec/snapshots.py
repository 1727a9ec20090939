"""The state of a stock item, kept beside its history: `<version> <received> <held>`."""

from domain.inventory.stock_item import StockItem


def encode_snapshot(item: StockItem, version: int) -> bytes:
    """`item` after `version` events."""
    return b"%d %d %d" % (version, item.units_received, item.units_held)


def decode_snapshot(raw: bytes | None) -> tuple[StockItem, int]:
    """The item and its version; an unknown one is empty at version 0."""
    if raw is None:
        return StockItem(), 0
    version, received, held = map(int, raw.split())
    return StockItem(units_received=received, units_held=held), version
