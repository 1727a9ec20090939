"""What either decision about a call in doubt will bring about, in words for whoever decides."""

import attrs

from domain.calls.states import Call
from domain.checkout.checkout import has_ended, units_to_give_back
from domain.checkout.states import Checkout


@attrs.frozen(kw_only=True)
class WhatFollows:
    """If it happened, and if it did not."""

    if_happened: str
    if_not: str


def what_follows(call: Call, checkout: Checkout) -> WhatFollows:
    """For a call in doubt of `checkout` as it stands."""
    if has_ended(checkout):
        return _after_the_end(call)
    return _of_a_failing_one(call) if units_to_give_back(checkout) else _of_an_open_one(call)


def _of_an_open_one(call: Call) -> WhatFollows:
    if call.wanted.operation == "enter":
        return WhatFollows(
            if_happened="the sale counts for its line (name its id), and the order goes on with the next",
            if_not="the sale is entered, and the order goes on",
        )
    return WhatFollows(
        if_happened="the units count as taken, and the reservation goes on with the next product",
        if_not="the units are taken, and the reservation goes on",
    )


def _of_a_failing_one(call: Call) -> WhatFollows:
    match call.wanted.operation:
        case "enter":
            return WhatFollows(
                if_happened="the sale is cancelled (name its id), the stock given back, the checkout fails",
                if_not="nothing is cancelled for it, the stock is given back, the checkout fails",
            )
        case "take":
            return WhatFollows(
                if_happened="the units are given back, the checkout fails",
                if_not="nothing is given back for it, the checkout fails",
            )
        case _:
            return WhatFollows(
                if_happened="the units count as given back, the checkout fails",
                if_not="the units are given back, the checkout fails",
            )


def _after_the_end(call: Call) -> WhatFollows:
    by_hand = {
        "enter": "the sale stays: cancel it in the service by hand",
        "take": "the units stay taken: give them back in the service by hand",
    }
    return WhatFollows(
        if_happened=f"the checkout has ended; {by_hand.get(call.wanted.operation, 'nothing is left to do')}",
        if_not="the checkout has ended; "
        + ("give them back by hand" if call.wanted.operation == "give-back" else "nothing is left to do"),
    )
