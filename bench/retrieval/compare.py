"""Asks the peers and Candour the same queries, and prints a table for each dataset."""

import argparse
import hashlib
import json
import statistics
import sys
import time
from pathlib import Path

import datasets
import measure
import report
from candour import CONFIGURATIONS, Candour, Configuration
from corpus import Corpus
from datasets import Dataset
from measure import Query
from peers import PEERS, Parts, Peer
from report import Result

ROOT = Path(__file__).resolve().parents[2]
PROVENANCE = ROOT / "crates/candour-content/src/index/embed/bilingual.toml"
DEPTH = 100


def main() -> None:
    arguments = parsed()
    work = arguments.work
    held_back = arguments.held_back or datasets.held_back_services(PROVENANCE)
    if not held_back:
        print(f"without Welsh: {PROVENANCE} is not there, and no --held-back names a service", file=sys.stderr)
    every = datasets.all_of(arguments.data, work, held_back)
    chosen = [dataset for dataset in every if arguments.only in dataset.name]
    if not chosen:
        names = ", ".join(dataset.name for dataset in every)
        raise SystemExit(f"no dataset has {arguments.only} in its name: choose from {names}")
    program = hashlib.sha256(arguments.program.read_bytes()).hexdigest()
    # What one program built is nothing to another.
    candour = Candour(arguments.program, work / "candour" / program[:12])
    measured, parts = {}, None
    for dataset in chosen:
        if parts is None or parts.corpus.dataset.folder != dataset.folder:
            parts = Parts(Corpus(dataset), work)
        measured[dataset.name] = compare(dataset, parts, candour, arguments.system)
    results = {"program_sha256": program, "depth": DEPTH, "datasets": measured}
    (work / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nThe same as JSON: {work / 'results.json'}")


def parsed() -> argparse.Namespace:
    systems = [*PEERS, *CONFIGURATIONS]
    parser = argparse.ArgumentParser(prog="bench/retrieval/run", description=__doc__)
    parser.add_argument("--program", type=Path, default=ROOT / "target/release/candour", help="the candour to measure")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="where the collections are")
    parser.add_argument("--only", default="", metavar="NAME", help="datasets with this in their name")
    parser.add_argument("--system", action="append", choices=systems, help="only this system; may be repeated")
    parser.add_argument(
        "--held-back",
        action="append",
        metavar="SERVICE",
        help="a service of welsh/pairs.jsonl to measure on, where the embedder's provenance file is not there",
    )
    parser.add_argument("--work", type=Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.data = arguments.data.resolve()
    if not arguments.program.is_file():
        parser.error(f"{arguments.program} is not there: run `cargo build --release`, or name it with --program")
    if not arguments.data.is_dir():
        parser.error(f"{arguments.data} is not there: name the folder of the collections with --data")
    return arguments


def compare(dataset: Dataset, parts: Parts, candour: Candour, systems: list[str] | None) -> list[dict]:
    """Measures every system on a dataset, and prints the table."""
    queries = measure.read_queries(dataset.queries, dataset.qrels, parts.corpus.page_of)
    clusters = {query.id: query.cluster for query in queries}
    results = []
    for name, system in {**PEERS, **CONFIGURATIONS}.items():
        if (systems and name not in systems) or not all(getattr(dataset, need) for need in system.needs):
            continue
        print(f"{dataset.name}: {system.title}", file=sys.stderr)
        if isinstance(system, Peer):
            results.append(of_peer(name, system, parts, queries))
        else:
            results.append(of_candour(name, system, candour, dataset, queries))
    print(f"\n### {dataset.name}: {len(queries):,} queries, {len(parts.corpus.rows):,} passages\n")
    print(report.markdown(results, clusters), flush=True)
    return [report.as_json(result, clusters) for result in results]


def of_peer(name: str, peer: Peer, parts: Parts, queries: list[Query]) -> Result:
    """Asks a peer, by the processor's clock."""
    search, rows = peer.search(parts), parts.corpus.rows
    search(queries[0].text, DEPTH)
    metrics, times = {}, []
    for query in queries:
        began = time.process_time()
        found = search(query.text, DEPTH)
        times.append((time.process_time() - began) * 1000)
        metrics[query.id] = measure.scores(query, [rows[at].id for at in found], [rows[at].page for at in found])
    rate = len(rows) / peer.seconds(parts)
    return Result(name, peer.title, metrics, statistics.median(times), rate, "views" in peer.needs)


def of_candour(
    name: str, configuration: Configuration, candour: Candour, dataset: Dataset, queries: list[Query]
) -> Result:
    """Asks Candour, and measures what it found by the same code as the peers."""
    seconds = candour.index_seconds(dataset, configuration.embedder)
    found, own = candour.search(dataset, configuration, DEPTH)
    metrics = {}
    for query in queries:
        hits = found[query.id]
        metrics[query.id] = measure.scores(query, [passage for passage, _ in hits], [page for _, page in hits])
    milliseconds = own["ms_per_query"]["median"]
    rate, knew_views = own["passages"] / seconds, "views" in configuration.needs
    result = Result(name, configuration.title, metrics, milliseconds, rate, knew_views)
    for metric in measure.METRICS:
        if abs(measure.mean(result.values(metric)) - own[metric]["value"]) > 1e-6:
            raise SystemExit(f"{dataset.name}: Candour's own {metric} differs from the one measured here")
    return result


if __name__ == "__main__":
    main()
