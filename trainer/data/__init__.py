"""Loops, datasets and projects."""
