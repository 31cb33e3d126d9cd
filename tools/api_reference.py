"""The page about the Python API, made from signatures and docstrings."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = {
    "firmware.bundle.bundle": ("Bundle", "read_bundle", "read_manifest", "write_bundle"),
    "firmware.bundle.manifest": ("Manifest", "VoiceModel", "CheckPoint", "parse_manifest"),
    "firmware.bundle.decoder": ("Decoder", "load_decoders", "load_runtime"),
    "firmware.engine.pattern": ("Pattern", "checked_pattern", "pattern_of_heads"),
    "firmware.engine.knob_curve": ("latent_at", "position_at"),
    "firmware.engine.state": ("EngineState", "VoiceState"),
    "firmware.engine.engine": ("Engine",),
    "trainer.data.encode": ("encode_paths", "to_dataset"),
    "trainer.data.dataset": ("Dataset", "read_dataset", "write_dataset"),
    "trainer.pipeline.train_kit": ("train_kit",),
}
"""What other programs may build on, by module."""

_HEAD = """# Python API

These functions and classes are what other programs may build on. They keep their names and
arguments within a minor version; the rules are in
[CONTRIBUTING](../../CONTRIBUTING.md#deprecation). Everything else is internal. The page is made
from the code.

Play one pattern of a kit, in five lines:

```python
from pathlib import Path
from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders

voice = load_decoders(read_bundle(Path("kit")))[0]
print("".join("x" if step > 0.5 else "-" for step in voice.decode((0.5, 0.5)).onset))
```

"""


def page() -> str:
    """Return the page in Markdown."""
    return _HEAD + "\n".join(line for name in MODULES for line in _module(name)) + "\n"


def _module(name: str) -> Iterator[str]:
    """Yield a module's lines; what is public is read from the source as it is written there."""
    nodes = {
        node.name: node
        for node in ast.parse(_source(name)).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    yield from (f"## {name}", "")
    for member in MODULES[name]:
        node = nodes[member]
        yield from (f"### {member}", "", "```python", *_code(node), "```", "")
        yield from (*(ast.get_docstring(node) or "").splitlines(), "")
        if isinstance(node, ast.ClassDef):
            yield from _methods(node)


def _source(name: str) -> str:
    return (ROOT / name.replace(".", "/")).with_suffix(".py").read_text("utf-8")


def _code(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    """Yield the signature of a function, or the fields of a class."""
    if isinstance(node, ast.FunctionDef):
        yield _signature(node)
        return
    yield f"class {node.name}:"
    for entry in node.body:
        if isinstance(entry, ast.AnnAssign):
            yield f"    {ast.unparse(entry)}".replace("'", '"')
        elif isinstance(entry, ast.FunctionDef) and entry.name == "__init__":
            yield f"    {_signature(entry)}"


def _methods(node: ast.ClassDef) -> Iterator[str]:
    for entry in node.body:
        if isinstance(entry, ast.FunctionDef) and not entry.name.startswith("_"):
            text = (ast.get_docstring(entry) or "").split("\n\n")[0]
            yield f"- `{_signature(entry)}`: {' '.join(text.split())}"
    yield ""


def _signature(node: ast.FunctionDef) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){returns}"
