"""A corpus as the peers are given it."""

import csv
import json
import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datasets import SITE, Dataset


@dataclass(frozen=True)
class Row:
    """A passage."""

    id: str
    page: str
    title: str
    heading: str
    body: str
    full: str


class Corpus:
    """The passages of a dataset, in the order of its file, and the seconds that reading them took."""

    def __init__(self, dataset: Dataset):
        began = time.process_time()
        with (dataset.folder / "corpus.jsonl").open() as file:
            self.rows = [row(json.loads(line), dataset.text_has_title) for line in file]
        self.seconds = time.process_time() - began
        self.dataset = dataset
        self.page_of = {row.id: row.page for row in self.rows}

    @cached_property
    def pages(self) -> dict[str, list[int]]:
        """The places of each page's passages."""
        pages: dict[str, list[int]] = {}
        for place, row in enumerate(self.rows):
            pages.setdefault(row.page, []).append(place)
        return pages

    @cached_property
    def page_numbers(self) -> np.ndarray:
        """For each passage the number of its page, in the order of `pages`."""
        numbers = {page: number for number, page in enumerate(self.pages)}
        return np.array([numbers[row.page] for row in self.rows])

    @cached_property
    def views(self) -> np.ndarray:
        """The standardised logarithm of how often each passage's page was read."""
        with self.dataset.views.open() as file:
            read = {SITE + line["path"]: int(line["views"]) for line in csv.DictReader(file)}
        return standard(np.log1p([read.get(row.page, 0) for row in self.rows]))


def row(fields: dict, text_has_title: bool) -> Row:
    title, text, metadata = fields["title"], fields["text"], fields.get("metadata", {})
    heading = metadata.get("heading", "")
    body = text.removeprefix(f"{heading}. ") if heading else text
    full = text if text_has_title else f"{title}. {text}"
    return Row(fields["_id"], metadata.get("url") or fields["_id"], title, heading, body, full)


def standard(scores: np.ndarray) -> np.ndarray:
    """With mean 0 and deviation 1, over all passages."""
    return (scores - scores.mean()) / max(float(scores.std()), 1e-9)
