"""Checkouts over HTTP at a steady rate; who gets no answer asks again with the same Idempotency-Key."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from tests.chaos.shoppers import LATER_MAX_S, Queue, Request
from tests.shop_front import ShopFront, order_form

THREADS: Final = 64
FIRST_AGAIN_S: Final = 0.2


@contextmanager
def shopping(front: ShopFront, queue: Queue) -> Iterator[list[threading.Thread]]:
    """Meanwhile the requests of `queue` are sent; at the end nobody asks again."""
    threads = [threading.Thread(target=_send_all, args=(front, queue), daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        queue.give_up()
        for thread in threads:
            thread.join()


def _send_all(front: ShopFront, queue: Queue) -> None:
    with front.new_client() as http:
        while (request := queue.next()) is not None:
            again_in_s: float | None = None
            try:
                again_in_s = _send(http, queue, request)
            finally:
                queue.done(request, again_in_s)


def _send(http: httpx.Client, queue: Queue, request: Request) -> float | None:
    """In how many seconds to ask again, if at all."""
    cart, told = request.cart, queue.told
    began_s = time.monotonic()
    try:
        answer = http.post(
            "/api/checkouts",
            json=order_form(cart.client_id, cart.units, cart.price),
            headers={"Idempotency-Key": cart.key},
        )
    except httpx.TransportError as error:
        return _unanswered(queue, request, type(error).__name__)
    if answer.status_code >= 500:
        return _unanswered(queue, request, str(answer.status_code))
    if answer.status_code != 202:
        told.refused.add(cart.key)
        if cart.key in told.accepted:
            told.contradictions.append(cart.key)
        return None
    if not request.tries:
        told.answers_s.append(time.monotonic() - began_s)
    checkout_id = answer.json()["checkout_id"]
    if cart.key not in told.accepted:
        told.accepted_at_s.append(time.monotonic() - queue.began_s)
    before = told.accepted.setdefault(cart.key, checkout_id)
    if before != checkout_id:
        told.contradictions.append(cart.key)
    return LATER_MAX_S if cart.double and not request.tries else None


def _unanswered(queue: Queue, request: Request, how: str) -> float | None:
    queue.told.tries_unanswered[how] += 1
    if request.cart.impatient:
        queue.told.left_unanswered.add(request.cart.key)
        return None
    return float(min(LATER_MAX_S, FIRST_AGAIN_S * 2**request.tries))
