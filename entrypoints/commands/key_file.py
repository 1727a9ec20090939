"""The file of keys as a command meets it."""

import contextlib
from collections.abc import Iterator

from adapters.api_keys.key_file import KeyFile
from adapters.api_keys.written import MalformedKeys
from entrypoints.commands.endings import Ended
from entrypoints.exit_codes import ExitCode
from entrypoints.settings import Settings


@contextlib.contextmanager
def key_file(settings: Settings) -> Iterator[KeyFile]:
    """The file in API_KEYS_FILE.

    Raises:
        Ended: it is not set; or, from within, the file cannot be read or written.
    """
    path = settings.api_keys_file
    if path is None:
        raise Ended(
            ExitCode.USAGE, "API_KEYS_FILE is not set: it names the file that the API reads its keys from"
        )
    try:
        yield KeyFile(path)
    except FileNotFoundError:
        missing = path if path.parent.is_dir() else path.parent
        raise Ended(ExitCode.USAGE, f"API_KEYS_FILE {path}: there is no {missing}") from None
    except OSError as error:
        raise Ended(ExitCode.USAGE, f"API_KEYS_FILE {path}: {error.strerror}") from None
    except MalformedKeys as error:
        raise Ended(ExitCode.USAGE, f"API_KEYS_FILE {path}: {error}") from None
