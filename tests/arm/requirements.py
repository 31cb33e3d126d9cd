"""Print what a module needs, without what Debian brings: `requirements.py PYPROJECT`."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))["project"]
needed = [*project["dependencies"], *project["optional-dependencies"]["pi"]]
for requirement in needed:
    if not requirement.startswith("spidev"):
        sys.stdout.write(f"{requirement}\n")
