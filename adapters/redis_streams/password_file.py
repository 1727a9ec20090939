"""A password that is kept in a file, and may change while we run."""

from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from redis.credentials import CredentialProvider
from redis.exceptions import ConnectionError as Disconnected


class PasswordUnreadable(Disconnected):
    """The file is not there, or not ours to read; like a server that is away, that may pass."""


class PasswordFile(CredentialProvider):
    """Read anew for every connection that is made; whitespace around it is none of it."""

    def __init__(self, file: Path, username: str | None) -> None:
        self._file: Final = file
        self._username: Final = username

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """The password, with the user where there is one.

        Raises:
            PasswordUnreadable: the file cannot be read now.
        """
        try:
            password = self._file.read_text().strip()
        except OSError as error:
            why = f"REDIS_PASSWORD_FILE {self._file} cannot be read: {error.strerror}"
            raise PasswordUnreadable(why) from error
        return (self._username, password) if self._username else (password,)


def user_of(url: str) -> tuple[str, str | None]:
    """`url` without its user, and the user: the driver takes that from one place only."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, None
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=host).geturl(), unquote(user) or None
