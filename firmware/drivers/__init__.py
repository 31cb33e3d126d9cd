"""Drivers of the chips and lines, over a bus that is passed in."""
