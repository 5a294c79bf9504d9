"""Asks many questions at once and says how long each took.

`ask` is a coroutine function that takes a question. Closed: so many readers ask one question after the
other. Paced: questions come at a steady rate, whether or not the earlier ones were answered.
"""

import asyncio
import itertools
import statistics
import time


class Timed:
    """The milliseconds that each answer took, and the questions that failed."""

    def __init__(self):
        self.milliseconds = []
        self.errors = 0
        self.seconds = 0.0

    def percentile(self, share):
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] if ordered else float("nan")

    @property
    def median(self):
        return statistics.median(self.milliseconds) if self.milliseconds else float("nan")

    async def one(self, ask, question):
        began = time.perf_counter()
        try:
            await ask(question)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is counted
            if self.errors == 0:
                print(f"  the first failure: {error!r}")
            self.errors += 1
        else:
            self.milliseconds.append((time.perf_counter() - began) * 1000)


async def closed(ask, questions, readers):
    timed, left, began = Timed(), iter(questions), time.perf_counter()

    async def reader():
        for question in left:
            await timed.one(ask, question)

    await asyncio.gather(*(reader() for _ in range(readers)))
    timed.seconds = time.perf_counter() - began
    return timed


async def paced(ask, questions, per_second):
    timed, began, asked = Timed(), time.perf_counter(), []
    for number, question in zip(itertools.count(), questions):
        await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
        asked.append(asyncio.create_task(timed.one(ask, question)))
    await asyncio.gather(*asked)
    timed.seconds = time.perf_counter() - began
    return timed


class Connections:
    """Sends JSON over connections that are kept, with as little work as Python allows."""

    def __init__(self, host, port):
        self.host, self.port, self.idle = host, port, []

    async def post(self, path, body, headers=""):
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection(self.host, self.port)
        head = f"POST {path} HTTP/1.1\r\nhost: {self.host}\r\ncontent-type: application/json\r\n{headers}content-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        response = await reader.readuntil(b"\r\n\r\n")
        status = int(response.split(b" ", 2)[1])
        if b"transfer-encoding: chunked" in response.lower():
            while (size := int(await reader.readuntil(b"\r\n"), 16)) > 0:
                await reader.readexactly(size + 2)
            await reader.readexactly(2)
            content = b""
        else:
            lengths = [line for line in response.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            content = await reader.readexactly(int(lengths[0].split(b":")[1]))
        self.idle.append((reader, writer))
        if status != 200:
            raise RuntimeError(f"{status}: {content[:200]!r}")
        return content
