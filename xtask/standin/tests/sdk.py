"""Runs the official clients against the stand-in: `sdk.py ADDRESS`.

What they accept, and what they make of errors, says whether the stand-in is like the server that it
plays. Each check prints its name; the first that fails ends the run.
"""

import json
import sys

import anthropic
import openai

ADDRESS = sys.argv[1]
SCRIPT = "x-standin-script"
BLOCKS = ["You can renew a licence online.", "It costs £20 if you are over 18.", "Fees"]


def claude(script=None, key="a-key", **options):
    options.setdefault("max_retries", 0)
    headers = {SCRIPT: json.dumps(script)} if script else {}
    return anthropic.Anthropic(base_url=ADDRESS, api_key=key, default_headers=headers, **options)


def chat(script=None, key="a-key", **options):
    options.setdefault("max_retries", 0)
    headers = {SCRIPT: json.dumps(script)} if script else {}
    return openai.OpenAI(base_url=f"{ADDRESS}/v1", api_key=key, default_headers=headers, **options)


def source(citations=True):
    return {
        "type": "search_result",
        "source": "/licence",
        "title": "Licence",
        "content": [{"type": "text", "text": text} for text in BLOCKS],
        "citations": {"enabled": citations},
    }


def question(*blocks):
    text = {"type": "text", "text": "How much is a licence?"}
    return {
        "model": "some-model",
        "max_tokens": 300,
        "messages": [{"role": "user", "content": [*blocks, text]}],
    }


TOOL = {
    "name": "look_up",
    "input_schema": {"type": "object", "properties": {"ticker": {"type": "string"}}},
}
SCHEMA = {"type": "object", "properties": {"label": {"enum": ["a", "b"]}}}


def texts_are_cited_whole_and_streamed():
    whole = claude().messages.create(**question(source()))
    with claude().messages.stream(**question(source())) as stream:
        spoken = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert [b.to_dict() for b in whole.content if b.citations] == [
        b.to_dict() for b in final.content if b.citations
    ]
    assert spoken == "".join(block.text for block in whole.content)
    assert whole.stop_reason == final.stop_reason == "end_turn"
    assert final.usage.output_tokens == whole.usage.output_tokens > 1
    cited = [(b, c) for b in whole.content for c in b.citations or []]
    assert len(cited) == 2, cited
    for block, citation in cited:
        assert citation.type == "search_result_location"
        where = BLOCKS[citation.start_block_index : citation.end_block_index]
        assert citation.cited_text == "".join(where)
        assert citation.source == "/licence" and citation.search_result_index == 0


def strange_streams_are_read():
    plain = claude().messages.create(**question(source()))
    for wire in [{"split": 3, "crlf": True}, {"comments": True, "pings": True}, {"unknown": True}]:
        with claude({"wire": wire}).messages.stream(**question(source())) as stream:
            final = stream.get_final_message()
        said = [block.text for block in final.content if block.type == "text"]
        assert said == [block.text for block in plain.content], (wire, said)


def tools_are_called():
    request = {**question(), "tools": [TOOL], "tool_choice": {"type": "any"}}
    whole = claude().messages.create(**request)
    with claude().messages.stream(**request) as stream:
        final = stream.get_final_message()
    for message in (whole, final):
        assert message.stop_reason == "tool_use"
        assert message.content[-1].name == "look_up"
        assert message.content[-1].input == {"ticker": "a stand-in's words"}
    use = whole.content[-1].to_dict()
    result = {"type": "tool_result", "tool_use_id": use["id"], "content": [source()]}
    messages = [
        *request["messages"],
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [result]},
    ]
    after = claude().messages.create(model="some-model", max_tokens=300, messages=messages)
    assert any(block.citations for block in after.content)


def schemas_are_kept_to():
    config = {"format": {"type": "json_schema", "schema": SCHEMA}}
    message = claude().messages.create(**question(), output_config=config)
    assert json.loads(message.content[0].text) == {"label": "a"}


def prompts_are_cached():
    system = [
        {"type": "text", "text": "Be brief. " * 600, "cache_control": {"type": "ephemeral"}}
    ]
    first, second = (
        claude().messages.create(**question(source()), system=system).usage for _ in range(2)
    )
    assert first.cache_creation_input_tokens > 1024 and first.cache_read_input_tokens == 0
    assert second.cache_read_input_tokens == first.cache_creation_input_tokens


def tokens_are_counted():
    request = question(source())
    del request["max_tokens"]
    assert claude().messages.count_tokens(**request).input_tokens > 10


def stops_are_told():
    limited = claude().messages.create(**{**question(source()), "max_tokens": 2})
    assert limited.stop_reason == "max_tokens" and limited.usage.output_tokens == 2
    with claude({"reply": "refusal"}).messages.stream(**question(source())) as stream:
        final = stream.get_final_message()
    assert final.stop_reason == "refusal" and final.stop_details.type == "refusal"


def errors_have_their_class():
    for status, kind, expected in [
        (400, "invalid_request_error", anthropic.BadRequestError),
        (401, "authentication_error", anthropic.AuthenticationError),
        (402, "billing_error", anthropic.PaymentRequiredError),
        (403, "permission_error", anthropic.PermissionDeniedError),
        (404, "not_found_error", anthropic.NotFoundError),
        (409, "conflict_error", anthropic.ConflictError),
        (413, "request_too_large", anthropic.ContentTooLargeError),
        (429, "rate_limit_error", anthropic.RateLimitError),
        (500, "api_error", anthropic.InternalServerError),
        (504, "timeout_error", anthropic.GatewayTimeoutError),
        (529, "overloaded_error", anthropic.OverloadedError),
    ]:
        fault = {"status": {"status": status, "kind": kind}}
        error = raised(lambda: claude({"fault": fault}).messages.create(**question()), expected)
        assert type(error) is expected and error.type == kind, error
        assert error.request_id.startswith("req_")
    spent = {"status": 429, "kind": "rate_limit_error", "error_code": "enforced_spend_limit_reached"}
    client = claude({"fault": {"status": spent}})
    error = raised(lambda: client.messages.create(**question()), anthropic.RateLimitError)
    assert error.error_code == "enforced_spend_limit_reached"


def broken_streams_are_errors():
    def read(fault):
        with claude({"fault": fault}).messages.stream(**question(source())) as stream:
            stream.get_final_message()

    late = {"error_event": {"after": 8, "kind": "overloaded_error"}}
    error = raised(lambda: read(late), anthropic.APIStatusError)
    assert error.type == "overloaded_error", error
    raised(lambda: read({"cut": {"after": 8}}), Exception)
    hung = claude({"fault": "hang_up"})
    raised(lambda: hung.messages.create(**question()), anthropic.APIConnectionError)
    silent = claude({"fault": "silence"}, timeout=0.3)
    raised(lambda: silent.messages.create(**question()), anthropic.APITimeoutError)


def wrong_requests_are_refused():
    create = claude().messages.create
    format_config = {"format": {"type": "json_schema", "schema": SCHEMA}}
    empty = {"type": "text", "text": ""}
    for request in [
        question(source(), source(citations=False)),
        {**question(source()), "output_config": format_config},
        question(empty),
        {**question(), "messages": []},
        {**question(), "messages": [{"role": "assistant", "content": "No."}]},
        {**question(), "tool_choice": {"type": "any"}},
        {**question(), "extra_body": {"no_such_field": 1}},
        {**question(), "extra_body": {"temperature": 1}},
        question({**source(), "content": []}),
    ]:
        raised(lambda: create(**request), anthropic.BadRequestError)
    raised(
        lambda: create(**{**question(), "model": "no-such-model"}), anthropic.NotFoundError
    )
    raised(
        lambda: claude(key="invalid").messages.create(**question()),
        anthropic.AuthenticationError,
    )


def clients_retry():
    # The official client tries again by itself, and honours retry-after.
    fault = {"status": {"status": 529, "kind": "overloaded_error", "retry_after": "0.05"}}
    before = claude({"fault": fault}, max_retries=2)
    error = raised(lambda: before.messages.create(**question()), anthropic.OverloadedError)
    assert error.response.headers["retry-after"] == "0.05"
    assert error.response.request.headers["x-stainless-retry-count"] == "2"


def completions_are_said_whole_and_streamed():
    lines = "\n".join(f"[1.{n}] {text}" for n, text in enumerate(BLOCKS, 1))
    messages = [
        {"role": "system", "content": lines},
        {"role": "user", "content": "How much is a licence?"},
    ]
    request = {"model": "some-model", "messages": messages}
    assert [model.id for model in chat().models.list()] == ["a-model"]
    whole = chat().chat.completions.create(**request)
    words = whole.choices[0].message.content
    assert "It costs £20 if you are over 18. [1.2]" in words, words
    assert whole.choices[0].finish_reason == "stop" and whole.usage.total_tokens > 10
    streamed = list(
        chat({"wire": {"split": 3, "crlf": True}}).chat.completions.create(
            **request, stream=True, stream_options={"include_usage": True}
        )
    )
    assert "".join(c.choices[0].delta.content or "" for c in streamed if c.choices) == words
    assert streamed[-1].usage == whole.usage and not streamed[-1].choices


def completions_have_tools_schemas_and_refusals():
    messages = [{"role": "user", "content": "How much is a licence?"}]
    request = {"model": "some-model", "messages": messages}
    function = {"name": TOOL["name"], "parameters": TOOL["input_schema"]}
    tools = [{"type": "function", "function": function}]
    called = chat().chat.completions.create(**request, tools=tools, tool_choice="required")
    call = called.choices[0].message.tool_calls[0].function
    assert called.choices[0].finish_reason == "tool_calls" and call.name == "look_up"
    assert json.loads(call.arguments) == {"ticker": "a stand-in's words"}
    kept = chat().chat.completions.create(
        **request,
        response_format={"type": "json_schema", "json_schema": {"name": "l", "schema": SCHEMA}},
    )
    assert json.loads(kept.choices[0].message.content) == {"label": "a"}
    refused = chat({"reply": "refusal"}).chat.completions.create(**request)
    assert refused.choices[0].finish_reason == "content_filter"
    assert refused.choices[0].message.refusal
    for status, expected in [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ]:
        fault = {"status": {"status": status, "kind": "an_error"}}
        client = chat({"fault": fault})
        raised(lambda: client.chat.completions.create(**request), expected)
    raised(
        lambda: chat(key="invalid").chat.completions.create(**request),
        openai.AuthenticationError,
    )


def bedrock_is_signed_and_framed():
    client = anthropic.AnthropicBedrock(
        base_url=ADDRESS,
        aws_access_key="AKIDEXAMPLE",
        aws_secret_key="a-secret",
        aws_region="eu-west-2",
        max_retries=0,
    )
    request = {**question(source()), "model": "eu.some-model-v1:0"}
    plain = claude().messages.create(**question(source()))
    whole = client.messages.create(**request)
    with client.messages.stream(**request) as stream:
        final = stream.get_final_message()
    for message in (whole, final):
        assert [b.text for b in message.content] == [b.text for b in plain.content]
        assert sum(len(block.citations or []) for block in message.content) == 2


def raised(act, expected):
    try:
        act()
    except expected as error:
        return error
    raise AssertionError(f"no {expected.__name__}")


for check in [
    texts_are_cited_whole_and_streamed,
    strange_streams_are_read,
    tools_are_called,
    schemas_are_kept_to,
    prompts_are_cached,
    tokens_are_counted,
    stops_are_told,
    errors_have_their_class,
    broken_streams_are_errors,
    wrong_requests_are_refused,
    clients_retry,
    completions_are_said_whole_and_streamed,
    completions_have_tools_schemas_and_refusals,
    bedrock_is_signed_and_framed,
]:
    check()
    print("ok", check.__name__.replace("_", " "))
