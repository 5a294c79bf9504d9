"""Calls the tools with the official client of the Model Context Protocol, over HTTP in both ways that
its versions begin and over standard input and output, and prints what came back as JSON. The client
checks every result against the schema of its tool."""

import asyncio
import json
import sys

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

url, key, program, folder, config = sys.argv[1:]
QUESTION = "How much is a garden waste subscription?"


async def use(server, mode="auto"):
    async with Client(server, mode=mode) as client:
        tools = (await client.list_tools()).tools
        found = await client.call_tool("search_guidance", {"query": "garden waste", "limit": 2})
        first = found.structured_content["passages"][0]
        fetched = await client.call_tool("fetch_passage", {"id": first["id"]})
        asked = await client.call_tool("ask", {"question": QUESTION})
        missing = await client.call_tool("fetch_passage", {"id": "/nowhere#0"})
        return {
            "protocol": client.protocol_version,
            "instructions": client.instructions,
            "tools": sorted(tool.name for tool in tools),
            "read_only": all(tool.annotations.read_only_hint for tool in tools),
            "same": fetched.structured_content["passage"] == first,
            "status": asked.structured_content["status"],
            "text": asked.content[0].text,
            "missing_is_error": missing.is_error,
        }


async def over_http(mode):
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers) as http:
        return await use(streamable_http_client(url, http_client=http), mode)


async def main():
    stdio = StdioServerParameters(
        command=program, args=["mcp"], cwd=folder, env={"CANDOUR_CONFIG": config, "CANDOUR_LOG": "trace"}
    )
    return {
        "http": await over_http("auto"),
        "http_legacy": await over_http("legacy"),
        "stdio": await use(stdio),
    }


print(json.dumps(asyncio.run(main())))
