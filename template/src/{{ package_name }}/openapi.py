"""The server's own description, derived from the contract: for programs, and for people."""

import html
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any

import msgspec

from . import media, task
from .contract import Contract
from .decode import Decoder, Flag
from .manifest import Manifest

VERSION = "3.1.0"  # whose schemas are JSON Schema, as those of msgspec are
KINDS = {float: "number", int: "integer", str: "string", bool: "boolean"}
PAGE = Path(__file__).with_name("api.html")
ID = "X-Amzn-SageMaker-Inference-Id"
LONGEST_ID = 64  # as SageMaker has it for InferenceId


def pages(
    contract: Contract, decoder: Decoder, manifest: Manifest, digest: str, largest: int
) -> dict[str, bytes]:
    """What does not change while the server runs, by path."""
    described = document(contract, decoder, manifest)
    version = {
        "digest": digest,
        "architecture": manifest.architecture,
        "format": manifest.format,
        "task": manifest.task,
        "contract": {"name": contract.name, "version": contract.version},
    }
    batch = {
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": largest // 1024**2,
    }
    return {
        "/": page(contract, described["components"]["schemas"]["Row"]["properties"]).encode(),
        "/execution-parameters": msgspec.json.encode(batch),
        "/openapi.json": msgspec.json.encode(described),
        "/version": msgspec.json.encode(version),
    }


def document(contract: Contract, decoder: Decoder, manifest: Manifest) -> dict[str, Any]:
    """The OpenAPI document."""
    answer = task.answer(0.5, manifest.target)
    prediction = {
        "type": "object",
        "properties": {name: {"type": KINDS[type(value)]} for name, value in answer.items()},
        "required": list(answer),
    }
    _, schemas = msgspec.json.schema_components(
        [decoder.request, Flag], ref_template="#/components/schemas/{name}"
    )
    for column in contract.columns:
        if described := schemas["Row"]["properties"].get(column.name):
            described["description"] = column.description
    predictions = {
        "type": "object",
        "properties": {
            "predictions": {"type": "array", "items": prediction},
            "flags": {"type": "array", "items": {"$ref": "#/components/schemas/Flag"}},
        },
        "required": ["predictions"],
    }
    error = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    schemas |= {"Predictions": predictions, "Error": error}
    return {
        "openapi": VERSION,
        "info": {
            "title": contract.name,
            "version": contract.version,
            "description": "A prediction for each row. A row is what the data contract says.",
        },
        "paths": _paths(),
        "components": {"schemas": schemas},
    }


def _paths() -> dict[str, Any]:
    refused = {
        "400": "A row breaks the contract, or the body cannot be read",
        "406": "Accept asks for what there is not",
        "408": "The body did not arrive in time",
        "413": "The body is too large",
        "415": "Content-Type is none of those that are read",
        "503": "Too many requests at a time",
    }
    answers = {
        status: {"description": why, "content": _content("Error", media.JSON)}
        for status, why in refused.items()
    }
    text = {"schema": {"type": "string"}}
    given = _content("Predictions", media.JSON) | {media.LINES: text, media.CSV: text}
    invocations = {
        "summary": "Predictions for rows",
        "operationId": "invocations",
        "parameters": [
            {
                "name": ID,
                "in": "header",
                "description": "The request's id; the answer has it, or one that was made for it",
                "schema": {"type": "string", "maxLength": LONGEST_ID, "pattern": "^[!-~]+$"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": _content("Request", media.JSON) | {media.LINES: text, media.CSV: text},
        },
        "responses": {"200": {"description": "A prediction for each row", "content": given}} | answers,
    }
    healthy = {"description": "It is", "content": {media.JSON: {"schema": {"type": "object"}}}}
    ping = {"summary": "Whether the server is up", "operationId": "ping", "responses": {"200": healthy}}
    return {"/invocations": {"post": invocations}, "/ping": {"get": ping}}


def _content(name: str, kind: str) -> dict[str, Any]:
    return {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def page(contract: Contract, names: Iterable[str]) -> str:
    """The page for people: how to ask, and what a row of these columns is."""
    lines = []
    for column in map(contract.column, names):
        cells = (column.name, column.type, column.allowed, column.description)
        lines.append("<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells))
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        title=html.escape(f"{contract.name} {contract.version}"),
        formats=f"{media.LINES} and {media.CSV}",
        rows="\n".join(lines),
    )
