"""Stands in for the API or a worker: tells its story in a file, and ends when asked to.

Run as: dummy_child.py STORY NAME PORT [stubborn|broken]. It listens on PORT. A stubborn one ignores
SIGTERM; a broken one ends at once.
"""

import os
import signal
import socket
import sys
from pathlib import Path


def main(story: Path, name: str, port: int, character: str) -> int:
    def tell(what: str) -> None:
        with story.open("a") as file:
            file.write(f"{name} {what} {os.getpid()}\n")

    if character == "broken":
        return 3
    asked = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, asked)
    with socket.create_server(("127.0.0.1", port)):
        tell("started")
        while character == "stubborn":
            signal.sigwait(asked)
            tell("shrugged")
        signal.sigwait(asked)
        tell("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), "".join(sys.argv[4:])))
