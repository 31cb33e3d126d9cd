"""Drivers of the chips and lines, over a bus that is handed in."""
