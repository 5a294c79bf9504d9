"""Reads logs with Inspect, or makes some, for the test beside it.

`with_inspect.py read FOLDER` reads every log of a folder in each way that Inspect has, and prints what it found:
{file: {status, header, viewed: [task, status, samples], listed, summaries, dumped, samples: [[id, epoch, input, {scorer: value},
{scorer: hash of what judged it}, {role: tokens}]]}}.
`with_inspect.py make FOLDER` runs Inspect's mock model and leaves logs of several shapes.
"""

import itertools
import json
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

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
    seen = viewed(folder)
    for name, facts in found.items():
        facts["bundled"] = name in bundled
        facts["viewed"] = seen.get(name)
    json.dump(found, sys.stdout)


@contextmanager
def viewer(folder):
    """`inspect view` over a folder, for as long as it is asked."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("inspect")
    where = ["--log-dir", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([program, "view", "start", *where], **quiet)
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait()


def once_up(address, server):
    """Waits for the page, which comes once the server has started."""
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"inspect view ended with {server.returncode}")
        try:
            with urlopen(address, timeout=10) as page:
                return page.read()
        except URLError:
            time.sleep(0.1)
    raise RuntimeError("inspect view did not start within a minute")


def viewed(folder):
    """What `inspect view` says of each log, asked as its page asks: the list, each header and each log."""

    def ask(what):
        # Whatever is not 200 is an exception.
        with urlopen(f"{address}/api/{what}", timeout=60) as answer:
            return json.load(answer)

    found = {}
    with viewer(folder) as (address, server):
        assert b"<title>Inspect View</title>" in once_up(address, server)
        for log in ask("logs")["files"]:
            file = quote(log["name"], safe="")
            header, whole = ask(f"logs/{file}?header-only=0"), ask(f"logs/{file}")
            path = folder / Path(log["name"]).name
            assert ask(f"log-size/{file}") == path.stat().st_size
            assert header["status"] == whole["status"] and not header.get("samples")
            found[path.name] = [header["eval"]["task"], header["status"], len(whole["samples"] or [])]
    return found


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
