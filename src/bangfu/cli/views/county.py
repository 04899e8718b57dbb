"""A synthetic county, and the template."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal, cast

from bangfu.cli.language import say
from bangfu.cli.output import BadInput, print_json, replacing, say_out, step, table
from bangfu.facts import TABLES, write_template
from bangfu.synthetic import generate as make
from bangfu.synthetic.county import EARLIEST
from bangfu.synthetic.writing import PLANTED_FOLDER

FORMATS = ("csv", "parquet", "xlsx")


def generate(folder: Path, *, loans: int, seed: int, as_of: date | None, form: str, as_json: bool) -> None:
    """Write the county and say what was planted.

    Raises:
        BadInput: An unknown format, too early a day, or a folder that already holds something.
    """
    if form not in FORMATS:
        raise BadInput(f"--format {form}: {', '.join(FORMATS)}")
    _make_room(folder)
    chosen = cast("Literal['csv', 'parquet', 'xlsx']", form)
    try:
        with step("生成演示县", "Making the county"):
            made = make(out=folder, loans=loans, seed=seed, as_of=as_of or EARLIEST, format=chosen)
    except ValueError as wrong:
        raise BadInput(str(wrong)) from None
    if as_json:
        document = {"folder": str(made.out), "facts": str(made.facts), "as_of": made.as_of.isoformat()}
        print_json({**document, "rows": dict(made.rows), "planted": dict(made.planted)})
        return
    say_out(
        say(
            f"合成县（演示用，非真实资料）：{made.facts}",
            f"A synthetic county (a demonstration, nothing real): {made.facts}",
        )
    )
    table(
        (say("表", "table"), say("行数", "rows")),
        [(name, f"{rows:,}") for name, rows in made.rows.items()],
        right=(1,),
    )
    count = sum(made.planted.values())
    say_out(
        say(f"埋入问题 {count} 处，{len(made.planted)} 类，见 {made.out / 'planted'}",
            f"{count} faults of {len(made.planted)} kinds planted, listed in {made.out / 'planted'}")
    )  # fmt: skip


def _make_room(folder: Path) -> None:
    """Only an empty folder, or an earlier demonstration, whose tables are removed, may be written to."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(say(f"{folder} 是文件，不是文件夹", f"{folder} is a file, not a folder"))
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / PLANTED_FOLDER / "DEMONSTRATION.txt").is_file():
        raise BadInput(
            say(f"{folder} 里有别的文件，不会覆盖", f"{folder} holds other files, which are not written over")
        )
    for name in (*(f"{known}{suffix}" for known in TABLES for suffix in (".csv", ".parquet")), "county.xlsx"):
        (folder / name).unlink(missing_ok=True)


def template(out: Path) -> None:
    """Write the workbook people fill in.

    Raises:
        BadInput: Another suffix.
    """
    if out.suffix.lower() != ".xlsx":
        raise BadInput(say(f"{out} 应以 .xlsx 结尾", f"{out} must end in .xlsx"))
    with replacing(out) as beside:
        write_template(beside)
    say_out(say(f"模板已写到 {out}", f"The template is in {out}"))
