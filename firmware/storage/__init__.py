"""Files, settings and state on disk."""
