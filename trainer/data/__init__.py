"""Loops, their cache and the dataset."""
