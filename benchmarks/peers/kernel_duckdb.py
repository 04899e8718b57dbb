"""The same kernel on DuckDB."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import duckdb
import narwhals as nw
from benchmarks import job

from bangfu.engine.batch import DETERMINED, NEVER, Book, Frame, lines


def run(folder: Path, out: Path) -> None:
    """The quarter; a frame read several times becomes a temporary table."""
    base = duckdb.connect()
    base.execute("set threads = 2; set memory_limit = '4GB'")
    number = count()

    def settle(frame: Frame) -> Frame:
        name = f"settled_{next(number)}"
        frame.to_native().create(name)
        return nw.from_native(base.table(name))

    loans = base.sql(f"""
        select *, contract_on as disbursed_on, {NEVER}::bigint as subsidised_until, null::bigint as replaces_id,
               false as has_spans
        from '{job.loans_of(folder)}'""")
    moves = base.sql(f"select * from '{job.moves_of(folder)}'")
    base.register("terms", job.segments().to_arrow())
    segments = base.sql(f"select *, {DETERMINED}::bigint as segment_state from terms")
    frames = (nw.from_native(frame) for frame in (loans, moves, segments))
    book = Book(*frames, payers=job.PAYERS, settle=settle)
    found = lines(book, start=job.START, end=job.END).select(*job.LINE).to_native()
    found.write_parquet(str(job.lines_file(out)), compression="zstd")
    base.execute(f"""
        copy (select area_code // {job.TOWNSHIP} as township, count(*) as loans,
                     {", ".join(f"sum({name})::bigint as {name}" for name in job.AMOUNTS)}
              from '{job.lines_file(out)}' group by all)
        to '{job.townships_file(out)}' (format parquet)""")
    base.close()
