"""A sealed bundle judged offline: every hash, every run computed again, every difference named."""

from __future__ import annotations

from pathlib import Path

from bangfu.cli.language import say
from bangfu.cli.output import DONE, FOUND, BadInput, print_json, say_out, step, tell
from bangfu.engine.bundle import Fault, NoBundle, opened
from bangfu.engine.recomputed import recomputed
from bangfu.money.fen import format_yuan


def run(file: Path, *, manifest_hash: str, as_json: bool) -> int:
    """Read, compare, compute again; the exit code.

    Raises:
        BadInput: It is no bundle.
        OSError: The file cannot be read.
    """
    with step("核对档案包", "Verifying the bundle"):
        try:
            bundle = opened(file.read_bytes(), manifest_hash=manifest_hash)
        except NoBundle as error:
            raise BadInput(
                say(f"{file} 不是档案包：{error}", f"{file} is no sealed bundle: {error}")
            ) from None
        made = recomputed(bundle)
    faults = (*bundle.faults, *made.faults)
    if as_json:
        print_json(
            {
                "file": str(file), "manifest_hash": bundle.manifest_hash, "files": len(bundle.files),
                "lists": dict(made.lists), "lines": made.lines, "payable_fen": made.payable_fen,
                "head": dict(bundle.head), "faults": [_told(one) for one in faults],
            }
        )  # fmt: skip
        return FOUND if faults else DONE
    for one in faults:
        detail = f"：{one.detail}" if one.detail else ""
        say_out(
            say(f"{one.where}：{one.zh}{detail} [{one.code}]", f"{one.where}: {one.en}{detail} [{one.code}]")
        )
    if faults:
        tell(
            say(f"档案包有 {len(faults)} 处不符：请向封存单位索取原件并核对接收单",
                f"{len(faults)} difference(s): ask the office that sealed it for the original, and compare the slip")
        )  # fmt: skip
        return FOUND
    files, lists, lines = len(bundle.files), len(made.lists), f"{made.lines:,}"
    yuan = format_yuan(made.payable_fen, grouped=True)
    say_out(
        say(f"档案包完好：{files} 个文件，{lists} 份清册 {lines} 笔重新计算一致，发放 {yuan} 元",
            f"The bundle is whole: {files} files; {lists} lists with {lines} lines computed again alike, {yuan} yuan"),
        say(f"目录校验值 {bundle.manifest_hash}：请与接收单核对",
            f"Manifest hash {bundle.manifest_hash}: compare it with the slip"),
    )  # fmt: skip
    return DONE


def _told(fault: Fault) -> dict[str, str]:
    return {"code": fault.code, "where": fault.where, "detail": fault.detail, "zh": fault.zh, "en": fault.en}
