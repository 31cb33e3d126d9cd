"""The steps that a plan is made of: values that `apply.py` carries out on the module."""

from typing import Any

Step = dict[str, Any]


def finds_none(arguments: str) -> tuple[str, ...]:
    """Return a condition: `find` with these arguments finds nothing."""
    return ("sh", "-c", f"! find {arguments} | grep -q .")


def require(command: tuple[str, ...], answers: tuple[str, ...], advice: str) -> Step:
    """Return a step that goes on only if a command prints one of some answers."""
    return {"do": "require", "command": command, "answers": answers, "advice": advice}


def folder(path: str, mode: int, owner: str | None = None) -> Step:
    """Return a step that makes a folder of this mode, and owner if it is new."""
    return {"do": "folder", "path": path, "mode": mode, "owner": owner}


def file(path: str, content: str, mode: int = 0o644) -> Step:
    """Return a step that writes a file."""
    return {"do": "file", "path": path, "content": content, "mode": mode}


def always(why: str, script: str) -> Step:
    """Return a step that runs a script each time."""
    return {"do": "run", "why": why, "command": ("sh", "-c", script)}


def run(why: str, command: tuple[str, ...], *, unless: tuple[str, ...]) -> Step:
    """Return a step that runs a command unless another succeeds."""
    return {"do": "run", "why": why, "command": command, "unless": unless}
