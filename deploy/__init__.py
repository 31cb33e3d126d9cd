"""Sends bundles and firmware from a laptop to modules."""
