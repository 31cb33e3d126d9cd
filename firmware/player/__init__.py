"""The player process: the real-time loop and its outputs."""
