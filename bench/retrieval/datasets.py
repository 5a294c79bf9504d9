"""The collections that systems are compared on, as BEIR folders."""

import csv
import json
import os
import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

SITE = "https://www.gov.uk"
# A shorter block of evidence stands in passages that have nothing to do with it.
SHORTEST_EVIDENCE = 12
# Lists of queries that GOV.UK's search is judged by.
LISTS = ("abbreviations", "natural-language", "misspellings-and-miscorrections", "forms-and-id-numbers", "top200", "sa")


@dataclass(frozen=True)
class Dataset:
    """Queries over a corpus, and what is relevant to them."""

    name: str
    folder: Path
    queries: Path
    qrels: Path
    # Where the title stands in the text already, adding it would count its words twice.
    text_has_title: bool = False
    synonyms: Path | None = None
    views: Path | None = None
    # Of what is asked and what should be found, to learn from; none that is measured.
    pairs: tuple[tuple[str, str], ...] = ()


def all_of(data: Path, work: Path, held_back: list[str]) -> list[Dataset]:
    """Every dataset; those that the data lacks in BEIR format are made in the work folder."""
    return [
        *conditionalqa(data / "conditionalqa"),
        *more_of_conditionalqa(data / "conditionalqa", work),
        cranfield(data / "cranfield"),
        *govuk_search(data / "govuk-search", work / "govuk-search"),
        *welsh(data / "welsh/pairs.jsonl", work, held_back),
    ]


def conditionalqa(folder: Path) -> list[Dataset]:
    """One corpus, asked with the question alone, and with the asker's scenario before it."""
    return [
        Dataset(f"conditionalqa-{kind}", folder, folder / f"queries-{kind}.jsonl", folder / "qrels/open.tsv")
        for kind in ("question", "scenario")
    ]


def more_of_conditionalqa(folder: Path, work: Path) -> list[Dataset]:
    """The questions that the collection offers for training, which nothing is trained on here: there are
    enough of them to tell small differences from chance. Of most of their pages the corpus has only
    sections that hold evidence for some question, so that figures are for comparing and nothing else."""
    passages = defaultdict(list)
    for row in map(json.loads, (folder / "corpus.jsonl").open()):
        passages[row["metadata"].get("url")].append((row["_id"], plain(row["text"])))
    questions, judged = [], ["query-id\tcorpus-id\tscore"]
    for row in map(json.loads, (folder / "questions-train.jsonl").open()):
        evidence = [text for text in map(plain, row["evidences"]) if len(text) >= SHORTEST_EVIDENCE]
        held = [id for id, text in passages[row["url"]] if any(part in text for part in evidence)]
        if held:
            questions.append(row)
            judged.extend(f"{row['id']}\t{id}\t1" for id in held)
    work.mkdir(parents=True, exist_ok=True)
    qrels = work / "conditionalqa-more.tsv"
    put(qrels, judged)
    datasets = []
    for kind, parts in (("question", ("question",)), ("scenario", ("scenario", "question"))):
        name = f"conditionalqa-more-{kind}"
        queries = [
            {"_id": row["id"], "text": " ".join(row[part] for part in parts), "metadata": {"url": row["url"]}}
            for row in questions
        ]
        put(work / f"{name}.jsonl", [json.dumps(query, ensure_ascii=False) for query in queries])
        datasets.append(Dataset(name, folder, work / f"{name}.jsonl", qrels))
    return datasets


def plain(text: str) -> str:
    """The words of a block of HTML or of a passage, as they can be compared."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).replace("’", "'").split()).lower()


def cranfield(folder: Path) -> Dataset:
    """The classic collection of abstracts."""
    queries, qrels = folder / "queries.jsonl", folder / "qrels/test.tsv"
    return Dataset("cranfield", folder, queries, qrels, text_has_title=True)


def govuk_search(source: Path, folder: Path) -> list[Dataset]:
    """Queries that people typed on GOV.UK, over the words of the paths they could choose: those of the clicks
    that nothing was learned from, and other lists; of each list, those that training never saw apart."""
    paths = [path for path in (source / "paths.txt").read_text().splitlines() if path]
    corpus = [
        {"_id": path, "title": last_words(path), "text": words(path), "metadata": {"url": SITE + path}}
        for path in paths
    ]
    clicks = list(csv.DictReader((source / "clickstream-dev.csv").open()))
    names = {text: f"q{number}" for number, text in enumerate(dict.fromkeys(row["query"] for row in clicks))}
    grades = {(names[row["query"]], row["link"]): int(row["score"]) for row in clicks}
    write(folder, corpus, names, grades)
    # Clicks on the queries that are measured must not tell which pages are read.
    learned = list(csv.DictReader((source / "clickstream-train.csv").open()))
    views = Counter(row["link"] for row in learned)
    put(folder / "views.csv", ["path,views", *(f"{path},{count}" for path, count in sorted(views.items()))])
    clicked = Dataset(
        "govuk-search",
        folder,
        folder / "queries.jsonl",
        folder / "qrels.tsv",
        text_has_title=True,
        synonyms=source / "synonyms.yml",
        views=folder / "views.csv",
        pairs=tuple((row["query"], words(row["link"])) for row in learned),
    )
    seen = {row["query"] for row in learned}
    lists = [listed(clicked, source / f"{name}.csv", set(paths), seen) for name in LISTS]
    return [clicked, *(dataset for both in lists for dataset in both)]


def listed(clicked: Dataset, file: Path, paths: set[str], seen: set[str]) -> list[Dataset]:
    """A list of queries with the page that each should find: all of it, and what was not learned from."""
    rows = [row for row in csv.DictReader(file.open()) if row["link"] in paths]
    both = []
    for name, kept in ((file.stem, rows), (f"{file.stem}-unseen", [row for row in rows if row["query"] not in seen])):
        texts = dict.fromkeys(row["query"] for row in kept)
        names = {text: f"{file.stem}-{number}" for number, text in enumerate(texts)}
        queries, qrels = clicked.folder / f"{name}.jsonl", clicked.folder / f"{name}.tsv"
        grades = {(names[row["query"]], row["link"]): int(row.get("score") or 1) for row in kept}
        put_queries(queries, qrels, names, grades)
        both.append(replace(clicked, name=f"govuk-search-{name}", queries=queries, qrels=qrels))
    return both


def words(path: str) -> str:
    """The words of a path."""
    return " ".join(re.split(r"[/\-_.]+", path.strip("/"))) or "home"


def last_words(path: str) -> str:
    """The words of the last part of a path."""
    return words(path.strip("/").rpartition("/")[2])


def welsh(pairs: Path, work: Path, held_back: list[str]) -> list[Dataset]:
    """The texts of services that nothing was learned from: each asked for in the other language."""
    rows = [json.loads(line) for line in pairs.open()]
    unknown = set(held_back) - {row["repo"] for row in rows}
    if unknown:
        raise SystemExit(f"{pairs} has no such services: {', '.join(sorted(unknown))}")
    found = [(row["en"], row["cy"]) for row in rows if row["repo"] in held_back]
    learned = [(row["en"], row["cy"]) for row in rows if row["repo"] not in held_back]
    if not found:
        return []
    return [
        translations("welsh-to-english", work, turned(found), turned(learned)),
        translations("english-to-welsh", work, found, learned),
    ]


def turned(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """With the languages changed about."""
    return [(welsh, english) for english, welsh in pairs]


def translations(name: str, work: Path, found: list[tuple[str, str]], learned: list[tuple[str, str]]) -> Dataset:
    """For each first text, the second texts that stand beside it."""
    texts = {text: f"t{number}" for number, text in enumerate(dict.fromkeys(right for _, right in found))}
    names = {text: f"q{number}" for number, text in enumerate(dict.fromkeys(left for left, _ in found))}
    # A page must have a title; another text than its own would be noise.
    corpus = [{"_id": id, "title": text, "text": text, "metadata": {}} for text, id in texts.items()]
    folder = work / name
    write(folder, corpus, names, {(names[left], texts[right]): 1 for left, right in found})
    queries, qrels = folder / "queries.jsonl", folder / "qrels.tsv"
    return Dataset(name, folder, queries, qrels, text_has_title=True, pairs=tuple(dict.fromkeys(learned)))


def held_back_services(provenance: Path) -> list[str]:
    """The services that the embedder's provenance file says were measured once, at the end."""
    if not provenance.exists():
        return []
    return tomllib.loads(provenance.read_text())["held_back"]["last"]


def write(folder: Path, corpus: list[dict], names: dict[str, str], grades: dict[tuple[str, str], int]) -> None:
    """Writes a BEIR folder; `names` are those of the queries, by their text."""
    folder.mkdir(parents=True, exist_ok=True)
    put(folder / "corpus.jsonl", [json.dumps(row, ensure_ascii=False) for row in corpus])
    put_queries(folder / "queries.jsonl", folder / "qrels.tsv", names, grades)


def put_queries(
    queries: Path, qrels: Path, names: dict[str, str], grades: dict[tuple[str, str], int]
) -> None:
    """Writes queries, and what is relevant to them."""
    rows = [{"_id": id, "text": text} for text, id in names.items()]
    put(queries, [json.dumps(row, ensure_ascii=False) for row in rows])
    judged = [f"{query}\t{id}\t{grade}" for (query, id), grade in grades.items()]
    put(qrels, ["query-id\tcorpus-id\tscore", *judged])


def put(file: Path, lines: list[str]) -> None:
    """Writes a file in one step, for another run may be reading it."""
    new = file.with_name(f"{file.name}.{os.getpid()}")
    new.write_text("\n".join(lines) + "\n")
    new.replace(file)
