"""The laptop's end: commands, push, output."""
