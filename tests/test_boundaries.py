"""The rules of the layout that an import can break."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ORDER = {
    "firmware": (
        *("errors", "board", "engine", "storage", "instrument", "bundle", "ipc", "drivers"),
        *("midi", "player", "supervisor", "simulator", "ui", "osc", "panel", "desk", "cli"),
    ),
    "trainer": ("audio", "data", "model", "export", "report", "pipeline", "studio", "cli"),
}
"""The folders of a package; each imports only from those before it."""

BASE = "firmware.cli.base"
"""What every command line shares, also those of other packages; it knows errors alone."""

LAZY = {("firmware.drivers.backend", "firmware.simulator")}
"""The one place that chooses real or simulated chips loads the simulator when asked for it."""

SHARED = (
    *("board", "engine", "bundle", "storage", "errors", "cli.base"),
    *("ipc.control_protocol", "ipc.json_lines", "osc.packet"),
)
"""What of the firmware the other packages may import."""

PURE = ("errors", "board", "engine", "instrument")
"""No I/O, no threads and no clock: time and randomness are arguments."""

SIDE_EFFECTS = {
    *("asyncio", "os", "select", "signal", "socket", "subprocess", "threading", "time"),
}
HARDWARE = {"gpiod", "rtmidi"}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_of(path): path
    for package in ("firmware", "trainer", "deploy")
    for path in sources(package)
}


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in below)


IMPORTS = {name: set(imported(path)) for name, path in MODULES.items()}


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def in_part(name: str, package: str, parts: tuple[str, ...]) -> bool:
    return any(f"{name}.".startswith(f"{package}.{part}.") for part in parts)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_packages_import_only_what_they_may(name: str) -> None:
    package = name.split(".", maxsplit=1)[0]
    others = {"firmware", "trainer", "deploy", "hardware", "pd", "tests", "tools"} - {package}
    allowed = set() if package == "firmware" else {"firmware"}
    assert not roots(IMPORTS[name]) & (others - allowed)
    if package != "firmware":
        used = {module for module in IMPORTS[name] if module.startswith("firmware.")}
        assert not {module for module in used if not in_part(module, "firmware", SHARED)}


@pytest.mark.parametrize("package", sorted(ORDER))
def test_folders_import_only_downwards(package: str) -> None:
    rank = {folder: number for number, folder in enumerate(ORDER[package])}
    upward = []
    for name, imports in IMPORTS.items():
        parts = name.split(".")
        if parts[0] != package or len(parts) == 1 or "__main__" in parts or name == BASE:
            continue
        for used in imports - {BASE, f"{package}.__main__"}:
            other = used.split(".")
            if other[0] != package or len(other) == 1:
                continue
            lazy = any(name == one and f"{used}.".startswith(f"{two}.") for one, two in LAZY)
            if rank[other[1]] > rank[parts[1]] and not lazy:
                upward.append(f"{name} imports {used}")
    assert upward == []


def test_the_base_of_the_command_lines_knows_errors_alone() -> None:
    assert {name for name in IMPORTS[BASE] if name.startswith("firmware.")} <= {
        "firmware.errors"
    }


def test_no_modules_import_each_other_in_a_circle() -> None:
    lazy = {one for one, _ in LAZY}
    graph = {
        name: {used for used in imports if used in MODULES}
        for name, imports in IMPORTS.items()
        if name not in lazy
    }
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("package", sorted(ORDER))
def test_only_errors_stand_beside_the_folders(package: str) -> None:
    here = {path.name for path in (ROOT / package).glob("*.py")}
    assert here <= {"__init__.py", "__main__.py", "errors.py"}


@pytest.mark.parametrize(
    "path", sorted([*MODULES.values(), *sources("pd"), *sources("tools")]), ids=str
)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize(
    "name", [name for name in sorted(MODULES) if in_part(name, "firmware", PURE)]
)
def test_pure_modules_do_no_io(name: str) -> None:
    assert not roots(IMPORTS[name]) & SIDE_EFFECTS
    used = {module for module in IMPORTS[name] if module.startswith("firmware.")}
    assert not {module for module in used if not in_part(module, "firmware", PURE)}


def test_importing_every_firmware_module_loads_no_hardware_library() -> None:
    modules = [
        name
        for name in MODULES
        if name.startswith("firmware.") and not name.endswith("__main__")
    ]
    script = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
print(sorted({HARDWARE!r} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
