"""What is said of the driver's errors."""

import pytest
from redis.exceptions import RedisError, ResponseError

from adapters.redis_streams.errors import translated
from application.ports.errors import Unavailable


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ResponseError("OOM command not allowed"),
            "ResponseError: OOM command not allowed",
        ),
        (
            ResponseError(
                'Command # 2 (XADD s * payload {"client_id": "ada (x)"}) of pipeline caused error: OOM'
            ),
            "ResponseError: OOM",
        ),
        (
            ResponseError("unknown command 'XADDD', with args beginning with: 's' '*' 'ada' "),
            "ResponseError: unknown command 'XADDD'",
        ),
    ],
    ids=["as it is", "in a pipeline", "an unknown command"],
)
def test_the_error_of_a_driver_is_passed_on_without_the_data_that_it_quotes(
    error: RedisError, said: str
) -> None:
    with pytest.raises(Unavailable) as raised, translated():
        raise error

    assert str(raised.value) == said
