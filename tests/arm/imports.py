"""Import every module of the firmware and of deploy, and the hardware's libraries."""

import importlib
import pkgutil
import sys

import deploy
import firmware

names = ["gpiod", "smbus2", "spidev", "adafruit_mcp4728", "luma.oled.device", "mido"]
for package in (firmware, deploy):
    names += [
        module.name
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
sys.stdout.write(f"{len(names)} modules imported\n")
