"""Build the portable core as WebAssembly: `python -m tools.build_wasm [FILE]`.

Needs clang and lld of this one version, so that the same source gives the same bytes anywhere.
"""

import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "firmware" / "portable"
WASM = SOURCES / "exnihilo.wasm"
COMPILER = "clang-14"

FLAGS = (
    *("--target=wasm32", "-std=c++17", "-Os", "-ffreestanding", "-nostdlib"),
    *("-fno-exceptions", "-fno-rtti", "-ffp-contract=off", "-fvisibility=hidden"),
    *("-Wall", "-Wextra", "-Werror"),
    *("-Wl,--no-entry", "-Wl,--export-dynamic", "-Wl,--strip-all", "-Wl,-z,stack-size=65536"),
)


def build(target: Path) -> None:
    """Compile and link the core. Raises `CalledProcessError` if it does not compile."""
    # By their names in their own folder, so that no path of this machine gets into the file.
    sources = sorted(path.name for path in SOURCES.glob("*.cpp"))
    command = [COMPILER, *FLAGS, *sources, "-o", str(target.resolve())]
    subprocess.run(command, cwd=SOURCES, check=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else WASM)
