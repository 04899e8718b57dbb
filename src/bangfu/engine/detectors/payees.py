"""Where the money went: loans handed to an enterprise, and payees that gather many households' loans.

A shop that sells to many is no gatherer: its customers spend a part of their loans there. So a payee counts only
where households pass on (nearly) the whole loan to it, and where at least half of those that pay it do so.
"""

from __future__ import annotations

import polars as pl
import rustworkx as rx

from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings
from bangfu.engine.identities import masked
from bangfu.engine.stacks import column_of

# Ours, not a document's: shown with every finding.
LEAST_SHARE_PERCENT = 80  # of the loan, to one payee
LEAST_HOUSEHOLDS = 3  # that pass on so much to it
LEAST_PART_OF_PAYERS = 2  # one in two of the households that pay it

VEHICLE = "government_vehicle"
ORGANISED = ("enterprise", "cooperative", VEHICLE)
# A single purchase of this kind may well take the whole loan.
BOUGHT_AT_ONCE = ("equipment", "protected_farming")
USE = "use.by_enterprise"
ORDERED = "HLJ2019-2.1c"
_PERCENT = 100


def passed_on(context: AuditContext) -> pl.DataFrame:
    """What each loan passed to each payee, with how the payee's payers behave; only what may be a finding.

    A payee is an account; an enterprise, cooperative or vehicle with several accounts under one name is one payee.

    Returns:
        loan_id, household_id, payee, to_name, to_kind, to_account, passed_fen, principal_fen, share_percent, whole,
        households_paying, households_passing_whole, gathers.
    """
    loans = context.states.select(
        "loan_id", "household_id", "purpose", "contract_on", "stack_no", "principal_fen", "disbursed_fen"
    ).filter(pl.col("disbursed_fen") > 0)
    kind = pl.col("to_kind").fill_null("unknown")
    named = kind.is_in(ORGANISED) & pl.col("to_name").is_not_null()
    payee = pl.when(named).then(pl.concat_str(pl.lit("name:"), "to_name")).otherwise("to_account")
    sums = (
        context.facts.transfers.with_columns(payee.alias("payee"), kind.alias("to_kind"))
        .drop_nulls("payee")
        .group_by("loan_id", "payee")
        .agg(
            pl.col("to_name").first(),
            pl.col("to_kind").first(),
            pl.col("to_account").first(),
            pl.col("amount_fen").sum().alias("passed_fen"),
        )
        .join(loans, on="loan_id")
        .with_columns((pl.col("passed_fen") * _PERCENT // pl.col("disbursed_fen")).alias("share_percent"))
        .with_columns((pl.col("share_percent") >= LEAST_SHARE_PERCENT).alias("whole"))
    )
    payers = sums.group_by("payee").agg(
        pl.col("household_id").n_unique().cast(pl.Int64).alias("households_paying"),
        pl.col("household_id").filter("whole").n_unique().cast(pl.Int64).alias("households_passing_whole"),
    )
    gathers = (pl.col("households_passing_whole") >= LEAST_HOUSEHOLDS) & (
        pl.col("households_passing_whole") * LEAST_PART_OF_PAYERS >= pl.col("households_paying")
    )
    suspect = sums.filter(pl.col("whole") | (pl.col("to_kind") == VEHICLE))
    return suspect.join(payers, on="payee").with_columns(
        gathers.alias("gathers"),
        pl.lit(LEAST_SHARE_PERCENT).cast(pl.Int64).alias("least_share_percent"),
        pl.lit(LEAST_HOUSEHOLDS).cast(pl.Int64).alias("least_households"),
    )


def used_by_enterprise(context: AuditContext) -> pl.DataFrame:
    """Findings: the loan went (nearly) whole to an enterprise or cooperative, or at all to a financing vehicle.

    A single whole payment is no finding where its purpose is a thing bought at once (a machine, a greenhouse) and the
    payee gathers no other loans. Before the day on which a document forbids it, the treatment is the ledger.
    """
    sums = context.remembered("passed_on", passed_on).filter(pl.col("to_kind").is_in(ORGANISED))
    bought = pl.col("purpose").is_in(BOUGHT_AT_ONCE) & ~pl.col("gathers")
    used = sums.filter((pl.col("to_kind") == VEHICLE) | (pl.col("whole") & ~bought.fill_null(False)))
    name = column_of(USE)
    told = context.with_standard(used, USE, on="contract_on").filter(
        pl.col(name).is_in(["forbidden", "ledger"])
    )
    most = told.sort("passed_fen", "payee", descending=[True, False]).unique(
        "loan_id", keep="first", maintain_order=True
    )
    return findings(
        most.with_columns(masked(pl.col("to_account")).alias("to_account"), pl.col(name).alias("treatment")),
        code="used_by_enterprise",
        table="loans",
        subject="loan_id",
        clauses=pl.concat_list(f"{name}__clause", pl.lit([ORDERED])).list.unique(maintain_order=True),
        facts=(
            "to_name",
            "to_kind",
            "to_account",
            "passed_fen",
            "share_percent",
            "households_paying",
            "households_passing_whole",
            "treatment",
            "least_share_percent",
        ),
        amount="passed_fen",
    )


def shared_payee_cluster(context: AuditContext) -> pl.DataFrame:
    """Findings: the loan is one of several households' that went whole to the same payee, or to payees they share.

    Households and payees are the nodes of a graph, a loan passed on whole is an edge; each connected component is a
    cluster, named by its first payee. One finding a loan.
    """
    edges = context.remembered("passed_on", passed_on).filter("whole", "gathers").sort("payee", "loan_id")
    if edges.is_empty():
        edges = edges.with_columns(cluster=pl.lit(None, pl.Int64))
    else:
        edges = edges.with_columns(_clusters(edges).alias("cluster"))
    sizes = edges.group_by("cluster").agg(
        pl.col("household_id").n_unique().cast(pl.Int64).alias("households"),
        pl.col("loan_id").n_unique().cast(pl.Int64).alias("loans"),
        pl.col("payee").n_unique().cast(pl.Int64).alias("payees"),
        pl.col("passed_fen").sum().alias("gathered_fen"),
        masked(pl.col("to_account").sort().first()).alias("first_account"),
    )
    told = context.with_terms(edges.join(sizes, on="cluster"), USE, on="contract_on")
    return findings(
        told,
        code="shared_payee_cluster",
        table="loans",
        subject="loan_id",
        clauses=pl.concat_list(
            pl.lit([ORDERED]), pl.col(f"{column_of(USE)}__clause").fill_null(pl.lit([], pl.List(pl.String)))
        ).list.unique(maintain_order=True),
        facts=(
            "cluster",
            "first_account",
            "to_name",
            "to_kind",
            "share_percent",
            "households",
            "loans",
            "payees",
            "gathered_fen",
            "least_share_percent",
            "least_households",
        ),
        amount="passed_fen",
    )


def _clusters(edges: pl.DataFrame) -> pl.Series:
    """The number of each edge's connected component, counted from 1 in the order of the edges."""
    nodes: dict[tuple[str, str], int] = {}
    graph: rx.PyGraph[tuple[str, str], None] = rx.PyGraph(multigraph=False)
    for household, payee in edges.select("household_id", "payee").rows():
        ends = [nodes.setdefault(key, len(nodes)) for key in (("household", household), ("payee", payee))]
        while graph.num_nodes() < len(nodes):
            graph.add_node(("", ""))
        graph.add_edge(ends[0], ends[1], None)
    part_of: dict[int, int] = {}
    for number, component in enumerate(sorted(rx.connected_components(graph), key=min), start=1):
        part_of.update(dict.fromkeys(component, number))
    return pl.Series([part_of[nodes["payee", payee]] for payee in edges["payee"]], dtype=pl.Int64)
