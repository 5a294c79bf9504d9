"""How good a ranking is, and how sure a mean or a difference is.

The measures are those of trec_eval: a grade is the gain itself, discounted by the logarithm of the
rank. A page's rank is its place among the pages found, in the order of their first passages.
"""

import json
import math
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

METRICS = ("ndcg@10", "recall@5", "recall@10", "mrr@10", "page_recall@1")
DRAWS = 2000


@dataclass(frozen=True)
class Query:
    """What is asked, and what should be found."""

    id: str
    text: str
    grades: dict[str, float]
    pages: frozenset[str]
    # Queries about one page are not independent: intervals draw them together.
    cluster: str


def read_queries(queries: Path, qrels: Path, page_of: dict[str, str]) -> list[Query]:
    """The queries of a dataset; a relevant page is the one a query names, else its passages' pages."""
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    for line in qrels.read_text().splitlines()[1:]:
        query, passage, grade = line.split("\t")
        if float(grade) > 0:
            judged[query][passage] = float(grade)
    asked = []
    for row in map(json.loads, queries.open()):
        grades, url = judged[row["_id"]], row.get("metadata", {}).get("url")
        pages = frozenset([url] if url else (page_of.get(passage, passage) for passage in grades))
        asked.append(Query(row["_id"], row["text"], grades, pages, url or row["_id"]))
    return asked


def scores(query: Query, passages: list[str], pages: list[str]) -> dict[str, float]:
    """The metrics of one ranking, best first. One is absent where nothing could be found."""
    found: dict[str, float] = {}
    if query.grades:
        gains = [query.grades.get(passage, 0.0) for passage in passages]
        found["ndcg@10"] = discounted(gains) / discounted(sorted(query.grades.values(), reverse=True))
        found["recall@5"] = sum(gain > 0 for gain in gains[:5]) / len(query.grades)
        found["recall@10"] = sum(gain > 0 for gain in gains[:10]) / len(query.grades)
        found["mrr@10"] = next((1 / place for place, gain in enumerate(gains[:10], 1) if gain > 0), 0.0)
    if query.pages:
        found["page_recall@1"] = len(query.pages.intersection(pages[:1])) / len(query.pages)
    return found


def discounted(gains: list[float]) -> float:
    """Järvelin and Kekäläinen (2002), of the first ten."""
    return sum(gain / math.log2(place) for place, gain in enumerate(gains[:10], 2))


def mean(values: dict[str, float]) -> float:
    """Of the queries that have a value."""
    return sum(values.values()) / len(values)


def interval(values: dict[str, float], clusters: dict[str, str]) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean, whole clusters drawn; both arguments are by query."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
    for query, value in values.items():
        together = sums[clusters[query]]
        together[0] += value
        together[1] += 1
    groups, draw = list(sums.values()), random.Random(20261125)
    means = []
    for _ in range(DRAWS):
        drawn = draw.choices(groups, k=len(groups))
        means.append(sum(total for total, _ in drawn) / sum(count for _, count in drawn))
    means.sort()
    return means[round(0.025 * (DRAWS - 1))], means[round(0.975 * (DRAWS - 1))]
