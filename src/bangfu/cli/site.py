"""bangfu init, serve, work, user, backup, restore, verify-trail, anchor, keys: the platform on one machine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bangfu.cli.language import say
from bangfu.cli.options import AsJson, Language, day

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help=say(
            "站点文件夹；也可设 BANGFU_HOME，默认 ./site", "The site's folder; BANGFU_HOME, else ./site"
        ),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init", help=say("建立站点，或升级已有站点", "Make the site, or bring it up to date"))(_init)
    app.command("serve", help=say("运行站点", "Run the site"))(_serve)
    app.command("work", help=say("运行后台任务（serve 会自行启动）", "Run the jobs (serve does it itself)"))(
        _work
    )
    app.command("backup", help=say("备份到一个文件", "Back everything up into one file"))(_backup)
    app.command("restore", help=say("从备份恢复到空文件夹", "Restore a backup into an empty folder"))(
        _restore
    )
    app.command("verify-trail", help=say("核对操作留痕", "Read the whole audit trail again"))(_verify_trail)
    app.command("anchor", help=say("写下当日留痕锚点", "Write the day's anchor of the trail"))(_anchor)
    group = {"no_args_is_help": True, "rich_markup_mode": None}
    user = typer.Typer(help=say("用户", "People who sign in"), **group)  # type: ignore[arg-type]
    user.command("add", help=say("开设账号并授予岗位", "Open an account and give it a role"))(_user_add)
    app.add_typer(user, name="user")
    keys = typer.Typer(help=say("密钥", "Keys"), **group)  # type: ignore[arg-type]
    keys.command("rotate", help=say("更换数据密钥", "Change the data key"))(_keys_rotate)
    app.add_typer(keys, name="keys")


def _init(
    *,
    home: Home = None,
    county: Annotated[
        str, typer.Option(metavar="CODE", help=say("县级行政区划代码", "Division code of the county"))
    ] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help=say("站点名称", "The site's name"))] = "",
    name_en: Annotated[
        str, typer.Option("--name-en", metavar="NAME", help=say("英文名称", "In English"))
    ] = "",
    packs: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=say("本地政策包文件夹，复制进站点", "Folder of local policy packs, copied into the site"),
        ),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(
            "--host-name", metavar="NAME", help=say("对外主机名，可重复", "Name it answers to; repeatable")
        ),
    ] = None,
    https: Annotated[
        bool | None,
        typer.Option("--https/--http", help=say("前面有 HTTPS 代理", "A proxy in front speaks https")),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help=say("演示站点（合成资料）", "A demonstration with made-up people"))
    ] = False,
    admin: Annotated[
        str, typer.Option(metavar="USERNAME", help=say("首位管理员的用户名", "The first administrator"))
    ] = "admin",
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli import site_make

    wanted = site_make.Wanted(
        county=county,
        name_zh=name,
        name_en=name_en,
        packs=packs,
        hosts=tuple(host or ()),
        https=https,
        demo=demo,
    )
    site_make.init(home, wanted, admin=admin, as_json=as_json)


def _serve(
    *,
    home: Home = None,
    host: Annotated[str, typer.Option(help=say("监听地址", "Address to listen on"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=say("端口", "Port"))] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help=say("进程数", "Processes"))] = 2,
    threads: Annotated[int, typer.Option(min=1, max=64, help=say("每进程线程数", "Threads of each"))] = 4,
    jobs: Annotated[
        bool, typer.Option("--jobs/--no-jobs", help=say("同时运行后台任务", "Run the jobs as well"))
    ] = True,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help=say("先升级数据库", "Bring the database up to date first"))
    ] = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli import site_run

    site_run.serve(home, host=host, port=port, workers=workers, threads=threads, jobs=jobs, upgrade=upgrade)


def _work(*, home: Home = None, only: Annotated[bool, typer.Option("--only-jobs", hidden=True)] = False,
          _lang: Language = None) -> None:  # fmt: skip
    from bangfu.cli import site_run

    if only:
        site_run.work_jobs(home)
    else:
        site_run.work(home)


def _user_add(
    username: Annotated[str, typer.Argument(metavar="USERNAME", help=say("用户名", "User name"))],
    *,
    home: Home = None,
    name: Annotated[str, typer.Option(metavar="NAME", help=say("姓名", "The person's name"))],
    role: Annotated[str, typer.Option(metavar="ROLE", help=say("岗位", "Role"))],
    place: Annotated[
        str,
        typer.Option(metavar="PLACE", help=say("行政区划代码或机构编号", "Division code or institution")),
    ] = "",
    start: Annotated[
        date | None,
        typer.Option("--from", metavar="DAY", parser=day, help=say("起日，默认今天", "First day; today")),
    ] = None,
    end: Annotated[
        date | None,
        typer.Option("--to", metavar="DAY", parser=day, help=say("止日，不计入", "Last day, not counted")),
    ] = None,
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli import site_make

    site_make.add_user(
        home, username, name=name, role=role, place=place, start=start, end=end, as_json=as_json
    )


def _backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("写到的文件", "The file to write"))],
    *,
    home: Home = None,
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli import site_keep

    site_keep.back_up(home, file, as_json=as_json)


def _restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("备份文件", "The backup"))],
    *,
    home: Home = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="KEYS.json",
            help=say(
                "密钥文件（备份里没有）；或设 BANGFU_KEYS",
                "The key file, which no backup holds; or BANGFU_KEYS",
            ),
        ),
    ] = None,
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli import site_keep

    site_keep.restore(home, file, keys=keys, as_json=as_json)


def _verify_trail(
    *,
    home: Home = None,
    anchors: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=say("锚点文件夹，默认站点的", "Folder of anchors; the site's")),
    ] = None,
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli import site_keep

    raise typer.Exit(site_keep.verify_trail(home, anchors=anchors, as_json=as_json))


def _anchor(*, home: Home = None, as_json: AsJson = False, _lang: Language = None) -> None:
    from bangfu.cli import site_keep

    site_keep.anchor(home, as_json=as_json)


def _keys_rotate(
    *,
    home: Home = None,
    cipher: Annotated[str, typer.Option(metavar="CIPHER", help="AES-256-GCM, SM4-GCM")] = "",
    as_json: AsJson = False,
    _lang: Language = None,
) -> None:
    from bangfu.cli import site_keep

    site_keep.rotate(home, cipher=cipher, as_json=as_json)
