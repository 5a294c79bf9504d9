"""How streams hold: many readers at once, and how soon a reader has what the model finished: see README.md."""

import argparse
import asyncio
import json
import pathlib
import re
import time

import compare

PORT = 8472


class Watch:
    """Stands between Candour and the stand-in, and notes when the model finished each part of its text."""

    def __init__(self, upstream):
        self.upstream, self.text, self.ends = upstream, "", []

    async def serve(self):
        self.server = await asyncio.start_server(self.connect, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def connect(self, reader, writer):
        there, back = await asyncio.open_connection(*self.upstream)
        try:
            await asyncio.gather(self.pass_on(reader, back), self.pass_on(there, writer, self.note))
        except asyncio.CancelledError:
            pass  # The measurement is over.

    async def pass_on(self, reader, writer, note=lambda *_: None):
        try:
            while data := await reader.read(65536):
                arrived = time.perf_counter()
                writer.write(data)
                note(data, arrived)
        except ConnectionError:
            pass
        writer.close()

    def note(self, data, arrived):
        """An event that is cut in two is not seen, which loses a sentence and invents none."""
        for line in re.findall(rb"data: (\{.*\})", data):
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("type") == "content_block_delta":
                self.text += event["delta"].get("text", "")
            elif event.get("type") == "content_block_stop":
                self.ends.append((len(self.text), arrived))

    def finished(self, sentence):
        """When the part that a sentence ends in was finished; nothing where the text has it not once."""
        if self.text.count(sentence) != 1:
            return None
        end = self.text.index(sentence) + len(sentence)
        return next((at for length, at in self.ends if length >= end), None)


async def stream(question, on_event):
    """Asks over a connection of its own, as a browser does, and calls with each event as it comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    body = json.dumps({"question": question}).encode()
    head = "POST /api/v1/ask/stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    name = None
    while line := await reader.readline():
        if line.startswith(b"event: "):
            name = line[7:].strip().decode()
        elif line.startswith(b"data: "):
            on_event(name, line[6:])
    writer.close()


async def many(asked, readers, seconds):
    """Readers who ask one question after the other. How many answers came, how many of them the model
    wrote, and how many failed."""
    until, answers, written, errors, left = time.perf_counter() + seconds, 0, 0, 0, iter(asked)

    async def reader():
        nonlocal answers, written, errors
        while time.perf_counter() < until and (question := next(left, None)):
            said = {}
            try:
                await stream(question, said.__setitem__)
            except (OSError, ValueError):
                said = {}
            answers += "done" in said
            errors += "done" not in said
            written += b'"model"' in said.get("done", b"")

    await asyncio.gather(*(reader() for _ in range(readers)))
    return answers, written, errors


async def lags(asked, watch):
    """The milliseconds from where the model finished a sentence to where the reader has it."""
    found = []
    for question in asked:
        watch.text, watch.ends = "", []
        shown = []
        await stream(question, lambda name, data: shown.append((name, data, time.perf_counter())))
        for name, data, at in shown:
            if name == "sentence" and (finished := watch.finished(json.loads(data)["text"])):
                found.append((at - finished) * 1000)
    return found


def serve(arguments, endpoint):
    work = arguments.work / "streams"
    work.mkdir(parents=True, exist_ok=True)
    (work / "candour.toml").write_text(
        (compare.ROOT / "sample/candour.toml").read_text() + compare.CONFIGURATION.format(endpoint=endpoint)
    )
    return compare.served(arguments.program, work, PORT)


def standin(arguments, *options):
    address = []
    ready = lambda process: address.append(process.stdout.readline().strip())  # noqa: E731
    process = compare.started([arguments.standin, "--listen", "127.0.0.1:0", *options], ready)
    host, port = address[0].removeprefix("http://").rsplit(":", 1)
    return process, host, int(port)


async def measure_lag(arguments):
    model, host, port = standin(arguments, "--token-ms", "5")
    watch = Watch((host, port))
    server = serve(arguments, f"http://127.0.0.1:{await watch.serve()}")
    try:
        found = sorted(await lags(compare.questions(arguments.questions), watch))
    finally:
        compare.stop(server)
        compare.stop(model)
    at = lambda share: found[min(len(found) - 1, int(len(found) * share))]  # noqa: E731
    print(f"from the model's end of a sentence to the reader, {len(found)} sentences: "
          f"p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, at most {found[-1]:.1f} ms; "
          f"{sum(lag <= 10 for lag in found)} within 10 ms")  # fmt: skip


async def measure_many(arguments):
    model, host, port = standin(arguments, "--latency-ms", "300")
    server = serve(arguments, f"http://{host}:{port}")
    try:
        asked = compare.questions(arguments.readers * arguments.seconds * 4)
        answers, written, errors = await many(asked, arguments.readers, arguments.seconds)
        status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    finally:
        compare.stop(server)
        compare.stop(model)
    memory = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1000
    print(f"{arguments.readers} readers for {arguments.seconds} s, the model 300 ms slow: {answers} answers, "
          f"{written} of them by the model, {errors} errors, at most {memory:.0f} MB")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--program", required=True, help="the candour program")
    parser.add_argument("--standin", required=True, help="the stand-in's program")
    parser.add_argument("--questions", type=int, default=200, help="how many are asked one by one")
    parser.add_argument("--readers", type=int, default=1000, help="how many stream at once")
    parser.add_argument("--seconds", type=int, default=20)
    arguments = parser.parse_args()
    asyncio.run(measure_lag(arguments))
    asyncio.run(measure_many(arguments))


if __name__ == "__main__":
    main()
