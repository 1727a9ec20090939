"""How much one request may ask for."""

import attrs


@attrs.frozen(kw_only=True)
class HttpLimits:
    """`retry_after_s` is what a caller is told to wait while the store is away."""

    body_max_bytes: int = 65_536
    page_default: int = 100
    page_max: int = 1_000
    retry_after_s: int = 1
