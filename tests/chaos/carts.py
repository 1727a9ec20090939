"""What the shoppers ask for: ordinary carts, hot products that run out, and carts that cannot succeed."""

from collections.abc import Mapping
from random import Random
from typing import Final

import attrs

ORDER_TOTAL_MAX: Final = 1_000
CLIENTS: Final = 300
HOT_UNITS: Final = 200
"""Units of each hot product: a few hundred of thousands of carts can have one."""
STOCK: Final[Mapping[str, int]] = {
    **{f"hot-{n}": HOT_UNITS for n in range(5)},
    **{f"ware-{n}": 1_000_000 for n in range(20)},
}

KINDS: Final = {"ordinary": 50, "hot": 28, "unknown product": 9, "too dear": 12, "refused": 1}
"""Kind of cart -> how many of a hundred."""
IMPATIENT_PERCENT: Final = 2
DOUBLE_PERCENT: Final = 2


@attrs.frozen(kw_only=True)
class Cart:
    """One checkout that is asked for. `impatient`: not again when no answer came. `double`: again, with
    the same key, although it was accepted."""

    key: str
    client_id: str
    units: Mapping[str, int]
    price: float
    impatient: bool
    double: bool


def draw_cart(random: Random, key: str) -> Cart:
    """The next one."""
    (kind,) = random.choices([*KINDS], weights=[*KINDS.values()])
    hot, ware, other = (random.choice(list(STOCK)[low:high]) for low, high in ((0, 5), (5, 15), (15, 25)))
    units: Mapping[str, int] = {
        "ordinary": {ware: random.randint(1, 3), other: 1},
        "hot": {hot: random.randint(1, 2), ware: 1},
        "unknown product": {ware: 1, "no-such-product": 1},
        "too dear": {hot: 1, ware: 2},
        "refused": {ware: 0},
    }[kind]
    return Cart(
        key=key,
        client_id=f"client-{random.randrange(CLIENTS)}",
        units=units,
        price=float(ORDER_TOTAL_MAX) if kind == "too dear" else 1.0,
        impatient=random.random() * 100 < IMPATIENT_PERCENT,
        double=random.random() * 100 < DOUBLE_PERCENT,
    )
