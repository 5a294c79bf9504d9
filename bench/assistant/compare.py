"""Compares Candour with two pipelines over the same stand-in for the model: see README.md."""

import argparse
import asyncio
import html
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.request

import load
import peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGURATION = """
[[generation.models]]
transport = "anthropic"
model = "stand-in"
endpoint = "{endpoint}"
key_variable = "BENCH_KEY"
price = {{ input = 1.0, output = 5.0 }}
"""
# A price has every request counted against the day's budget, which is not to be what ends the measurement.
ENVIRONMENT = dict(
    os.environ,
    BENCH_KEY="key",
    CANDOUR_SERVE__QUESTIONS_PER_MINUTE="1000000",
    CANDOUR_GENERATION__POUNDS_PER_DAY="1000000",
    CANDOUR_GENERATION__POUNDS_PER_READER="1000000",
)


def passages():
    """The sample's pages as plain paragraphs with their titles."""
    found = []
    for file in sorted((ROOT / "sample/content").rglob("*.json")):
        page = json.loads(file.read_text())
        details = page.get("details", {})
        bodies = [details.get("body")] + [part.get("body") for part in details.get("parts", [])]
        for body in filter(lambda body: isinstance(body, str), bodies):
            text = html.unescape(re.sub(r"<[^>]+>", " ", body))
            for start in range(0, len(text), 1000):
                found.append((page.get("title", ""), text[start : start + 1000]))
    return found


def questions(count):
    """The sample's English questions, each with another number behind it so that none was asked before."""
    asked = []
    for file in sorted((ROOT / "sample/questions").glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
        asked += [row["question"] for row in rows if row["locale"] == "en" and row["status"] == "answered"]
    return [f"{asked[number % len(asked)]} ({number})" for number in range(count)]


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def started(command, ready, **options):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options)
    ready(process)
    return process


def stop(process):
    process.send_signal(signal.SIGINT)
    process.wait(20)


def served(program, work, port):
    """The server over the sample's pages, by the configuration in `work`."""
    common = [program, "--state", str(work / "state"), "--config", str(work / "candour.toml")]
    options = {"env": ENVIRONMENT, "cwd": ROOT}
    subprocess.run(common + ["ingest", f"dir:{ROOT / 'sample/content'}"], check=True, capture_output=True, **options)

    def ready(_):
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/ready", timeout=1)
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("candour serve did not become ready")

    return started(common + ["serve", "--listen", f"127.0.0.1:{port}"], ready, **options)


def measure_candour(program, endpoint, work, asked, arguments):
    port = 8471
    (work / "candour.toml").write_text((ROOT / "sample/candour.toml").read_text() + CONFIGURATION.format(endpoint=endpoint))
    server = served(program, work, port)
    connections = load.Connections("127.0.0.1", port)
    written = 0

    async def ask(question):
        nonlocal written
        answer = json.loads(await connections.post("/api/v1/ask", json.dumps({"question": question}).encode()))
        written += "model" in answer["answer"]

    async def measure():
        await load.closed(ask, asked[-20:], 4)
        before = processor_seconds(server.pid)
        closed = await load.closed(ask, asked, arguments.readers)
        spent = processor_seconds(server.pid) - before
        paced = await load.paced(ask, [f"{question} again" for question in asked[: arguments.paced]], arguments.per_second)
        return closed, paced, spent

    try:
        closed, paced, spent = asyncio.run(measure())
    finally:
        stop(server)
    print(f"  Candour: the model wrote {written} of {len(asked) + arguments.paced + 20} answers")
    shape = lambda t: {"p50": t.median, "p99": t.percentile(99), "errors": t.errors, "seconds": t.seconds}  # noqa: E731
    return {"closed": shape(closed), "paced": shape(paced), "cpu_ms": spent * 1000 / len(asked)}


def measure_model(host, port, arguments):
    """The stand-in alone, asked as Candour asks it."""
    connections = load.Connections(host, port)
    block = {"type": "text", "text": "The first brown bin costs £46."}
    source = {"type": "search_result", "source": "/a", "title": "A", "content": [block] * 8, "citations": {"enabled": True}}
    request = {
        "model": "stand-in", "max_tokens": 1024, "stream": True,
        "messages": [{"role": "user", "content": [source] * 8 + [{"type": "text", "text": "How much?"}]}],
    }  # fmt: skip
    headers = "x-api-key: key\r\nanthropic-version: 2023-06-01\r\n"
    ask = lambda _: connections.post("/v1/messages", json.dumps(request).encode(), headers)  # noqa: E731

    async def measure():
        closed = await load.closed(ask, range(1000), arguments.readers)
        return closed, await load.paced(ask, range(arguments.paced), arguments.per_second)

    closed, paced = asyncio.run(measure())
    shape = lambda t: {"p50": t.median, "p99": t.percentile(99), "errors": t.errors, "seconds": t.seconds}  # noqa: E731
    return {"closed": shape(closed), "paced": shape(paced), "cpu_ms": float("nan")}


def measure_peer(name, endpoint, asked, arguments):
    given = {
        "peer": name, "endpoint": endpoint, "passages": passages(), "questions": asked,
        "readers": arguments.readers, "paced": arguments.paced, "per_second": arguments.per_second,
    }  # fmt: skip
    command = [sys.executable, str(pathlib.Path(peers.__file__))]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    lines = done.stdout.strip().splitlines()
    for line in lines[:-1]:
        print(line)
    return json.loads(lines[-1])


def report(results):
    own = results["the model alone"]
    print(f"\n{'':18}{'paced: p50':>12}{'p99':>8}{'added p50':>11}{'p99':>8}{'closed: p50':>13}{'p99':>9}{'CPU ms':>9}{'errors':>8}")
    for name, result in results.items():
        paced, closed = result["paced"], result["closed"]
        added = [paced[key] - own["paced"][key] for key in ("p50", "p99")]
        errors = paced["errors"] + closed["errors"]
        print(
            f"{name:18}{paced['p50']:12.1f}{paced['p99']:8.1f}{added[0]:11.1f}{added[1]:8.1f}"
            f"{closed['p50']:13.1f}{closed['p99']:9.1f}{result['cpu_ms']:9.2f}{errors:8}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--program", required=True, help="the candour program")
    parser.add_argument("--standin", required=True, help="the stand-in's program")
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--readers", type=int, default=50, help="how many ask at once")
    parser.add_argument("--paced", type=int, default=500, help="how many questions come at a steady rate")
    parser.add_argument("--per-second", type=float, default=50)
    parser.add_argument("--only", choices=["Candour", *peers.PEERS])
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    address = []
    standin = started(
        [arguments.standin, "--listen", "127.0.0.1:0"], lambda process: address.append(process.stdout.readline().strip())
    )
    endpoint = address[0] if address[0].startswith("http") else f"http://{address[0]}"
    host, port = endpoint.removeprefix("http://").rsplit(":", 1)
    asked = questions(arguments.questions)
    try:
        results = {"the model alone": measure_model(host, int(port), arguments)}
        if arguments.only in (None, "Candour"):
            results["Candour"] = measure_candour(arguments.program, endpoint, arguments.work, asked, arguments)
        for name in peers.PEERS:
            if arguments.only in (None, name):
                results[name] = measure_peer(name, endpoint, asked, arguments)
    finally:
        stop(standin)
    report(results)
    (arguments.work / "results.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
