"""The commands of `trainer`."""
