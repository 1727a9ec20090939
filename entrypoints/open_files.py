"""How many files this process, and those that it starts, may have open."""

import resource


def allow_open_files(wanted: int) -> int:
    """Raise the limit towards `wanted`, as far as the system lets us. The limit that holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed
