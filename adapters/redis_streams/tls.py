"""Speaking to a server over TLS: whom to believe, and who we are."""

from pathlib import Path
from typing import Any, Final

import attrs

SPOKEN_OVER_TLS: Final = ("rediss://", "rediss+sentinel://")


@attrs.frozen(kw_only=True)
class Tls:
    """PEM files: the authorities that vouch for the server (by default those that the system trusts), and our
    certificate and key where it wants to know who we are. Its certificate must name the host of the URL."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    def options(self) -> dict[str, Any]:
        """As the driver takes them."""
        import ssl  # settings import this file, and few have a server that speaks TLS

        return {
            "ssl_ca_certs": _name(self.ca_file),
            "ssl_certfile": _name(self.cert_file),
            "ssl_keyfile": _name(self.key_file),
            "ssl_cert_reqs": "required",
            "ssl_check_hostname": True,
            "ssl_min_version": ssl.TLSVersion.TLSv1_2,
        }


SYSTEM_TRUST: Final = Tls()


def _name(file: Path | None) -> str | None:
    return str(file) if file else None
