"""The peers: what each is made of, and how it ranks."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from bm25s.stopwords import STOPWORDS_EN, STOPWORDS_EN_PLUS

from corpus import Corpus, standard
from linear import Linear
from vectors import MiniLm, Nearest, WordLlama, embedded
from words import Bm25, Fts5, Tantivy

Search = Callable[[str, int], list[int]]

# Of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009), and how deep each list is read.
RRF_K, RRF_DEPTH = 60, 100


class Parts:
    """The indexes that peers are made of. Each is built once, and the seconds of it remembered."""

    def __init__(self, corpus: Corpus, work: Path):
        self.corpus, self.kept = corpus, work / "vectors"
        self.built: dict[str, object] = {}
        self.seconds: dict[str, float] = {}

    def get(self, name: str):
        if name not in self.built:
            began = time.process_time()
            self.built[name], elsewhere = self.build(name)
            self.seconds[name] = time.process_time() - began if elsewhere is None else elsewhere
        return self.built[name]

    def build(self, name: str) -> tuple[object, float | None]:
        """A part, and the seconds of it where they must not be taken from the clock."""
        rows = self.corpus.rows
        full = [row.full for row in rows]
        match name:
            case "bm25":
                return Bm25(full), None
            case "bm25 long":
                return Bm25(full, STOPWORDS_EN_PLUS), None
            case "bm25 titles":
                return Bm25([f"{row.title}. {row.heading}" for row in rows]), None
            case "bm25 pages":
                return Bm25([" ".join(full[at] for at in places) for places in self.corpus.pages.values()]), None
            case "fts5":
                return Fts5([(text,) for text in full], (1.0,), STOPWORDS_EN), None
            case "fts5 columns" | "fts5 columns long":
                stop_words = STOPWORDS_EN_PLUS if name.endswith("long") else STOPWORDS_EN
                columns = [(row.title, row.heading, row.body) for row in rows]
                return Fts5(columns, (4.0, 2.0, 1.0), stop_words), None
            case "tantivy":
                return Tantivy(full, STOPWORDS_EN), None
            case "wordllama" | "minilm":
                embedder = {"wordllama": WordLlama, "minilm": MiniLm}[name]()
                vectors, seconds = embedded(embedder, full, self.kept)
                return Nearest(embedder, vectors), seconds
            case "linear":
                # Learning is no part of indexing.
                learned = Linear(self.corpus.dataset.pairs)
                began = time.process_time()
                return Nearest(learned, learned.embed_texts(full)), time.process_time() - began
        raise KeyError(name)


@dataclass(frozen=True)
class Peer:
    """A named way to rank, and the parts that it needs."""

    title: str
    parts: tuple[str, ...]
    rank: Callable[..., list[int]]
    # What a dataset must have.
    needs: tuple[str, ...] = ()

    def search(self, parts: Parts) -> Search:
        """Builds what is not there yet."""
        return partial(self.rank, parts.corpus, *map(parts.get, self.parts))

    def seconds(self, parts: Parts) -> float:
        """From the corpus on disk to an index that answers."""
        return parts.corpus.seconds + sum(parts.seconds[part] for part in self.parts)


def engine(corpus: Corpus, index: Fts5 | Tantivy, query: str, depth: int) -> list[int]:
    """As the engine itself ranks."""
    return index.search(query, depth)


def scored(corpus: Corpus, index: Bm25 | Nearest, query: str, depth: int) -> list[int]:
    """By score."""
    return best(index.scores(query), depth)


def reciprocal_ranks(corpus: Corpus, words: Bm25, vectors: Nearest, query: str, depth: int) -> list[int]:
    """By the sum of the reciprocal ranks; of two that are equal, first the one that words found."""
    total: dict[int, float] = {}
    for index in (words, vectors):
        for rank, number in enumerate(best(index.scores(query), RRF_DEPTH), 1):
            total[number] = total.get(number, 0.0) + 1 / (RRF_K + rank)
    return sorted(total, key=total.get, reverse=True)[:depth]


def standard_scores(
    corpus: Corpus, words: Bm25, titles: Bm25, pages: Bm25, vectors: Nearest, query: str, depth: int
) -> list[int]:
    """By a weighted sum of standardised scores, of the passage and of its page."""
    cosine = vectors.scores(query)
    nearest = np.full(len(corpus.pages), -1.0)
    np.maximum.at(nearest, corpus.page_numbers, cosine)
    total = 0.7 * standard(words.scores(query)) + 0.3 * standard(titles.scores(query)) + standard(cosine)
    total += 0.7 * standard(pages.scores(query)[corpus.page_numbers])
    total += 0.7 * standard(nearest[corpus.page_numbers])
    return best(total, depth, least=-np.inf)


def with_views(corpus: Corpus, words: Bm25, query: str, depth: int) -> list[int]:
    """By the standardised score, and half that of how often the page was read."""
    return best(standard(words.scores(query)) + 0.5 * corpus.views, depth, least=-np.inf)


def with_linear(corpus: Corpus, words: Bm25, vectors: Nearest, query: str, depth: int) -> list[int]:
    """By seven parts of words and three of vectors."""
    return best(words_and_vectors(words, vectors, query), depth, least=-np.inf)


def with_linear_and_views(corpus: Corpus, words: Bm25, vectors: Nearest, query: str, depth: int) -> list[int]:
    """The same, with how often the page was read."""
    return best(words_and_vectors(words, vectors, query) + 0.5 * corpus.views, depth, least=-np.inf)


def words_and_vectors(words: Bm25, vectors: Nearest, query: str) -> np.ndarray:
    return 0.7 * standard(words.scores(query)) + 0.3 * standard(vectors.scores(query))


def best(scores: np.ndarray, depth: int, least: float = 0.0) -> list[int]:
    """The places of the highest scores above `least`, the earlier of two that are equal first."""
    first = np.argpartition(-scores, depth)[:depth] if depth < len(scores) else np.arange(len(scores))
    first = first[scores[first] > least]
    return first[np.lexsort((first, -scores[first]))].tolist()


FLOOR = ("bm25", "bm25 titles", "bm25 pages")

PEERS = {
    "bm25s": Peer("bm25s, Snowball", ("bm25",), scored),
    "bm25s-long": Peer("bm25s, Snowball, 179 stop words", ("bm25 long",), scored),
    "fts5": Peer("SQLite FTS5", ("fts5",), engine),
    "fts5-columns": Peer("SQLite FTS5, weighted columns", ("fts5 columns",), engine),
    "fts5-columns-long": Peer("SQLite FTS5, weighted columns, 179 stop words", ("fts5 columns long",), engine),
    "tantivy": Peer("tantivy", ("tantivy",), engine),
    "bm25s-views": Peer("bm25s and page views", ("bm25",), with_views, ("views",)),
    "wordllama": Peer("WordLlama", ("wordllama",), scored),
    "linear": Peer("linear vectors", ("linear",), scored, ("pairs",)),
    "minilm": Peer("MiniLM", ("minilm",), scored),
    "rrf-wordllama": Peer("RRF of bm25s and WordLlama", ("bm25", "wordllama"), reciprocal_ranks),
    "rrf-minilm": Peer("RRF of bm25s and MiniLM", ("bm25", "minilm"), reciprocal_ranks),
    "sum-wordllama": Peer("z-scores with pages, WordLlama", (*FLOOR, "wordllama"), standard_scores),
    "sum-minilm": Peer("z-scores with pages, MiniLM", (*FLOOR, "minilm"), standard_scores),
    "sum-linear": Peer("z-scores of bm25s and linear vectors", ("bm25", "linear"), with_linear, ("pairs",)),
    "sum-linear-views": Peer(
        "z-scores of bm25s and linear vectors, page views",
        ("bm25", "linear"),
        with_linear_and_views,
        ("pairs", "views"),
    ),
}
