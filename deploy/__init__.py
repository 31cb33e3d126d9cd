"""From a laptop into the rack, and never a broken module."""
