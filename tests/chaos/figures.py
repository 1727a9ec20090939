"""What is neither right nor wrong: how much there was of everything, and how fast it went."""

from collections.abc import Sequence

from tests.chaos.checkout_laws import ends, started, successes
from tests.chaos.evidence import Evidence
from tests.chaos.shoppers import Queue
from tests.chaos.strangers import Added
from tests.chaos.troubles import Troublemaker
from tests.chaos.verdict import Row


def load_figures(queue: Queue, added: Added) -> list[Row]:
    """What was asked for, and what was answered."""
    told = queue.told
    arriving_s = max(queue.seconds, queue.last_arrival_s - queue.began_s)
    in_time = sum(at_s <= queue.seconds for at_s in told.accepted_at_s)
    tries = ", ".join(f"{count:,} {how}" for how, count in told.tries_unanswered.most_common(3))
    return [
        figure("checkouts asked for, /s", f"{queue.arrived / arriving_s:.1f}", f"{queue.rate:g}"),
        figure("checkouts accepted meanwhile, /s", f"{in_time / queue.seconds:.1f}"),
        figure("accepted over HTTP, some of it later", f"{len(told.accepted):,}", f"{queue.arrivals:,}"),
        figure("accepted as bare entries", f"{len(added.accepted):,}"),
        figure("refused for good", f"{len(told.refused):,}"),
        figure("never answered: may exist or not", f"{len(told.unknown) + added.unanswered:,}"),
        figure("tries without an answer", tries or "0"),
        figure(
            "answered at the first try, p50 / p99", f"{_ms(told.answers_s, 50)} / {_ms(told.answers_s, 99)}"
        ),
    ]


def end_figures(evidence: Evidence, ended_in_s: float, drained_s: float) -> list[Row]:
    """How the checkouts ended, and how long that took."""
    ended, succeeded = ends(evidence).total(), len(successes(evidence))
    late = sum(event.type == "CheckoutDeadlineExpired" for event in evidence.events)
    return [
        figure("checkouts begun", f"{len(started(evidence)):,}"),
        figure(
            "succeeded / failed / of these too late",
            f"{succeeded:,} / {ended - succeeded:,} / {late:,}",
        ),
        figure("checkouts ended, /s, all in all", f"{ended / ended_in_s:.1f}"),
        figure("seconds until drained, after the load", f"{drained_s:.1f}"),
    ]


def trouble_figures(maker: Troublemaker) -> list[Row]:
    """What the troubles did."""
    return [
        figure("deliveries taken over from the frozen", f"{maker.taken_over:,}"),
        figure("writes refused by the full server", f"{maker.refused_writes:,}"),
    ]


def figure(what: str, found: str, expected: str = "") -> Row:
    """One, and what was asked for if anything was."""
    return Row(what, expected, found)


def _ms(times_s: Sequence[float], percent: int) -> str:
    return f"{sorted(times_s)[len(times_s) * percent // 100] * 1000:.0f} ms" if times_s else "-"
