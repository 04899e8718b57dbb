"""The site's folder: what differs from one installation to another, and where its database is."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bangfu.postgres import Cluster

__all__ = ["HOME", "Site", "database"]

HOME = "BANGFU_HOME"
APP_URL, OWNER_URL = "DATABASE_URL", "BANGFU_OWNER_URL"
_NAME = "bangfu"
_MARK = "site.json"


@dataclass(frozen=True)
class Site:
    """What ``bangfu init`` decided.

    Attributes:
        home: The folder.
        secret_key: Signs cookies and forms.
        county: The code of the place the site serves, 2 to 12 digits; empty before ``bangfu init``.
        name_zh: How the site calls itself.
        name_en: The same in English.
        demo: A county of made-up people: said in a banner, one account a role listed at the door.
        https: Whether a proxy in front speaks https.
        hosts: Host names it answers to.
        packs: Folders of local policy packs, beside the installed ones.
        scanner: The command of a virus scanner, given each upload as its input; any answer but 0 refuses it.
    """

    home: Path
    secret_key: str = field(repr=False)
    county: str = ""
    name_zh: str = "帮扶小额信贷平台"
    name_en: str = "Bangfu microcredit platform"
    demo: bool = False
    https: bool = False
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    packs: tuple[str, ...] = ()
    scanner: tuple[str, ...] = ()

    @classmethod
    def here(cls) -> Site:
        """The site of ``BANGFU_HOME`` (``./site`` where that is not set)."""
        return cls.at(Path(os.environ.get(HOME, "site")))

    @classmethod
    def at(cls, home: Path) -> Site:
        """The site of a folder; before ``bangfu init`` one with a key that lives as long as the process."""
        home = home.absolute()
        mark = home / _MARK
        if not mark.is_file():
            return cls(home, secrets.token_urlsafe(50))
        told: dict[str, Any] = json.loads(mark.read_text(encoding="utf-8"))
        told |= {name: tuple(told.get(name, ())) for name in ("hosts", "packs", "scanner")}
        told["packs"] = tuple(str(home / folder) for folder in told["packs"])
        return cls(home, **told)

    def write(self) -> None:
        """Keep the decisions in the folder, readable by its owner alone."""
        self.home.mkdir(parents=True, exist_ok=True)
        told = asdict(self)
        del told["home"]
        told["packs"] = [
            os.path.relpath(one, self.home) if self.home in Path(one).parents else one for one in self.packs
        ]
        mark = self.home / _MARK
        mark.touch(mode=0o600)
        mark.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    @property
    def origins(self) -> list[str]:
        """Where forms may come from."""
        scheme = "https" if self.https else "http"
        return [f"{scheme}://{host}" for host in self.hosts]

    @property
    def keys(self) -> Path:
        """The file of the vault's and the trail's keys: never in the database, never in a backup."""
        return Path(os.environ.get("BANGFU_KEYS", self.home / "keys.json"))

    @property
    def files(self) -> Path:
        """Encrypted uploads and produced papers."""
        return self.home / "files"

    @property
    def anchors(self) -> Path:
        """The daily heads of the trail."""
        return Path(os.environ.get("BANGFU_ANCHORS", self.home / "anchors"))

    @property
    def cluster(self) -> Path:
        """The data of the embedded server."""
        return self.home / "postgres"

    @property
    def embedded(self) -> bool:
        """Whether the site runs its own server."""
        return APP_URL not in os.environ


def database(site: Site) -> dict[str, dict[str, Any]]:
    """Django's two doors to the one database: ``default`` as the role ``app``, ``owner`` for migrations alone."""
    if site.embedded:
        common = {"HOST": str(Cluster(site.cluster).socket), "PORT": "", "NAME": _NAME}
        return {
            "default": _door(common | {"USER": "app"}, lock_timeout=10_000),
            "owner": _door(common | {"USER": "owner"}, lock_timeout=3_000),
        }
    app = os.environ[APP_URL]
    return {
        "default": _door(_parsed(app), lock_timeout=10_000),
        "owner": _door(_parsed(os.environ.get(OWNER_URL, app)), lock_timeout=3_000),
    }


def _door(address: dict[str, str], *, lock_timeout: int) -> dict[str, Any]:
    return address | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": f"-c lock_timeout={lock_timeout} -c timezone=Asia/Shanghai"},
        "TIME_ZONE": "Asia/Shanghai",
    }


def _parsed(url: str) -> dict[str, str]:
    found = urlsplit(url)
    if found.scheme not in {"postgres", "postgresql"} or not found.path.strip("/"):
        raise ValueError("the address must look like postgresql://user:password@host:port/database")
    return {
        "HOST": unquote(found.hostname or ""),
        "PORT": str(found.port or ""),
        "NAME": unquote(found.path.lstrip("/")),
        "USER": unquote(found.username or ""),
        "PASSWORD": unquote(found.password or ""),
    }
