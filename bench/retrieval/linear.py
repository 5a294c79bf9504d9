"""A closed-form peer: linear vectors from pairs of texts that mean the same.

Words and pieces of words are weighted by TF-IDF on either side, and one truncated singular value
decomposition of both sides together gives the directions: latent semantic indexing across languages
(Landauer and Littman, 1990).
"""

import numpy as np
from scipy.sparse import hstack
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

DIMENSIONS = 256
SEED = 20261125


class Linear:
    """Learned from pairs of what is asked and what should be found."""

    def __init__(self, pairs: list[tuple[str, str]]):
        self.asked, self.found = features(), features()
        left = self.asked.fit_transform([asked for asked, _ in pairs])
        right = self.found.fit_transform([found for _, found in pairs])
        directions = TruncatedSVD(DIMENSIONS, random_state=SEED).fit(hstack([left, right])).components_.T
        self.of_asked, self.of_found = np.split(directions.astype(np.float32), [left.shape[1]])

    def embed(self, query: str) -> np.ndarray:
        return unit(self.asked.transform([query]) @ self.of_asked)[0]

    def embed_texts(self, texts: list[str]) -> np.ndarray:
        return unit(self.found.transform(texts) @ self.of_found)


def features() -> FeatureUnion:
    """Words, and the runs of four and five letters within them."""
    words = TfidfVectorizer(token_pattern=r"\w+", sublinear_tf=True, min_df=1, dtype=np.float32)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 5), sublinear_tf=True, min_df=2, dtype=np.float32)
    return FeatureUnion([("words", words), ("pieces", pieces)])


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
