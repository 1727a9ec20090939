import pytest

from adapters.redis_streams.sentinel_url import SentinelUrl
from entrypoints.settings import Settings, SettingsError
from tests.each_row import each_row

SENTINELS = "redis+sentinel://shop:hunter2@one.example:26380,two.example,[::1]:26381/checkouts/3"


def test_the_url_of_sentinels_names_them_the_service_and_the_database() -> None:
    assert SentinelUrl.parse(SENTINELS) == SentinelUrl(
        sentinels=(("one.example", 26380), ("two.example", 26379), ("::1", 26381)),
        service="checkouts",
        db=3,
        username="shop",
        password="hunter2",
    )


def test_sentinels_may_have_a_user_and_a_password_of_their_own() -> None:
    url = SentinelUrl.parse(
        "redis+sentinel://:p%40ss@one/shop?sentinel_username=guard&sentinel_password=w%26rd"
    )

    assert (url.username, url.password, url.db) == (None, "p@ss", 0)
    assert (url.sentinel_username, url.sentinel_password) == ("guard", "w&rd")


def test_the_url_of_sentinels_is_taken_as_a_setting_and_shown_without_its_secrets() -> None:
    settings = Settings.from_environment({"REDIS_URL": f"{SENTINELS}?sentinel_password=hunter2"})

    assert settings.redis_url_redacted == (
        "redis+sentinel://***@one.example:26380,two.example,[::1]:26381/checkouts/3?***"
    )
    assert "hunter" not in repr(settings) + repr(SentinelUrl.parse(settings.redis_url))


@each_row(
    "wrong",
    [
        "redis+sentinel://one",
        "redis+sentinel://one/",
        "redis+sentinel:///shop",
        "redis+sentinel://one,,two/shop",
        "redis+sentinel://one:x/shop",
        "redis+sentinel://one:0/shop",
        "redis+sentinel://one/shop/x",
        "redis+sentinel://one/shop/1/2",
        "redis+sentinel://one/shop?sentinel_pasword=hunter2",
        "redis+sentinel://one/shop?hunter2",
        "redis+sentinel://:hunter/2@one/shop",
    ],
)
def test_what_is_no_address_of_sentinels_is_refused_without_its_password(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"REDIS_URL is .*: must be a redis://.* URL$") as refusal:
        Settings.from_environment({"REDIS_URL": wrong})

    assert "hunter" not in str(refusal.value)


def test_the_embedded_server_cannot_be_asked_for_copies() -> None:
    with pytest.raises(SettingsError, match=r"^WAIT_REPLICAS is 1: must be 0 with the embedded server"):
        Settings.from_environment({"WAIT_REPLICAS": "1"})


@pytest.mark.parametrize("variable", ["API_TIMEOUT_MS", "SOCKET_TIMEOUT_MS"])
def test_nobody_gives_up_on_the_server_before_the_server_gives_up_on_its_replicas(variable: str) -> None:
    environment = {"REDIS_URL": "redis://db", "WAIT_TIMEOUT_MS": "9501", "BLOCK_MS": "1"}
    environment |= {"API_TIMEOUT_MS": "20000", "SOCKET_TIMEOUT_MS": "20000", variable: "10000"}

    with pytest.raises(
        SettingsError,
        match=rf"^{variable} is 10000: must be at least 10001, which is WAIT_TIMEOUT_MS \+ 500",
    ):
        Settings.from_environment({**environment, "WAIT_REPLICAS": "1"})

    assert Settings.from_environment(environment).wait_replicas == 0


def test_the_documented_patience_with_replicas_fits_the_documented_patience_of_a_request() -> None:
    assert Settings.from_environment({"REDIS_URL": "redis://db", "WAIT_REPLICAS": "1"}).wait_replicas == 1
