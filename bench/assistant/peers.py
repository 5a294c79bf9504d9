"""The peers: each finds passages by BM25 and has Claude's API write an answer that cites them.

Each is put together as its own documentation does it. Run as a program it serves nothing: it answers the
questions it is given on standard input and prints what that took, so that its processor time is its own.
"""

import asyncio
import json
import os
import sys
import time

import load

MODEL = "claude-sonnet-4-20250514"


def haystack(passages, _):
    from haystack import Document, Pipeline
    from haystack.components.builders import ChatPromptBuilder
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
    from haystack.dataclasses import ChatMessage
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack.utils import Secret
    from haystack_integrations.components.generators.anthropic import AnthropicChatGenerator

    store = InMemoryDocumentStore()
    store.write_documents([Document(content=text, meta={"title": title}) for title, text in passages])
    template = [
        ChatMessage.from_system("Answer from the documents alone and cite them by number."),
        ChatMessage.from_user(
            "{% for d in documents %}[{{ loop.index }}] {{ d.meta.title }}: {{ d.content }}\n{% endfor %}\n"
            "Question: {{ question }}"
        ),
    ]
    generator = AnthropicChatGenerator(api_key=Secret.from_token("key"), model=MODEL)
    pipeline = Pipeline()
    pipeline.add_component("retriever", InMemoryBM25Retriever(store, top_k=8))
    pipeline.add_component("prompt", ChatPromptBuilder(template=template, required_variables="*"))
    pipeline.add_component("model", generator)
    pipeline.connect("retriever.documents", "prompt.documents")
    pipeline.connect("prompt.prompt", "model.messages")

    async def ask(question):
        found = {"retriever": {"query": question}, "prompt": {"question": question}}
        return (await pipeline.run_async(found))["model"]["replies"][0].text

    return ask


def llama_index(passages, endpoint):
    from llama_index.core.query_engine import RetrieverQueryEngine
    from llama_index.core.schema import TextNode
    from llama_index.llms.anthropic import Anthropic
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = [TextNode(text=text, metadata={"title": title}) for title, text in passages]
    retriever = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=8)
    model = Anthropic(model=MODEL, base_url=endpoint, api_key="key", max_tokens=1024)
    engine = RetrieverQueryEngine.from_args(retriever, llm=model)

    async def ask(question):
        return str(await engine.aquery(question))

    return ask


PEERS = {"Haystack": haystack, "LlamaIndex": llama_index}


def main():
    given = json.load(sys.stdin)
    # The provider's client, which both use, asks there.
    os.environ["ANTHROPIC_BASE_URL"] = given["endpoint"]
    ask = PEERS[given["peer"]]([tuple(passage) for passage in given["passages"]], given["endpoint"])
    questions = given["questions"]

    async def measure():
        await load.closed(ask, questions[:20], 4)
        before = time.process_time()
        closed = await load.closed(ask, questions, given["readers"])
        spent = time.process_time() - before
        paced = await load.paced(ask, questions[: given["paced"]], given["per_second"])
        return closed, paced, spent

    closed, paced, spent = asyncio.run(measure())
    shapes = [{"p50": t.median, "p99": t.percentile(99), "errors": t.errors, "seconds": t.seconds} for t in (closed, paced)]
    print(json.dumps({"closed": shapes[0], "paced": shapes[1], "cpu_ms": spent * 1000 / len(questions)}))


if __name__ == "__main__":
    main()
