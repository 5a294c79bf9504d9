"""Peers that compare words: bm25s, SQLite's FTS5 and tantivy."""

import re
import sqlite3
from collections.abc import Iterable

import bm25s
import numpy as np
import Stemmer
import tantivy
from bm25s.stopwords import STOPWORDS_EN

WORD = re.compile(r"\w+")


class Bm25:
    """bm25s, Lucene's variant, with Snowball's English stemmer."""

    def __init__(self, texts: list[str], stop_words: Iterable[str] = STOPWORDS_EN):
        self.stop_words, self.stemmer, self.count = list(stop_words), Stemmer.Stemmer("english"), len(texts)
        self.index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        self.index.index(self.tokens(texts, return_ids=True), show_progress=False)

    def tokens(self, texts: list[str], *, return_ids: bool):
        return bm25s.tokenize(
            texts, stopwords=self.stop_words, stemmer=self.stemmer, return_ids=return_ids, show_progress=False
        )

    def scores(self, query: str) -> np.ndarray:
        """Of every text; 0 where no word is shared."""
        tokens = self.tokens([query], return_ids=False)[0]
        return self.index.get_scores(tokens) if tokens else np.zeros(self.count, dtype=np.float32)


class Fts5:
    """SQLite's full-text table with its porter stemmer; texts are rows of weighted columns."""

    def __init__(self, rows: list[tuple[str, ...]], weights: tuple[float, ...], stop_words: Iterable[str]):
        self.stop_words, self.weights = frozenset(stop_words), ", ".join(map(str, weights))
        names = ", ".join(f"column{number}" for number in range(len(weights)))
        self.database = sqlite3.connect(":memory:")
        self.database.execute(f"CREATE VIRTUAL TABLE passage USING fts5({names}, tokenize = 'porter')")
        places = ", ".join("?" * (len(weights) + 1))
        self.database.executemany(
            f"INSERT INTO passage(rowid, {names}) VALUES ({places})",
            ((number, *row) for number, row in enumerate(rows)),
        )

    def search(self, query: str, depth: int) -> list[int]:
        terms = " OR ".join(f'"{word}"' for word in query_words(query, self.stop_words)) or '""'
        found = self.database.execute(
            f"SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY bm25(passage, {self.weights}) LIMIT ?",
            (terms, depth),
        )
        return [number for (number,) in found]


class Tantivy:
    """tantivy through its Python binding, one field, its English stemmer."""

    def __init__(self, texts: list[str], stop_words: Iterable[str]):
        self.stop_words = frozenset(stop_words)
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("text", tokenizer_name="en_stem")
        schema.add_integer_field("number", stored=True)
        self.index = tantivy.Index(schema.build())
        writer = self.index.writer(num_threads=1)
        for number, text in enumerate(texts):
            writer.add_document(tantivy.Document(text=text, number=number))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()

    def search(self, query: str, depth: int) -> list[int]:
        terms = " ".join(f'"{word}"' for word in query_words(query, self.stop_words))
        parsed = self.index.parse_query(terms, ["text"])
        hits = self.searcher.search(parsed, depth, count=False).hits
        return [self.searcher.doc(address)["number"][0] for _, address in hits]


def query_words(query: str, stop_words: frozenset[str]) -> list[str]:
    """Each word once, in lower case. Nothing that a person types is read as query syntax."""
    return [word for word in dict.fromkeys(WORD.findall(query.lower())) if word not in stop_words]
