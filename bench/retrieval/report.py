"""What was measured, as Markdown for people and as JSON for programs."""

from dataclasses import asdict, dataclass

import measure

HEADINGS = (
    *("System", "nDCG@10", "95 %", "recall@5", "recall@10", "MRR@10", "page recall@1"),
    *("Candour's lead, 95 %", "ms/query", "passages/s"),
)


@dataclass(frozen=True)
class Result:
    """One system on one dataset; the metrics are by query."""

    system: str
    title: str
    metrics: dict[str, dict[str, float]]
    milliseconds_per_query: float
    passages_per_second: float
    # Whether it knew how often each page is read.
    knew_views: bool

    def values(self, metric: str) -> dict[str, float]:
        return {query: found[metric] for query, found in self.metrics.items() if metric in found}


def markdown(results: list[Result], clusters: dict[str, str]) -> str:
    """A table, in which Candour is compared with each of the others query by query."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---" + "|--:" * (len(HEADINGS) - 1) + "|"]
    # Candour is compared with a system that was told as much.
    ours = {result.knew_views: result for result in results if result.system in ("candour", "candour-hints")}
    for result in results:
        ndcg, *others = (f"{measure.mean(result.values(metric)):.3f}" for metric in measure.METRICS)
        low, high = measure.interval(result.values("ndcg@10"), clusters)
        against = lead(ours.get(result.knew_views, result), result, clusters)
        costs = f"{result.milliseconds_per_query:.2f}", f"{result.passages_per_second:,.0f}"
        lines.append("| " + " | ".join((result.title, ndcg, f"{low:.3f}–{high:.3f}", *others, against, *costs)) + " |")
    return "\n".join(lines)


def lead(ours: Result, theirs: Result, clusters: dict[str, str]) -> str:
    """The mean difference in nDCG@10 and its interval; a star where that leaves out zero."""
    if ours is theirs:
        return ""
    other = theirs.values("ndcg@10")
    differences = {query: value - other[query] for query, value in ours.values("ndcg@10").items()}
    low, high = measure.interval(differences, clusters)
    star = "*" if low > 0 or high < 0 else ""
    return f"{measure.mean(differences):+.3f} ({low:+.3f} to {high:+.3f}){star}"


def as_json(result: Result, clusters: dict[str, str]) -> dict:
    """The means with their intervals, and the rest as it is."""
    means = {}
    for metric in measure.METRICS:
        low, high = measure.interval(result.values(metric), clusters)
        means[metric] = {"value": measure.mean(result.values(metric)), "low": low, "high": high}
    return {**asdict(result), "metrics": means}
