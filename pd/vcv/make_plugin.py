"""Write what the Rack plugin takes from the module: `python pd/vcv/make_plugin.py`.

`res/ExNihilo.svg` is the faceplate and `src/layout.h` its places, both from the panel of
`hardware/`; `src/parameters.h` is the firmware's table of parameters and its figures in volts.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from pd.vcv.faceplate import layout, picture  # noqa: E402
from pd.vcv.plugin_parameters import header  # noqa: E402

PLUGIN = HERE / "plugin"
FILES: Mapping[str, Callable[[], str]] = {
    "res/ExNihilo.svg": picture,
    "src/layout.h": layout,
    "src/parameters.h": header,
}


def main() -> None:
    """Write every file."""
    for name, make in FILES.items():
        (PLUGIN / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
