"""A model that answers every chat completion with the same words after a given time.

It is nobody's server: the standard library alone, one thread, no log. `GET /first` tells when the first
question came in since it was last asked, in seconds of the system's clock.
"""

import asyncio
import json
import sys
import time

ANSWER = json.dumps({
    "id": "c", "object": "chat.completion", "created": 0, "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop",
                 "message": {"role": "assistant", "content": "The answer is yes, on a Tuesday."}}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 9, "total_tokens": 21},
}).encode()


def response(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Model(asyncio.Protocol):
    """Reads requests from one connection, and answers each in its turn."""

    latency = 0.0
    first = None
    answer = response(ANSWER)

    def connection_made(self, transport):
        self.transport, self.waiting = transport, b""

    def data_received(self, data):
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end].lower()
            length = 0
            for line in head.split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line[15:])
            if len(self.waiting) < end + 4 + length:
                return
            self.waiting = self.waiting[end + 4 + length:]
            self.reply(head)

    def reply(self, head):
        if head.startswith(b"get /first"):
            self.transport.write(response(json.dumps(Model.first).encode()))
            Model.first = None
        elif head.startswith(b"post"):
            Model.first = Model.first or time.time()
            if Model.latency:
                asyncio.get_running_loop().call_later(Model.latency, self.write)
            else:
                self.write()
        else:
            self.transport.write(response(b"{}"))

    def write(self):
        if not self.transport.is_closing():
            self.transport.write(Model.answer)


async def main(latency: float):
    Model.latency = latency
    server = await asyncio.get_running_loop().create_server(Model, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
