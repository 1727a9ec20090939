"""Why the service does not start."""

EXIT_CODE = 2


class StartRefused(Exception):
    """The service cannot start here. Its message is one line for the person who started it."""
