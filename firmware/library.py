"""Recalling: presets and bundles wished by any hand, fetched, verified and made to play."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from firmware import __version__
from firmware.ensemble import VoiceDecoders
from firmware.faults import Faults
from firmware.home import Home, Version
from firmware.instrument import (
    Instrument,
    LoadBundle,
    LoadBundleAt,
    PanelRequest,
    RecallPreset,
    SavePreset,
)
from firmware.keeper import Keeper
from firmware.manifest import BundleError
from firmware.shelf import Arrival, Shelf
from firmware.state import State

WATCH_NS = 5_000_000_000
"""How often the playing bundle's folder is looked for."""

Answer = Callable[[str], None]
"""Called once: with nothing when the bundle plays, or with the reason why not."""


class Library:
    """What plays and what could. `refused` maps a bundle's name to the reason."""

    def __init__(
        self, home: Home, keeper: Keeper, instrument: Instrument, faults: Faults
    ) -> None:
        """Look at what is there; nothing plays yet."""
        self.voice_decoders = VoiceDecoders()
        self.version: Version | None = None
        self.shelf = Shelf(home)
        self.refused: dict[str, str] = {}
        self.notice = ""
        self._home = home
        self._keeper = keeper
        self._instrument = instrument
        self._faults = faults
        self._trusted: set[Version] = set()
        self._preset: State | None = None
        self._answers: list[Answer] = []
        self._landing: list[Answer] = []
        self._watch_ns = 0
        instrument.bundles = len(self.shelf.versions)

    def begin(self, now_ns: int) -> None:
        """Load the bundle that was chosen last, or the newest.

        One that has played here before is loaded at once. Should it crash, it will not have
        been verified when the panel starts again.
        """
        version = self._home.chosen() or max(self.shelf.versions, default=None)
        if version is None:
            self._faults.raise_("bundle", "none is installed; push one with deploy")
        elif self._is_verified(version):
            with suppress(OSError):
                self._verified_path.unlink()
            self._arrive(self.shelf.load(version))
        else:
            self.load(version, now_ns)

    def load(
        self,
        version: Version,
        now_ns: int,
        answer: Answer | None = None,
        preset: State | None = None,
    ) -> None:
        """Begin to load a bundle, and a preset with it; the newest wish counts.

        What has played since the start is known not to crash, and is loaded at once.
        """
        if self.shelf.give_up():
            self._answered("another bundle was asked for meanwhile")
        self._preset = preset
        if answer:
            self._answers.append(answer)
        if version == self.version and self.shelf.is_there(version):
            self._answered("")
        elif version in self._trusted:
            self._arrive(self.shelf.load(version))
        else:
            self.shelf.want(version, now_ns)

    def grant(self, wish: PanelRequest, now_ns: int) -> None:
        """Do what the instrument cannot do by itself."""
        self.notice = ""
        match wish:
            case SavePreset(number):
                self._keeper.save_preset(number, self._instrument.state())
                self.notice = f"preset {number + 1} saved"
            case RecallPreset(number):
                self._recall(number, now_ns)
            case LoadBundleAt(place):
                self.shelf.refresh()
                if place < len(self.shelf.versions):
                    self.load(self.shelf.versions[place], now_ns)
            case LoadBundle(name):
                try:
                    self.load(self.shelf.find(name), now_ns)
                except BundleError as error:
                    self._refuse(name, str(error))

    def step(self, now_ns: int) -> None:
        """See what arrived, what has landed, and whether the playing bundle is still there."""
        arrival = self.shelf.poll(now_ns)
        if arrival:
            self._arrive(arrival)
        if self._landing and self._instrument.landed:
            answers, self._landing = self._landing, []
            for answer in answers:
                answer("")
        if now_ns >= self._watch_ns:
            self._watch_ns = now_ns + WATCH_NS
            self._watch()

    @property
    def _verified_path(self) -> Path:
        return self._home.state / "verified"

    def _is_verified(self, version: Version) -> bool:
        try:
            return self._verified_path.read_text("utf-8") == _mark(version)
        except (OSError, UnicodeDecodeError):
            return False

    def _recall(self, number: int, now_ns: int) -> None:
        loaded = self._keeper.preset(number)
        for note in loaded.notes:
            self._faults.note("state", note)
        if loaded.value is None:
            self.notice = f"preset {number + 1} is empty"
            return
        playing = self.version.name if self.version else ""
        if loaded.value.bundle in {"", playing}:
            self._instrument.recall_preset(loaded.value)
            return
        try:
            version = self.shelf.find(loaded.value.bundle)
        except BundleError as error:
            self._refuse(loaded.value.bundle, str(error))
            self._instrument.recall_preset(loaded.value)
        else:
            self.load(version, now_ns, preset=loaded.value)

    def _arrive(self, arrival: Arrival) -> None:
        name = arrival.version.name
        if arrival.reason:
            self._refuse(name, arrival.reason)
        else:
            self.voice_decoders = VoiceDecoders(arrival.decoders)
            self.version = arrival.version
            self._trusted.add(arrival.version)
            self.refused.pop(name, None)
            self._instrument.bundle_loaded(name)
            self._keeper.choose(arrival.version)
            self._keeper.note(self._verified_path, _mark(arrival.version))
            self._faults.heal("bundle")
        preset, self._preset = self._preset, None
        if preset:
            self._instrument.recall_preset(preset)
        self._answered(arrival.reason)

    def _refuse(self, name: str, reason: str) -> None:
        if any(version.name == name for version in self.shelf.versions):
            self.refused[name] = reason
        self.notice = reason
        if self.version is None:
            self._faults.raise_("bundle", reason)
        else:
            self._faults.note("bundle", reason)

    def _answered(self, reason: str) -> None:
        answers, self._answers = self._answers, []
        if not reason:
            self._landing += answers
            return
        for answer in answers:
            answer(reason)

    def _watch(self) -> None:
        self.shelf.refresh()
        self._instrument.bundles = len(self.shelf.versions)
        if self.version is None:
            return
        if self.shelf.is_there(self.version):
            self._faults.heal("bundle")
        else:
            reference = self.version.reference
            self._faults.raise_("bundle", f"{reference} was deleted; it plays from memory")


def _mark(version: Version) -> str:
    return f"{version.reference} {__version__}"
