"""The commands of `firmware`."""
