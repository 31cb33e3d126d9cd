"""Models: structures, training, maps and what they are measured by."""
