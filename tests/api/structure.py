"""Compares the structure of two OpenAPI documents as flat mappings from a place to a value."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

OFFICIAL = Path(__file__).parent / "official"
_PROSE = {"description", "summary", "example", "tags", "info", "license"}

Flat = dict[str, Any]


def load(name: str) -> dict[str, Any]:
    """Return the official document *name*, without its prose."""
    document: dict[str, Any] = json.loads((OFFICIAL / f"{name}.json").read_text())
    return document


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give path, method and body of every operation in *document*, with what its path says for all."""
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method != "parameters":
                yield path, method.upper(), {**operation, "parameters": operation.get("parameters", shared)}


class Reader:
    """Reads one document; references into *common* are looked up there."""

    def __init__(self, document: Mapping[str, Any], common: Mapping[str, Any] | None = None) -> None:
        self._document = document
        self._common = common or document

    def flat_operation(self, path: str, method: str, operation: Mapping[str, Any]) -> Flat:
        """Return an operation as a flat mapping below its id."""
        parameters = [self._resolve(each) for each in operation.get("parameters", [])]
        responses = {status: self._resolve(each) for status, each in operation["responses"].items()}
        whole = {
            "at": f"{method} {path}",
            "deprecated": operation.get("deprecated", False),
            "parameters": {
                each["name"]: {"required": False, **each, "schema": self._schema(each["schema"])}
                for each in parameters
            },
            "body": self._content(operation.get("requestBody", {})),
            "responses": {status: self._response(each) for status, each in responses.items()},
        }
        return dict(_flatten(whole, operation["operationId"]))

    def flat_schema(self, name: str, schema: Mapping[str, Any]) -> Flat:
        """Return a component as a flat mapping."""
        return dict(_flatten(self._schema(schema), f"schemas.{name}"))

    def flat_security(self) -> Flat:
        """Return the ways to sign in."""
        schemes = self._document["components"]["securitySchemes"]
        resolved = {name: self._resolve(scheme) for name, scheme in schemes.items()}
        return dict(_flatten(resolved, "securitySchemes"))

    def _response(self, response: Mapping[str, Any]) -> dict[str, Any]:
        headers = {
            name: self._schema(self._resolve(header)["schema"])
            for name, header in response.get("headers", {}).items()
        }
        return {"headers": headers, **self._content(response)}

    def _content(self, holder: Mapping[str, Any]) -> dict[str, Any]:
        content = {
            kind: self._schema(each.get("schema", {})) for kind, each in holder.get("content", {}).items()
        }
        required = {"required": holder["required"]} if "required" in holder else {}
        return {**required, "content": content}

    def _resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            node = self._target(node["$ref"])
        return node

    def _target(self, reference: str) -> Any:
        """Return what *reference* names; what comes from the common file refers to that file."""
        file, _, pointer = reference.partition("#/")
        kind, name = pointer.split("/")[1:]
        if not file and name in self._document["components"].get(kind, {}):
            return self._document["components"][kind][name]
        return self._common["components"][kind][name]

    def _schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return *schema* so that different ways to write the same are the same."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._schema(self._target(schema["$ref"])) if name == "Identifier" else {"is": name}
        if len(schema.get("allOf", ())) == 1:
            rest = {key: value for key, value in schema.items() if key != "allOf"}
            return {**self._schema(schema["allOf"][0]), **self._schema(rest)}
        result = dict(schema)
        if "properties" in schema:
            result["properties"] = {key: self._schema(each) for key, each in schema["properties"].items()}
        if "items" in schema:
            result["items"] = self._schema(schema["items"])
        return result


def _flatten(node: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            if key not in _PROSE or isinstance(value, Mapping):
                yield from _flatten(value, f"{place}.{key}")
    elif isinstance(node, list) and place.rpartition(".")[2] in {"enum", "required"}:
        # The YAML of the official files has the words true and false without quotes.
        yield from ((f"{place}.{json.dumps(each).strip(chr(34))}", True) for each in node)
    elif isinstance(node, list):
        for position, each in enumerate(node):
            yield from _flatten(each, f"{place}.{position}")
    else:
        yield place, node


def differences(official: Flat, ours: Flat) -> set[str]:
    """Return what only one of them has, and what they have with another value."""
    return (
        {f"- {place}" for place in official.keys() - ours.keys()}
        | {f"+ {place}" for place in ours.keys() - official.keys()}
        | {f"~ {place}" for place in official.keys() & ours.keys() if official[place] != ours[place]}
    )
