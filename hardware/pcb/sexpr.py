# SPDX-License-Identifier: CERN-OHL-P-2.0
"""S-expressions, KiCad's file format: read into nested lists, written as by KiCad."""

import re
from typing import TypeAlias

Node: TypeAlias = "list[Node | str]"

_TOKENS = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')
_COLUMNS = 98
"""Where KiCad starts a new line of points."""


class Quoted(str):
    """A word that stood in quotes; its escapes are left as they were."""

    __slots__ = ()


def parse(text: str) -> Node:
    """Parse an S-expression."""
    stack: list[Node] = [[]]
    for quoted, bracket, word in _TOKENS.findall(text):
        if bracket == "(":
            stack.append([])
        elif bracket == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word or Quoted(quoted))
    first = stack[0][0]
    return first if isinstance(first, list) else []


def children(node: Node, name: str) -> list[Node]:
    """Find the children of that name."""
    return [item for item in node if isinstance(item, list) and item and item[0] == name]


def child(node: Node, name: str) -> Node:
    """Find the only child of that name, or an empty one."""
    found = children(node, name)
    return found[0] if found else []


def numbers(node: Node) -> list[float]:
    """Read the numbers behind a node's name."""
    return [float(word) for word in node[1:] if isinstance(word, str)]


def write(node: Node) -> str:
    """Write a file, a node to a line."""
    return "\n".join((*_lines(node, ""), ""))


def _word(word: str) -> str:
    return f'"{word}"' if isinstance(word, Quoted) else word


def _lines(node: Node, indent: str) -> list[str]:
    words = " ".join(_word(item) for item in node if isinstance(item, str))
    nested = [item for item in node if isinstance(item, list)]
    if not nested:
        return [f"{indent}({words})"]
    inner = f"{indent}\t"
    below = _points(nested, inner) if node[0] == "pts" else []
    below = below or [line for item in nested for line in _lines(item, inner)]
    return [f"{indent}({words}", *below, f"{indent})"]


def _points(points: list[Node], indent: str) -> list[str]:
    """Fill lines with points."""
    lines = [indent]
    for point in points:
        (text,) = _lines(point, "")
        if len(lines[-1]) > _COLUMNS:
            lines.append(indent)
        lines[-1] += text if lines[-1] == indent else f" {text}"
    return lines
