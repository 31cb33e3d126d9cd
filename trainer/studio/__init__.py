"""The studio: loops, training, maps and kits in a browser on the same machine."""
