"""Pages, pictures and text for people."""
