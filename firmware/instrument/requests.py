"""Requests of the instrument to the panel: presets and bundles."""

from typing import NamedTuple


class RecallPreset(NamedTuple):
    """A request to play a preset, from 0."""

    number: int


class SavePreset(NamedTuple):
    """A request to save what plays as a preset, from 0."""

    number: int


class LoadBundle(NamedTuple):
    """A request to play a bundle by its name, or NAME/SEQUENCE."""

    name: str


class LoadBundleAt(NamedTuple):
    """A request to play a bundle by its place in the list, from 0."""

    place: int


PanelRequest = RecallPreset | SavePreset | LoadBundle | LoadBundleAt
