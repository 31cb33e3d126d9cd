"""Import every module of the firmware and of deploy, and the hardware's libraries.

Modules that need the extra `desk`, which a module in the rack does not have, are named and
left out; anything else that is missing is an error.
"""

import importlib
import pkgutil
import sys

import deploy
import firmware

DESK = {"textual", "rtmidi", "sounddevice"}

names = ["gpiod", "mido"]
for package in (firmware, deploy):
    names += [
        module.name
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
imported = 0
for name in names:
    if name.endswith("__main__"):
        continue
    try:
        importlib.import_module(name)
    except ImportError as error:
        if (error.name or "").split(".")[0] not in DESK:
            raise
        sys.stdout.write(f"{name}: left out, for the desk only ({error.name})\n")
    else:
        imported += 1
sys.stdout.write(f"{imported} modules imported\n")
