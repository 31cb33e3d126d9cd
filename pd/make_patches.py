"""Make the patches of this folder: `python pd/make_patches.py`.

They communicate by these names, which any other patch may use too:

exnihilo-say      a message for the module: `/voice/1/x 0.5`
exnihilo-received     values from the module, as a list: `voice 1 x 0.5`
exnihilo-there    1 while the module replies, else 0
exnihilo-tick     own clock: the sixteenths since the start, and their milliseconds
exnihilo-note     every note that Pd plays: voice, note, velocity (0 ends it)
exnihilo-follow   where notes come from: 0 nowhere, 1 the module's steps, 2 the own clock
"""

import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from pd.helps import HELPS  # noqa: E402
from pd.parts import PARTS  # noqa: E402
from pd.window import window  # noqa: E402

FILES: dict[str, Callable[[], str]] = {"exnihilo.pd": window, **PARTS, **HELPS}


def main() -> None:
    """Write every patch."""
    for name, make in FILES.items():
        (HERE / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
