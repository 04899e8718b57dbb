"""Everything of a site in one file, but for the keys; and a site from such a file, whole or not at all.

The file is a tar: ``manifest.json`` (what it holds, with hashes, signed with the trail's key), ``database.dump``
(``pg_dump``'s own format), ``site.json`` without its secret, ``files/`` (encrypted as they lie), ``anchors/``,
``packs/``.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import re
import secrets
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from bangfu import __version__
from bangfu.casework.database.keys import KeyFile
from bangfu.postgres import NoServer, find_binaries
from bangfu.web.making import cluster_of, start_django
from bangfu.web.site import Site, database

__all__ = ["BadBackup", "Seen", "made_backup", "restored", "seen_in"]

FORMAT = 1
_MANIFEST, _DUMP, _SITE = "manifest.json", "database.dump", "site.json"
_NAMES = re.compile(r"database\.dump|site\.json|(files|anchors|packs)(/[\w][\w.\- ]*)+")
_PART = 1024 * 1024
_LONGEST_S = 4 * 3600
_NOT_KEPT = ("home", "secret_key")
_SAMPLE = b"bangfu backup: is this the key?"
_SAMPLES = 20


class BadBackup(Exception):  # noqa: N818 - it names what was found
    """A backup that cannot be restored here, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Seen:
    """A backup whose every part was read and found as it was written."""

    manifest: Mapping[str, Any]
    keys: KeyFile


# ---- making ----


def made_backup(site: Site, file: Path, *, now: datetime) -> dict[str, Any]:
    """Write a backup beside its place, then into it; the site may go on working meanwhile.

    Args:
        site: Its server runs and Django is ready.
        file: The file to write; nothing is there.
        now: The moment.

    Returns:
        ``made_at``, ``trail`` (number, hash), ``households``, ``loans``, ``events``, ``files``: what it holds.
    """
    _noted(now)
    with tempfile.TemporaryDirectory(prefix=".bangfu-backup-", dir=file.absolute().parent) as folder:
        dump, settings = Path(folder) / _DUMP, Path(folder) / _SITE
        told = _dumped(site, dump)
        settings.write_text(json.dumps(_kept(site), ensure_ascii=False, indent=1), encoding="utf-8")
        parts = {_DUMP: dump, _SITE: settings, **_parts(site)}
        keys = KeyFile.read(site.keys)
        manifest = {
            "format": FORMAT,
            "bangfu": __version__,
            "made_at": now.isoformat(),
            **told,
            "keys": _marks(keys),
            "parts": {
                name: {"size": path.stat().st_size, "sha256": _hash(path)} for name, path in parts.items()
            },
        }
        signed = {**manifest, "code": _code(manifest, keys)}
        beside = Path(folder) / "backup.tar"
        _packed(beside, signed, parts)
        beside.chmod(0o600)
        beside.replace(file)
    return {
        "made_at": manifest["made_at"],
        "trail": told["trail"],
        "rows": told["rows"],
        "files": sum(1 for name in parts if name.startswith("files/")),
    }


def _noted(now: datetime) -> None:
    """The backup is an act like others: who has the file has the county."""
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered

    actor = Actor.site(now=now)
    with entered(actor.scope):
        trail.record(actor=actor, act="site.backed_up", subject=("site", "backup"))


def _kept(site: Site) -> dict[str, Any]:
    """What ``site.json`` holds, without its secret; local packs as they lie in the backup."""
    told = {name: value for name, value in asdict(site).items() if name not in _NOT_KEPT}
    return told | {"packs": ["packs"] if (site.home / "packs").is_dir() else list(site.packs)}


def _parts(site: Site) -> dict[str, Path]:
    found = {}
    for name, folder in (("files", site.files), ("anchors", site.anchors), ("packs", site.home / "packs")):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix != ".new":
                found[f"{name}/{path.relative_to(folder).as_posix()}"] = path
    return found


def _packed(target: Path, manifest: Mapping[str, Any], parts: Mapping[str, Path]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    head = tarfile.TarInfo(_MANIFEST)
    head.size, head.mode = len(text), 0o600
    with target.open("wb") as out, tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(head, io.BytesIO(text))
        for name, path in parts.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = manifest["parts"][name]["size"], 0o600
            with path.open("rb") as content:
                tar.addfile(member, content)
        out.flush()
        os.fsync(out.fileno())


def _dumped(site: Site, target: Path) -> dict[str, Any]:
    """The database as of one moment, and what it held at that moment."""
    address, rights, environment = _door(site)
    with psycopg.connect(address, autocommit=True) as door:
        door.execute("begin isolation level repeatable read read only")
        door.execute("select set_config('bangfu.everything', 'on', true)")
        snapshot = _one(door, "select pg_export_snapshot()")
        version = int(_one(door, "select current_setting('server_version_num')")) // 10_000
        link = door.execute(
            "select number, hash from casework_trail_link order by number desc limit 1"
        ).fetchone()
        told = {
            "postgres": version,
            "trail": {"number": link[0], "hash": bytes(link[1]).hex()} if link else {"number": 0, "hash": ""},
            "rows": {
                name: int(_one(door, f"select count(*) from {table}"))  # noqa: S608 - our own names
                for name, table in _COUNTED.items()
            },
            "changes": [row[0] for row in door.execute(_CHANGES).fetchall()],
        }
        tool = _tool(site, "pg_dump", version)
        command = [tool, "--format=custom", "--no-owner", "--no-privileges", "--no-comments", *rights,
                   f"--snapshot={snapshot}", f"--file={target}", f"--dbname={address}"]  # fmt: skip
        _called(command, environment, "备份", "backup")
        door.execute("rollback")
    return told


_COUNTED = {
    "households": "casework_household", "loans": "casework_loan", "events": "casework_loan_event",
    "personal_data": "casework_personal_datum", "trail": "casework_trail_row",
}  # fmt: skip
_CHANGES = "select app || '.' || name from django_migrations order by id"


def _one(door: psycopg.Connection[tuple[Any, ...]], question: str) -> Any:
    row = door.execute(sql.SQL(question)).fetchone()
    return None if row is None else row[0]


def _door(site: Site) -> tuple[str, list[str], dict[str, str]]:
    """Where the whole database is seen from: an address without a password, rights for the tools, their environment."""
    if site.embedded:
        cluster = cluster_of(site)
        return f"host={cluster.socket} user={cluster.superuser} dbname=bangfu", [], {}
    owner = database(site)["owner"]
    told = {"host": owner["HOST"], "port": owner["PORT"], "user": owner["USER"], "dbname": owner["NAME"]}
    if owner["PASSWORD"]:
        os.environ["PGPASSWORD"] = owner["PASSWORD"]
    address = psycopg.conninfo.make_conninfo("", **{name: value for name, value in told.items() if value})
    return address, ["--enable-row-security"], {"PGOPTIONS": "-c bangfu.everything=on"}


def _tool(site: Site, name: str, major: int) -> Path:
    """A program of PostgreSQL that suits the server: of its version, or the newest there is."""
    if site.embedded:
        return cluster_of(site).binaries.tool(name)
    try:
        return find_binaries(major=major).tool(name)
    except NoServer:
        return find_binaries().tool(name)


def _called(command: list[Any], environment: Mapping[str, str], zh: str, en: str) -> None:
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        [str(word) for word in command],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=_LONGEST_S,
    )
    if done.returncode:
        # Only the first line: further ones may quote rows.
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:300]
        raise BadBackup(f"{zh}失败：{said}", f"{en} failed: {said}")


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _marks(keys: KeyFile) -> dict[str, dict[str, str]]:
    """A mark of each key, from which nothing of the key can be read."""
    data = {str(number): _mark(key) for number, (_, key) in keys.data.items()}
    return {"data": data, "blind": {str(number): _mark(key) for number, key in keys.blind.items()},
            "trail": {"1": _mark(keys.trail)}}  # fmt: skip


def _mark(key: bytes) -> str:
    return hmac.new(key, _SAMPLE, hashlib.sha256).hexdigest()[:32]


def _code(manifest: Mapping[str, Any], keys: KeyFile) -> str:
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(keys.trail, text.encode(), hashlib.sha256).hexdigest()


# ---- restoring ----


def seen_in(file: Path, *, keys: Path) -> Seen:
    """Read a backup to its end before anything is made of it.

    Args:
        file: The backup.
        keys: The key file of the site it was made of.

    Raises:
        BadBackup: Damaged, changed, of other keys, of a newer program or database.
    """
    try:
        given = KeyFile.read(keys)
    except (ValueError, KeyError, TypeError):
        raise BadBackup(f"{keys} 不是密钥文件", f"{keys} is no key file") from None
    with _opened(file) as tar:
        manifest = _manifest(tar, given)
        _whole(tar, manifest)
    return Seen(manifest, given)


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, AttributeError) as broken:
        raise _damaged("") from broken


def _damaged(name: str) -> BadBackup:
    return BadBackup(
        f"备份已损坏或被改动：{name or '文件'}", f"the backup is damaged or was changed: {name or 'the file'}"
    )


def _manifest(tar: tarfile.TarFile, keys: KeyFile) -> dict[str, Any]:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == _MANIFEST else None
    if content is None:
        raise BadBackup("这不是 bangfu 的备份", "this is no backup of bangfu")
    told: dict[str, Any] = json.loads(content.read())
    if told.get("format") != FORMAT:
        raise BadBackup(
            f"备份格式是 {told.get('format')}，本程序只认 {FORMAT}",
            f"the backup is of format {told.get('format')}; this program reads {FORMAT}",
        )
    here = _marks(keys)
    lacking = [number for number, mark in told["keys"]["data"].items() if here["data"].get(number) != mark]
    if (
        lacking
        or told["keys"]["trail"] != here["trail"]
        or told["keys"]["blind"].items() - here["blind"].items()
    ):
        raise BadBackup(
            "密钥文件与备份不符，打不开其中的个人信息", "the key file does not belong to this backup"
        )
    code = told.pop("code", "")
    if not hmac.compare_digest(code, _code(told, keys)):
        raise _damaged(_MANIFEST)
    return told


def _whole(tar: tarfile.TarFile, manifest: Mapping[str, Any]) -> None:
    wanted = dict(manifest["parts"])
    for member in tar:
        if member.name == _MANIFEST:
            continue
        part = wanted.pop(member.name, None)
        content = tar.extractfile(member) if member.isreg() else None
        if part is None or content is None or not _NAMES.fullmatch(member.name) or ".." in member.name:
            raise _damaged(member.name)
        if hashlib.file_digest(content, "sha256").hexdigest() != part["sha256"]:  # type: ignore[arg-type]
            raise _damaged(member.name)
    if wanted:
        raise _damaged(min(wanted))


def restored(file: Path, seen: Seen, *, home: Path) -> dict[str, Any]:
    """Make the site of a backup in an empty folder that holds at most the key file; its server is left running.

    Args:
        file: The backup, as it was seen.
        seen: What ``seen_in`` read.
        home: The folder.

    Returns:
        ``trail`` (number, hash) and ``rows`` of the restored site.

    Raises:
        BadBackup: It does not give what it held.
    """
    dump = home / _DUMP
    with _opened(file) as tar:
        for member in tar:
            if member.name != _MANIFEST:
                content = tar.extractfile(member)
                if content is not None:
                    _laid(content, _place(home, member.name))
    told = json.loads((home / _SITE).read_text(encoding="utf-8"))
    (home / _SITE).unlink()
    told |= {name: tuple(told.get(name, ())) for name in ("hosts", "packs", "scanner")}
    site = Site(home.absolute(), secrets.token_urlsafe(50), **told)
    site.write()
    _filled(site, dump, seen)
    dump.unlink()
    return _checked(site, seen)


def _place(home: Path, name: str) -> Path:
    if name.startswith("anchors/"):
        return Site(home.absolute(), "").anchors / name.removeprefix("anchors/")
    return home / name


def _laid(content: IO[bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(content, out, _PART)
    target.chmod(0o600)


def _filled(site: Site, dump: Path, seen: Seen) -> None:
    """The database of the dump, brought up to this program."""
    from bangfu.casework.database import setup

    start_django()
    if site.embedded:
        cluster = cluster_of(site)
        cluster.start()
        setup.made_roles(f"host={cluster.socket} user={cluster.superuser} dbname=postgres", database="bangfu")
    address, _, _ = _door(site)
    with psycopg.connect(address, autocommit=True) as door:
        major = int(_one(door, "select current_setting('server_version_num')")) // 10_000
        there = _one(door, "select count(*) from pg_tables where schemaname = 'public'")
    if there:
        raise BadBackup("数据库不是空的，不会覆盖", "the database is not empty; nothing is overwritten")
    if seen.manifest["postgres"] > major:
        raise BadBackup(
            f"备份来自 PostgreSQL {seen.manifest['postgres']}，这里是 {major}，不能恢复到更旧的版本",
            f"the backup is of PostgreSQL {seen.manifest['postgres']}, here is {major}: it cannot go back",
        )
    role = ["--role=owner"] if site.embedded else []
    command = [_tool(site, "pg_restore", major), "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error",
               "--single-transaction", *role, f"--dbname={address}", dump]  # fmt: skip
    _called(command, {}, "恢复", "restoring")
    unknown = set(seen.manifest["changes"]) - _known_changes()
    if unknown:
        raise BadBackup(
            "备份来自更新的程序版本，请先升级程序",
            f"the backup is of a newer program ({min(unknown)}); install that first",
        )
    setup.migrated()
    setup.protected()


def _known_changes() -> set[str]:
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    return known | {f"{app}.{name}" for one in loader.disk_migrations.values() for app, name in one.replaces}


def _checked(site: Site, seen: Seen) -> dict[str, Any]:
    """The trail read to its end, a sample of personal values opened, the rows counted."""
    from django.db import connection

    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.personal_data import api as personal_data

    made_at = datetime.fromisoformat(seen.manifest["made_at"])
    with entered(Actor.site(now=made_at).scope), connection.cursor() as cursor:
        found = trail.verified(site.anchors)
        cursor.execute("select id from casework_personal_datum order by id limit %s", [_SAMPLES])
        personal_data.opened_of([row[0] for row in cursor.fetchall()])
        rows = {}
        for name, table in _COUNTED.items():
            cursor.execute(f"select count(*) from {table}")  # noqa: S608 - our own names
            (rows[name],) = cursor.fetchone() or (0,)
    head = {"number": found.number, "hash": found.hash}
    if found.faults or head != seen.manifest["trail"] or rows != seen.manifest["rows"]:
        raise BadBackup("恢复后的留痕与备份不符", "what was restored does not hold what the backup says")
    return {"trail": head, "rows": rows}
