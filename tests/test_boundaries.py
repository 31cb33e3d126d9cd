"""The house rules that an import can break."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PURE = {
    *("action", "atlas", "board", "calibration", "clock", "clock_output", "clock_source"),
    *("controls", "encoder"),
    *("errors", "external_clock", "faults", "internal_clock", "modulation", "osc_packet"),
    *("pages", "parameters", "patch", "pattern", "performance", "phase_lock"),
    *("pulse_count", "recorder", "scale", "score", "sequencer", "tap", "voice", "warp", "wire"),
}
SHARED = PURE | {
    *("bundle", "cli", "control", "decoder", "files", "home", "manifest", "settings", "store"),
    *("json_lines", "verify"),
}
SIDE_EFFECTS = {
    "asyncio",
    "os",
    "select",
    "signal",
    "socket",
    "subprocess",
    "threading",
    "time",
}
HARDWARE = {"RPi", "adafruit_mcp4728", "board", "gpiod", "rtmidi", "smbus2", "spidev"}


def imported(path: Path) -> set[str]:
    """Name every module that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", sources("firmware"), ids=str)
def test_firmware_imports_neither_trainer_nor_deploy(path: Path) -> None:
    assert not roots(imported(path)) & {"trainer", "deploy", "hardware", "tests"}


@pytest.mark.parametrize("path", sources("trainer") + sources("deploy"), ids=str)
def test_the_others_import_only_contracts_of_the_firmware(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    names = imported(path)
    assert not roots(names) & {"trainer", "deploy", "hardware", "tests"} - {package}
    used = {name.split(".")[1] for name in names if name.startswith("firmware.")}
    assert used - {"__version__"} <= SHARED


@pytest.mark.parametrize("name", sorted(PURE))
def test_pure_modules_do_no_io_and_import_only_pure_ones(name: str) -> None:
    path = ROOT / "firmware" / f"{name}.py"
    names = imported(path)
    assert not roots(names) & SIDE_EFFECTS
    used = {name.split(".")[1] for name in names if name.startswith("firmware.")}
    assert used <= PURE


def test_importing_every_firmware_module_loads_no_hardware_library() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sources("firmware")
        if path.stem not in {"__init__", "__main__"}
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
