"""Fetches what others made and we serve or test with, from npm, as pinned here: `make vendor`.

The archive's hash is the one that npm's registry gives it; a test compares what lies here with the files'.
"""

import hashlib
import io
import subprocess
import tarfile
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

ROOT: Final = Path(__file__).parents[1]
ASSETS: Final = "adapters/http/contract/assets"


@attrs.frozen(kw_only=True)
class Package:
    """An npm package: its archive's SHA-512, and path in it -> (path here, SHA-256)."""

    name: str
    sha512: str
    files: Mapping[str, tuple[str, str]]


PACKAGES: Final = (
    Package(
        name="rapidoc@9.3.8",
        sha512="eCYEbr1Xr8OJZvVCw8SXl9zBCRoLJbhNGuG5IZTHq/RWAOq/O4MafUCuFEyZHsrhLrlUcGZMa64pyhpib8fQKQ==",
        files={
            "dist/rapidoc-min.js": (
                f"{ASSETS}/rapidoc-min.js",
                "affbd173a65e870e18f392cca963113bcdafb6e50e88cd2f6a834a65b22db94d",
            ),
            "dist/rapidoc-min.js.LICENSE.txt": (
                f"{ASSETS}/rapidoc-min.js.LICENSE.txt",
                "b6366d212427ca41732dd93ce56a47ceaf7a0902edc2e90b22ca6a9d6feff20e",
            ),
            "LICENSE.txt": (
                f"{ASSETS}/rapidoc-LICENSE.txt",
                "92682ac573adb5e1357f1f41dd0eaa2f0e9dd6116b569218978c2469c1cd085c",
            ),
        },
    ),
    Package(
        name="@asyncapi/specs@6.11.1",
        sha512="A3WBLqAKGoJ2+6FWFtpjBlCQ1oFCcs4GxF7zsIGvNqp/klGUHjlA3aAcZ9XMMpLGE8zPeYDz2x9FmO6DSuKraQ==",
        files={
            "schemas/3.0.0-without-$id.json": (
                "tests/asyncapi/asyncapi-3.0.0.json",
                "abe96881dbfaad495ccbb6bd8d3fb43ca18a13b9d7564849ccb66f39d5e5b20f",
            ),
            "LICENSE": (
                "tests/asyncapi/LICENSE-APACHE-2.0",
                "43070e2d4e532684de521b885f385d0841030efa2b1a20bafb76133a5e1379c1",
            ),
        },
    ),
)


def fetch(package: Package) -> None:
    """Put the package's files where they belong, if the archive is the one that is pinned."""
    with tempfile.TemporaryDirectory() as directory:
        asked = ["npm", "pack", "--silent", package.name]
        subprocess.run(asked, cwd=directory, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(directory).glob("*.tgz")
        content = archive.read_bytes()
    found = b64encode(hashlib.sha512(content).digest()).decode()
    if found != package.sha512:
        raise SystemExit(f"{package.name} is not what is pinned: its SHA-512 is {found}")
    with tarfile.open(fileobj=io.BytesIO(content)) as members:
        for name, (path, _) in package.files.items():
            member = members.extractfile(f"package/{name}")
            assert member is not None, name
            (ROOT / path).write_bytes(member.read())


if __name__ == "__main__":
    for package in PACKAGES:
        fetch(package)
