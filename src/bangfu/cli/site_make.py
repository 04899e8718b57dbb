"""A site made or brought up to date; its first administrator; further people."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bangfu.cli.language import say
from bangfu.cli.output import BadInput, print_json, say_out, step
from bangfu.cli.site_open import moment, named, opened, ready, serving
from bangfu.web.making import make_site
from bangfu.web.site import Site

_DEMO_COUNTY = "522728"  # the invented county of ``bangfu generate``
_PLACE = re.compile(r"\d{2}|\d{4}|\d{6}")
_PACKS = "packs"
_OURS = frozenset({"postgres", "keys.json", "packs", "packs.new"})  # what an interrupted init may have left


@dataclass(frozen=True)
class Wanted:
    """What was said on the command line; empty or None where nothing was."""

    county: str = ""
    name_zh: str = ""
    name_en: str = ""
    packs: Path | None = None
    hosts: tuple[str, ...] = ()
    https: bool | None = None
    demo: bool = False


@dataclass(frozen=True)
class FirstAdmin:
    """Shown once and kept nowhere."""

    username: str
    password: str
    secret: str


def init(home: Path | None, wanted: Wanted, *, admin: str, as_json: bool) -> None:
    """Make the site, or bring it up to date where it is one; the first administrator where there is none.

    Raises:
        BadInput: A new site without a county, a wrong code, a folder that holds something else, no server.
    """
    site = named(home)
    new = not (site.home / "site.json").is_file()
    if not new and not site.keys.is_file() and (not site.embedded or (site.cluster / "data").exists()):
        raise BadInput(
            say(
                f"缺少密钥文件 {site.keys}：不会另造新的，请按运行手册“密钥文件丢失”处理",
                f"the key file {site.keys} is missing; no other is made in its place: see “The key file is lost”",
            )
        )
    decided = _decided(site, wanted, new=new)
    decided.write()
    with (
        serving(decided),
        step("建立站点" if new else "升级站点", "Making the site" if new else "Upgrading it"),
    ):
        make_site(decided)
        ready()
        first = None if wanted.demo else _first_admin(decided, admin, now=moment())
    _tell(decided, first, new=new, as_json=as_json)


def _decided(site: Site, wanted: Wanted, *, new: bool) -> Site:
    """The site as it shall be: what was there, with what was said."""
    county = wanted.county or site.county or (_DEMO_COUNTY if wanted.demo else "")
    if not county:
        raise BadInput(say("请用 --county 给出县级行政区划代码", "name the county with --county CODE"))
    if not (_PLACE.fullmatch(county) and county.isascii()):
        message = say(
            f"--county {county}：应为2、4或6位代码", f"--county {county}: a code of 2, 4 or 6 digits"
        )
        raise BadInput(message)
    if new and site.home.is_dir() and {path.name for path in site.home.iterdir()} - _OURS:
        raise BadInput(
            say(
                f"{site.home} 里有别的文件，不会在其中建站",
                f"{site.home} holds other files; no site is made there",
            )
        )
    said: dict[str, Any] = {"county": county}
    if wanted.demo and new:
        said |= {
            "demo": True,
            "name_zh": "示范县帮扶小额信贷平台",
            "name_en": "Bangfu, a demonstration county",
        }
    said |= {name: value for name in ("name_zh", "name_en") if (value := getattr(wanted, name))}
    if wanted.hosts:
        said["hosts"] = tuple(dict.fromkeys((*site.hosts, *wanted.hosts)))
    if wanted.https is not None:
        said["https"] = wanted.https
    if wanted.packs is not None:
        said["packs"] = (str(_packs(site, wanted.packs)),)
    return replace(site, **said)


def _packs(site: Site, source: Path) -> Path:
    """A copy of the local packs inside the site, so that a backup holds them; checked before."""
    from bangfu.policy import load_book

    if not source.is_dir():
        raise BadInput(say(f"没有文件夹 {source}", f"there is no folder {source}"))
    load_book([source])
    kept = site.home / _PACKS
    if source.absolute() != kept:
        fresh = site.home / f"{_PACKS}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(source, fresh)
        shutil.rmtree(kept, ignore_errors=True)
        fresh.rename(kept)
    return kept


def _first_admin(site: Site, username: str, *, now: datetime) -> FirstAdmin | None:
    """An account that may open others, where nobody may yet."""
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import entered
    from bangfu.casework.people import api as people
    from bangfu.casework.people import second_factor
    from bangfu.casework.people.rights import admins

    actor = Actor.site(now=now)
    with entered(actor.scope):
        if admins(on=actor.on):
            return None
        name = say("系统管理员", "Administrator")
        account_id, password = people.open_account(actor=actor, username=username, name=name)
        people.grant_role(actor=actor, account_id=account_id, role="admin", place="", why=site.name_zh)
        secret = second_factor.fresh_secret()
        themself = replace(actor, account_id=account_id, name=name)
        second_factor.second_factor_set(
            actor=themself, secret=secret, code=second_factor.code_at(secret, now)
        )
    return FirstAdmin(username, password, secret)


def _tell(site: Site, first: FirstAdmin | None, *, new: bool, as_json: bool) -> None:
    if as_json:
        account = (
            None
            if first is None
            else {"username": first.username, "password": first.password, "totp_secret": first.secret}
        )
        print_json({"home": str(site.home), "county": site.county, "new": new, "administrator": account})
        return
    if new:
        say_out(say(f"站点已建立：{site.home}", f"The site is made: {site.home}"))
    else:
        say_out(say(f"站点已是最新：{site.home}", f"The site is up to date: {site.home}"))
    if first is not None:
        say_out(
            say("首位管理员（只显示这一次）：", "The first administrator (shown this once):"),
            say(f"  用户名    {first.username}", f"  user name  {first.username}"),
            say(f"  一次性密码 {first.password}（首次登录须更改）",
                f"  password   {first.password} (to be changed at the first sign-in)"),
            say(f"  验证器密钥 {first.secret}（录入手机验证器，登录时用其6位验证码）",
                f"  secret     {first.secret} (type it into an authenticator; its six digits are asked for)"),
        )  # fmt: skip
    say_out(
        say(f"密钥文件 {site.keys} 不在任何备份里：请另行保管一份副本，丢失则个人信息无法读取",
            f"No backup holds the key file {site.keys}: keep a copy elsewhere; without it personal data is lost"),
        say(f"运行：bangfu serve --home {site.home}", f"Run it: bangfu serve --home {site.home}"),
    )  # fmt: skip


def add_user(
    home: Path | None,
    username: str,
    *,
    name: str,
    role: str,
    place: str,
    start: date | None,
    end: date | None,
    as_json: bool,
) -> None:
    """Open an account with one role; print its password for one use.

    Raises:
        BadInput: An unknown role or place, a user name that is taken.
    """
    from bangfu.casework.people.roles import ROLES

    if role not in ROLES:
        raise BadInput(
            say(f"没有岗位 {role}；可用：", f"there is no role {role}; there are: ") + ", ".join(ROLES)
        )
    with opened(home):
        from bangfu.casework.database.actor import Actor
        from bangfu.casework.database.session import entered
        from bangfu.casework.people import api as people

        actor = Actor.site(now=moment())
        with entered(actor.scope):
            account_id, password = people.open_account(actor=actor, username=username, name=name)
            people.grant_role(
                actor=actor, account_id=account_id, role=role, place=place, valid_from=start, valid_until=end,
                why=say("命令行开设", "opened from the command line"),
            )  # fmt: skip
    if as_json:
        print_json({"account_id": account_id, "username": username, "password": password, "role": role})
        return
    say_out(
        say(f"已开设 {username}（{ROLES[role].words.zh}）", f"{username} is open ({ROLES[role].words.en})"),
        say(f"一次性密码（只显示这一次）：{password}", f"Password for one use, shown this once: {password}"),
        say("首次登录须更改密码并绑定验证器", "At the first sign-in: a new password, and a second factor"),
    )
