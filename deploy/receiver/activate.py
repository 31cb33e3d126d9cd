"""Make an installed bundle the current one: the running firmware plays it and confirms it.

The firmware points `current` at what it plays, so nothing has to be undone when it refuses or
crashes. `current` is set here only while no firmware runs.
"""

import time
from dataclasses import dataclass

from firmware.bundle import store
from firmware.errors import UserError
from firmware.ipc.control_protocol import (
    ControlError,
    LoadRequest,
    NotRunningError,
    Reply,
    StatusRequest,
    WentAwayError,
    ask,
)
from firmware.storage.paths import Home, InstalledBundle

LOAD_S = 30.0
"""How long the word that it plays may take: two bars at 20 BPM, and some loading."""

MARGIN_S = 2.0
"""How much later than the request expires an answer may come."""

LOADS_MAX = 3
"""How often a bundle is tried on a firmware that goes away over it."""

RETURN_S = 20.0
"""How long a firmware that stopped meanwhile may take to restart."""


@dataclass(frozen=True, slots=True)
class Activation:
    """The result: the firmware confirmed that the bundle plays, or no firmware runs."""

    version: InstalledBundle
    playing: bool


class RefusedError(UserError):
    """The firmware refused the bundle; the previous one keeps playing."""


def activate(home: Home, version: InstalledBundle) -> Activation:
    """Have the running firmware play a bundle, then point `current` at it.

    Without a running firmware only `current` changes. One at a time, so that `current` names
    what the firmware was asked for last. Raises `RefusedError`.
    """
    with store.locked(home, "play"):
        return _activate(home, version)


def _activate(home: Home, version: InstalledBundle) -> Activation:
    try:
        reply = _load(home, version)
    except NotRunningError:
        store.set_current(home, version)
        return Activation(version, playing=False)
    except ControlError as error:
        raise RefusedError(f"the module did not play it: {error}") from None
    if not reply.ok:
        raise RefusedError(f"the module refused it: {reply.reason}")
    return Activation(version, playing=True)


def _load(home: Home, version: InstalledBundle) -> Reply:
    """Ask, and again if the firmware restarts meanwhile: that need not be the bundle's doing.

    Raises `NotRunningError` only if none ran at first, else `ControlError`.
    """
    expires_ns = time.monotonic_ns() + int(LOAD_S * 1e9)
    request = LoadRequest(version.reference, expires_ns)
    for _ in range(LOADS_MAX):
        try:
            return ask(home.control, request, LOAD_S + MARGIN_S)
        except WentAwayError as error:
            gone = error
            if not _restarts(home):
                break
    raise gone


def _restarts(home: Home) -> bool:
    """Wait until the firmware replies again; return whether it did."""
    deadline_s = time.monotonic() + RETURN_S
    while time.monotonic() < deadline_s:
        try:
            return ask(home.control, StatusRequest(), RETURN_S).ok
        except (NotRunningError, WentAwayError):
            time.sleep(0.1)
        except ControlError:
            return False
    return False
