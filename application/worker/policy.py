"""The patience of a worker, in numbers."""

import attrs


@attrs.frozen(kw_only=True)
class WorkerPolicy:
    """How patient a worker is. Each range is checked where the settings are read."""

    batch_max: int = 256
    block_ms: int = 1_000
    linger_ms: int = 0  # after a batch that was not full, before the next is asked for: more come at once
    claim_idle_ms: int = 30_000  # how long another consumer may sit on a delivery before it is taken over
    retry_base_ms: int = 200  # wait before the second attempt; doubles with each further one
    retry_max_ms: int = 30_000
    attempts_max: int = 5
    unfinished_attempts_max: int = 20  # handed out this often, or attempts_max times, to consumers that died
    claim_max: int = 256  # pending deliveries looked at in one go
    housekeeping_ms: int = 1_000
    consumer_forgotten_ms: int = 3_600_000  # not heard of for so long and holding nothing: it is gone

    def retry_delay_ms(self, attempt: int) -> int:
        """The longest wait before a delivery that was handed out `attempt` times is tried again."""
        return int(min(self.retry_max_ms, self.retry_base_ms * 2 ** max(0, min(attempt - 1, 30))))
