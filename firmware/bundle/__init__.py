"""Bundles: manifest, decoders and their verification."""
