"""Asks with OpenAI's own client, and prints what it made of the answers as JSON."""

import json
import sys

import openai

url, key, hurried = sys.argv[1:]
client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
BADGE = {"role": "user", "content": "Who can get a Blue Badge?"}


def ask(*messages, **more):
    return client.chat.completions.create(model="assistant", messages=list(messages), **more)


def whole(completion):
    choice = completion.choices[0]
    usage = completion.usage.model_dump(exclude_none=True)
    return {"text": choice.message.content, "finish_reason": choice.finish_reason, "usage": usage}


def streamed():
    text, usage = "", None
    for chunk in ask(BADGE, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        text += "".join(choice.delta.content or "" for choice in chunk.choices)
    return {"text": text, "usage": usage.model_dump(exclude_none=True)}


def error(call):
    try:
        call()
    except openai.APIStatusError as failure:
        return [type(failure).__name__, failure.status_code, failure.code]
    return "no error"


def too_many():
    other = client.with_options(api_key=hurried)
    for _ in range(2):
        other.chat.completions.create(model="assistant", messages=[BADGE])


first = whole(ask(BADGE))
follow_up = whole(
    ask(
        {"role": "system", "content": "Answer as a pirate."},
        BADGE,
        {"role": "assistant", "content": first["text"]},
        {"role": "user", "content": "And how much is it?"},
        temperature=0.1,
        max_tokens=100,
        seed=1,
    )
)
print(
    json.dumps(
        {
            "whole": first,
            "streamed": streamed(),
            "crisis": whole(ask({"role": "user", "content": "I want to die"})),
            "follow_up": {"has_subject": "Blue Badge" in follow_up["text"]},
            "models": [model.id for model in client.models.list()],
            "errors": {
                "no_key": error(lambda: client.with_options(api_key="none").models.list()),
                "too_long": error(lambda: ask({"role": "user", "content": "bins " * 1000})),
                "unknown_model": error(
                    lambda: client.chat.completions.create(model="other", messages=[BADGE])
                ),
                "too_many": error(too_many),
            },
        }
    )
)
