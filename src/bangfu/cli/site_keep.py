"""Backup, restore, the trail read again, the day's anchor, new keys."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bangfu.cli.language import say
from bangfu.cli.output import DONE, FOUND, BadInput, print_json, say_out, step, tell
from bangfu.cli.site_open import moment, named, opened, serving, worded
from bangfu.web.backup import made_backup, restored, seen_in
from bangfu.web.rotation import rotated


def back_up(home: Path | None, file: Path, *, as_json: bool) -> None:
    """Everything but the keys into one file.

    Raises:
        BadInput: The file is there already, or its folder is not.
    """
    if file.exists():
        raise BadInput(say(f"{file} 已存在，不会覆盖", f"{file} is there already and is not written over"))
    if not file.absolute().parent.is_dir():
        raise BadInput(
            say(f"没有文件夹 {file.absolute().parent}", f"there is no folder {file.absolute().parent}")
        )
    with opened(home) as site, step("备份", "Backing up"):
        made = made_backup(site, file, now=moment())
    if as_json:
        print_json({"file": str(file), **made})
        return
    size = file.stat().st_size
    say_out(
        say(f"备份已写到 {file}（{size:,} 字节，留痕第 {made['trail']['number']} 号）",
            f"The backup is in {file} ({size:,} bytes, trail up to number {made['trail']['number']})"),
        say(f"备份里没有密钥文件 {site.keys}：请另处保管；没有它，备份里的个人信息无法读取",
            f"The key file {site.keys} is not in it: keep it elsewhere; without it the personal data in the backup"
            " cannot be read"),
    )  # fmt: skip


def restore(home: Path | None, file: Path, *, keys: Path | None, as_json: bool) -> None:
    """A backup into an empty folder, once the keys are seen to belong to it.

    Raises:
        BadInput: A damaged backup, a folder that holds something, a wrong or missing key file, another version.
    """
    if not file.is_file():
        raise BadInput(say(f"没有文件 {file}", f"there is no file {file}"))
    site = named(home)
    if site.home.is_dir() and any(site.home.iterdir()):
        raise BadInput(
            say(f"{site.home} 不是空文件夹，不会覆盖", f"{site.home} is not empty; nothing is overwritten")
        )
    given = keys or (site.keys if "BANGFU_KEYS" in os.environ else None)
    if given is None or not given.is_file():
        raise BadInput(
            say("请用 --keys 给出密钥文件；备份里没有它", "name the key file with --keys; no backup holds it")
        )
    with worded(), step("核对备份", "Checking the backup"):
        seen = seen_in(file, keys=given)
    try:
        seen.keys.write(site.keys)
        with serving(site), step("恢复", "Restoring"):
            made = restored(file, seen, home=site.home)
    except BaseException:
        _emptied(site.home)
        raise
    if as_json:
        print_json({"home": str(site.home), **made})
        return
    say_out(
        say(f"已恢复到 {site.home}；留痕完好，到第 {made['trail']['number']} 号；密钥能打开个人信息",
            f"Restored into {site.home}; the trail holds up to number {made['trail']['number']}, the keys open the"
            " personal data"),
        say(f"运行：bangfu serve --home {site.home}", f"Run it: bangfu serve --home {site.home}"),
    )  # fmt: skip


def _emptied(home: Path) -> None:
    """What a restore began is taken away: whole or not at all."""
    for path in home.iterdir() if home.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def verify_trail(home: Path | None, *, anchors: Path | None, as_json: bool) -> int:
    """Read the chain to its end against the anchors, and name each fault; the exit code.

    Raises:
        BadInput: A folder of anchors that is not there.
    """
    if anchors is not None and not anchors.is_dir():
        raise BadInput(say(f"没有文件夹 {anchors}", f"there is no folder {anchors}"))
    with opened(home) as site:
        from bangfu.casework.audit_trail import api as trail
        from bangfu.casework.database.actor import Actor
        from bangfu.casework.database.session import entered

        folder = anchors or site.anchors
        with entered(Actor.site(now=moment()).scope), step("核对留痕", "Reading the trail"):
            found = trail.verified(folder)
        count = len(list(folder.glob("*.json")))
    if as_json:
        faults = [
            {"code": one.code, "number": one.number, "row": one.row_id, "act": one.act, "subject": one.subject,
             "zh": one.words.zh, "en": one.words.en}
            for one in found.faults
        ]  # fmt: skip
        print_json({"number": found.number, "hash": found.hash, "anchors": count, "faults": faults})
        return FOUND if faults else DONE
    for one in found.faults:
        where = (
            say(f"第 {one.number} 号", f"number {one.number}")
            if one.number
            else say("链外", "outside the chain")
        )
        row = "" if one.row_id is None else say(f"，记录 {one.row_id}", f", row {one.row_id}")
        what = f" {one.act} {one.subject}".rstrip()
        say_out(f"{where}{row}: {say(one.words.zh, one.words.en)} [{one.code}]{what}")
    if found.faults:
        tell(
            say(f"留痕有 {len(found.faults)} 处问题：不要改动任何东西，按运行手册“留痕核对不上”处理",
                f"{len(found.faults)} fault(s) in the trail: change nothing, and follow the runbook")
        )  # fmt: skip
        return FOUND
    say_out(
        say(f"留痕完好：{found.number} 条，与 {count} 个锚点相符，末尾 {found.hash[:16]}",
            f"The trail is whole: {found.number} rows, {count} anchors agree, head {found.hash[:16]}")
    )  # fmt: skip
    return DONE


def anchor(home: Path | None, *, as_json: bool) -> None:
    """Write the day's anchor; where there is one already it stays as it is."""
    with opened(home) as site:
        from bangfu.casework.audit_trail import api as trail
        from bangfu.casework.database.actor import Actor
        from bangfu.casework.database.session import entered

        actor = Actor.site(now=moment())
        with entered(actor.scope):
            made = trail.anchored(site.anchors, now=actor.now)
        path = site.anchors / f"{made.day.isoformat()}.json"
    if as_json:
        print_json(
            {"day": made.day.isoformat(), "number": made.number, "hash": made.hash.hex(), "file": str(path)}
        )
        return
    say_out(
        say(
            f"锚点 {path}：请另存或打印一份，放在本机之外",
            f"The anchor is {path}: keep or print a copy elsewhere",
        )
    )


def rotate(home: Path | None, *, cipher: str, as_json: bool) -> None:
    """A new data key, everything encrypted with it, then the old ones dropped. Interrupted, it goes on where it was.

    Raises:
        BadInput: An unknown cipher.
    """
    from bangfu.casework.database.keys import CIPHERS

    if cipher and cipher not in CIPHERS:
        raise BadInput(f"--cipher {cipher}: {', '.join(CIPHERS)}")
    with opened(home) as site, step("更换密钥", "Changing the key") as told:
        made = rotated(site, cipher=cipher, now=moment(), told=told)
    if as_json:
        print_json(made)
        return
    key, name, values, files = made["key"], made["cipher"], f"{made['values']:,}", f"{made['files']:,}"
    say_out(
        say(f"已换用第 {key} 号密钥（{name}）：重新加密 {values} 项信息、{files} 个文件",
            f"Key {key} ({name}) is in use: {values} values and {files} files were encrypted again"),
        say(f"请立即把新的密钥文件 {site.keys} 另存一份；旧备份仍需旧的密钥文件",
            f"Keep a copy of the new key file {site.keys} now; older backups still need the older key file"),
    )  # fmt: skip
