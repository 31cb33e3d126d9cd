"""The page about `settings.toml`, made from the dataclasses that check it."""

import ast
import inspect
import json
from dataclasses import fields
from itertools import pairwise
from typing import Any, cast

from firmware.storage.settings import Settings

_HEAD = """# Settings

The module reads `settings.toml` in its home folder when it starts. The file is optional, and so
is every line of it. On a module the home is `/var/lib/exnihilo`; at the desk it is
`~/.local/share/exnihilo`, or what `--home` names. A mistake in the file never stops the module:
`firmware doctor` lists each one, and the default is used.

```toml
[osc]
host = "0.0.0.0"      # receive OSC from other machines, too

[midi]
fill = 20             # another control change for the fill
```

"""


def page() -> str:
    """Return the page in Markdown."""
    return _HEAD + "\n".join(_table(entry.name, entry.default) for entry in fields(Settings))


def _table(name: str, default: Any) -> str:
    kind = type(default)
    meanings = _meanings(kind)
    rows = [
        f"| `{one.name}` | `{json.dumps(one.default)}` | {_range(one.metadata)} "
        f"| {meanings[one.name]} |"
        for one in fields(kind)
    ]
    head = ["| setting | default | range | meaning |", "|---|---|---|---|"]
    return "\n".join([f"## [{name}]", "", str(kind.__doc__), "", *head, *rows, ""])


def _range(metadata: Any) -> str:
    return f"{metadata['low']:g} to {metadata['high']:g}" if "low" in metadata else ""


def _meanings(kind: type[Any]) -> dict[str, str]:
    """Return the text below each field, by the field's name."""
    body = cast(ast.ClassDef, ast.parse(inspect.getsource(kind)).body[0]).body
    return {
        ast.unparse(entry.target): str(ast.literal_eval(after.value))
        for entry, after in pairwise(body)
        if isinstance(entry, ast.AnnAssign) and isinstance(after, ast.Expr)
    }
