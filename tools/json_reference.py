"""The page about `--json` answers, made from the published schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "docs" / "schemas"
_HEAD = """# JSON answers

With `--json`, a command prints one JSON document on standard output and nothing else there.
Messages for people go to standard error. Each answer has a schema; tests hold the programs to
it. Keys keep their names and their meaning: new ones may be added, and an old one is marked
*deprecated* for one release before it goes. Texts for people may change at any time, so decide
by keys and exit codes.

A command that fails as a whole prints no JSON. `deploy` answers for each module, also for one
that failed.

| command | schema |
|---|---|
"""


def page() -> str:
    """Return the page in Markdown."""
    documents = {path.name: json.loads(path.read_text("utf-8")) for path in _paths()}
    index = "".join(
        f"| [`{one['title']}`](#{path.removesuffix('.json')}) | [{path}](../schemas/{path}) |\n"
        for path, one in documents.items()
    )
    return _HEAD + index + "\n" + "\n".join(map(_section, documents, documents.values()))


def _paths() -> list[Path]:
    return sorted(path for path in SCHEMAS.glob("*.json") if path.stem != "kit-manifest")


def _section(name: str, schema: dict[str, Any]) -> str:
    rows = [f"| `{key}` | {kind} | {meaning} |" for key, kind, meaning in _keys(schema, "")]
    anchor = name.removesuffix(".json")
    head = [f"## {schema['title']} {{: #{anchor} }}", "", f"{schema['description']}.", ""]
    return "\n".join([*head, "| key | type | meaning |", "|---|---|---|", *rows, ""])


def _keys(schema: dict[str, Any], at: str) -> Iterator[tuple[str, str, str]]:
    """Yield the path, type and meaning of every key below a schema, each once."""
    seen = set()
    for row in _all_keys(schema, at):
        if row[0] not in seen:
            seen.add(row[0])
            yield row


def _all_keys(schema: dict[str, Any], at: str) -> Iterator[tuple[str, str, str]]:
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _all_keys(choice, at)
    for name, below in schema.get("properties", {}).items():
        yield from _key(below, f"{at}.{name}" if at else name)
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        yield from _key(more, f"{at}.NAME" if at else "NAME")
    if "items" in schema:
        yield from _all_keys(schema["items"], f"{at}[]")


def _key(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    if "description" in schema:
        yield path, _type(schema), schema["description"]
    yield from _all_keys(schema, path)


def _type(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    kind = schema.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
