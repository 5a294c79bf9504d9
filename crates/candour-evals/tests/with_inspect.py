"""Reads logs with Inspect, or makes some, for the test beside it.

`with_inspect.py read FOLDER` reads every log of a folder in each way that Inspect has, and prints what it found:
{file: {status, header, listed, summaries, dumped, samples: [[id, epoch, input, {scorer: value},
{scorer: hash of what judged it}, {role: tokens}]]}}.
`with_inspect.py make FOLDER` runs Inspect's mock model and leaves logs of several shapes.
"""

import itertools
import json
import shutil
import sys
from pathlib import Path

from click.testing import CliRunner
from inspect_ai._cli.main import inspect
from inspect_ai.log import (
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
)


def type_in(*words):
    """What the command line of Inspect says, without the seconds that each start of it takes."""
    result = CliRunner().invoke(inspect, words)
    if result.exit_code != 0:
        raise RuntimeError(f"{words}: {result.output} {result.exception}")
    return result.stdout


def name_of(log):
    return Path(log.name.removeprefix("file://")).name


def read(folder):
    listed = {name_of(log) for log in list_eval_logs(str(folder))}
    found = {}
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        log = read_eval_log(str(path))
        header = read_eval_log(str(path), header_only=True)
        samples = log.samples or []
        for sample in samples[:3]:
            read_eval_log_sample(str(path), sample.id, sample.epoch)
        dumps = [type_in("log", "dump", *more, str(path)) for more in ([], ["--header-only"])]
        found[path.name] = {
            "status": log.status,
            "header": header.status,
            "intervals": bool(header.results and header.results.scores and header.results.scores[0].metadata),
            "listed": path.name in listed,
            "summaries": len(read_eval_log_sample_summaries(str(path))),
            "dumped": all(json.loads(dump) for dump in dumps),
            "samples": [
                [
                    sample.id,
                    sample.epoch,
                    sample.input if isinstance(sample.input, str) else None,
                    {name: score.value for name, score in (sample.scores or {}).items()},
                    {
                        name: score.metadata["judged_by"]
                        for name, score in (sample.scores or {}).items()
                        if "judged_by" in (score.metadata or {})
                    },
                    {
                        role: usage.total_tokens
                        for role, usage in (getattr(sample, "role_usage", None) or {}).items()
                    },
                ]
                for sample in samples
            ],
        }
    bundle = folder.with_name(folder.name + "-bundle")
    type_in("view", "bundle", "--log-dir", str(folder), "--output-dir", str(bundle))
    bundled = {path.name for path in bundle.rglob("*.*")}
    shutil.rmtree(bundle)
    for name, facts in found.items():
        facts["bundled"] = name in bundled
    json.dump(found, sys.stdout)


def make(folder):
    from inspect_ai import Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput, ModelUsage, get_model
    from inspect_ai.scorer import Score, accuracy, includes, mean, model_graded_qa, scorer, stderr
    from inspect_ai.solver import generate, solver

    def answers(words="Ar ddydd Mawrth: Default"):
        # Usage is given so that Inspect does not fetch a tokeniser to count for itself.
        while True:
            output = ModelOutput.from_content("mockllm/model", words)
            output.usage = ModelUsage(input_tokens=3, output_tokens=2, total_tokens=5)
            yield output

    @scorer(metrics=[accuracy(), stderr()])
    def halves():
        async def score(state, target):
            return Score(value=0.5 if state.sample_id != "nan" else float("nan"), explanation="half")

        return score

    @scorer(metrics={"*": [mean()]})
    def tables():
        async def score(state, target):
            return Score(value={"relevant": 1, "faithful": 0.25})

        return score

    @solver
    def fails():
        async def solve(state, generate):
            if state.sample_id == 2:
                raise ValueError("this one fails")
            return state

        return solve

    samples = [
        Sample(id="a b", input="Pryd mae'r bin? ŵ", target="Default", metadata={"cluster": "/bins"}),
        Sample(id=2, input="Second?", target=["Default", "other"], metadata={"cluster": "/parking"}),
        Sample(id="nan", input="Third?", target="zzz", metadata={"cluster": "/parking"}),
    ]
    scorers = [includes(), halves(), tables()]
    tasks = [
        Task(name="plain", dataset=samples, solver=generate(), scorer=scorers),
        Task(name="epochs", dataset=samples, solver=generate(), scorer=scorers, epochs=3),
        Task(name="failing", dataset=samples, solver=[fails(), generate()], scorer=includes()),
        Task(name="partly", dataset=samples, solver=[fails(), generate()], scorer=includes(), fail_on_error=False),
        Task(name="unscored", dataset=samples, solver=generate()),
        Task(name="judged", dataset=samples, solver=generate(), scorer=model_graded_qa()),
    ]
    for kind in ("eval", "json"):
        for task in tasks:
            model = get_model("mockllm/model", custom_outputs=answers(), memoize=False)
            # The log names what a role is made of, so that it has to end.
            graded = list(itertools.islice(answers("It is right.\nGRADE: C"), 9))
            grader = get_model("mockllm/model", custom_outputs=graded, memoize=False)
            eval(
                task,
                model=model,
                model_roles={"grader": grader},
                log_dir=str(folder),
                log_format=kind,
                display="none",
            )


{"read": read, "make": make}[sys.argv[1]](Path(sys.argv[2]))
