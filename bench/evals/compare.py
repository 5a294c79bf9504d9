"""Runs Candour's evaluator beside Inspect and promptfoo against one server, and prints one table.

Each tool asks the same questions and looks for one word in each answer, with its usual log in full. What
is measured is the tool's own processes: processor time and peak memory as the system counts them.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent


class Server:
    """The model, for as long as one measurement takes."""

    def __init__(self, latency):
        command = [sys.executable, str(HERE / "server.py"), str(latency)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def first(self):
        with urllib.request.urlopen(f"{self.address}/first") as found:
            return json.load(found)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def candour(program, folder, address, samples, connections):
    lines = (json.dumps({"id": f"s{at}", "question": f"Question {at}?", "key_facts": ["yes"]})
             for at in range(samples))
    (folder / "samples.jsonl").write_text("\n".join(lines))
    (folder / "suite.toml").write_text(
        'name = "trivial"\nsamples = ["samples.jsonl"]\nscorers = ["key_facts"]\n')
    command = [program, "eval", "run", "suite.toml", "--target", f"chat:{address}/v1", "--model", "m",
               "--connections", str(connections), "--out", "run", "--quiet"]
    return command, {}


def inspect(program, folder, address, samples, connections):
    # It takes tasks by relative names alone.
    shutil.copy(HERE / "inspect_task.py", folder)
    command = [program, "eval", "inspect_task.py", "--model", "openai-api/local/m",
               "--max-connections", str(connections), "--max-samples", str(connections),
               "--display", "none", "--log-dir", "logs"]
    environment = {"LOCAL_API_KEY": "k", "LOCAL_BASE_URL": f"{address}/v1", "SAMPLES": str(samples)}
    return command, environment


def promptfoo(program, folder, address, samples, connections):
    provider = {"id": "openai:chat:m", "config": {"apiBaseUrl": f"{address}/v1", "apiKey": "k"}}
    check = [{"type": "contains", "value": "yes"}]
    tests = [{"vars": {"at": at}, "assert": check} for at in range(samples)]
    config = {"prompts": ["Question {{at}}?"], "providers": [provider], "tests": tests}
    (folder / "config.json").write_text(json.dumps(config))
    command = [program, "eval", "-c", "config.json", "--no-cache", "--no-progress-bar", "--no-table",
               "-j", str(connections), "-o", "out.json"]
    environment = {"PROMPTFOO_CONFIG_DIR": str(folder / "state"), "PROMPTFOO_DISABLE_TELEMETRY": "1",
                   "PROMPTFOO_DISABLE_UPDATE": "1"}
    return command, environment


TOOLS = {"Candour": candour, "Inspect": inspect, "promptfoo": promptfoo}


def measure(tool, program, work, samples, connections, latency, again=False):
    """Runs a tool once; gives processor seconds, peak memory, time, and time to the first request. With
    `again` also what it takes to go on with the run when the second half of its journal is lost."""
    # Apart from where the tools themselves are installed.
    folder = work / "runs" / tool
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Server(latency) as server:
        command, environment = TOOLS[tool](program, folder, server.address, samples, connections)
        found = [row(tool, samples, connections, latency, folder, launched(folder, command, environment), server)]
        if again:
            journal = folder / "run" / "journal.jsonl"
            lines = journal.read_bytes().splitlines(keepends=True)
            journal.write_bytes(b"".join(lines[:len(lines) // 2]))
            used = launched(folder, command, environment)
            found.append(row(f"{tool}, gone on with", samples, connections, latency, folder, used, server))
    return found


def launched(folder, command, environment):
    """What a command took."""
    with open(folder / "said.txt", "w") as said:
        launcher = [sys.executable, "-S", "-E", str(HERE / "launch.py"), str(folder / "used.json")]
        subprocess.run(launcher + command, cwd=folder, env={**os.environ, **environment},
                       stdout=said, stderr=subprocess.STDOUT)
    return json.loads((folder / "used.json").read_text())


def row(tool, samples, connections, latency, folder, used, server):
    first = server.first()
    if used["status"] != 0 or first is None:
        sys.exit(f"{tool} failed; it said:\n{(folder / 'said.txt').read_text()[-2000:]}")
    return {"tool": tool, "samples": samples, "connections": connections, "latency_s": latency,
            "cpu_s": used["cpu_s"], "rss_mb": used["rss_mb"], "wall_s": used["wall_s"],
            "first_request_ms": (first - used["began"]) * 1000,
            "log_mb": size(folder) / 1e6}


def size(folder):
    kept = [file for name in ("run", "logs", "state", "out.json") for file in [folder / name]]
    files = [file for one in kept for file in ([one] if one.is_file() else one.rglob("*"))]
    return sum(file.stat().st_size for file in files if file.is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--candour", required=True)
    parser.add_argument("--inspect")
    parser.add_argument("--promptfoo")
    parser.add_argument("--quick", action="store_true", help="fewer samples, for a look")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    programs = {"Candour": given.candour, "Inspect": given.inspect, "promptfoo": given.promptfoo}
    programs = {tool: program for tool, program in programs.items() if program}
    many, peers = (2000, 200) if given.quick else (5000, 1000)
    plan = []
    for tool in programs:
        ours = tool == "Candour"
        plan.append((tool, 1, 1, 0))
        plan.append((tool, many if ours else peers, 100, 0, ours))
        plan.append((tool, 10 * peers if ours else peers, 1000, 1))
    if not given.quick:
        plan += [("Candour", 100_000, 100, 0, True)] + [(tool, many, 100, 0) for tool in programs if tool != "Candour"]
    found = []
    for tool, samples, connections, latency, *again in plan:
        print(f"{tool}: {samples} samples, {connections} connections, {latency} s", file=sys.stderr)
        found += measure(tool, programs[tool], given.work, samples, connections, latency, *again)
    print("| Tool | Samples | Connections | Latency | CPU s | CPU ms a sample | Samples a second | Peak RSS MB | First request ms | Log MB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in found:
        print("| {tool} | {samples} | {connections} | {latency_s} s | {cpu_s:.2f} | {each:.3f} | {rate:.0f} "
              "| {rss_mb:.0f} | {first_request_ms:.0f} | {log_mb:.1f} |".format(
                  each=row["cpu_s"] / row["samples"] * 1000, rate=row["samples"] / row["wall_s"], **row))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
