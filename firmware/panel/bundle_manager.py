"""Recalling: presets and bundles wished by any hand, fetched, verified and made to play."""

from contextlib import suppress

from firmware.bundle.manifest import BundleError
from firmware.bundle.verify import mark
from firmware.instrument.faults import Faults
from firmware.instrument.instrument import (
    Instrument,
    LoadBundle,
    LoadBundleAt,
    PanelRequest,
    RecallPreset,
    SavePreset,
)
from firmware.instrument.preset import State
from firmware.ipc.control_protocol import Answer, Reply
from firmware.panel.autosave import Keeper
from firmware.panel.bundle_loader import BundleLoader, LoadResult
from firmware.panel.decoders import VoiceDecoders
from firmware.storage.paths import Home, Version

WATCH_NS = 5_000_000_000
"""How often the playing bundle's folder is looked for."""


class Library:
    """What plays and what could. `refused` maps a bundle's name to the reason."""

    def __init__(
        self, home: Home, keeper: Keeper, instrument: Instrument, faults: Faults
    ) -> None:
        """Look at what is there; nothing plays yet."""
        self.voice_decoders = VoiceDecoders()
        self.version: Version | None = None
        self.shelf = BundleLoader(home)
        self.refused: dict[str, str] = {}
        self.notice = ""
        self._home = home
        self._keeper = keeper
        self._instrument = instrument
        self._faults = faults
        self._unsaved: Version | None = None
        self._preset: State | None = None
        self._answers: list[Answer] = []
        self._landing: list[Answer] = []
        self._watch_ns = 0
        instrument.bundles = len(self.shelf.versions)

    def begin(self, now_ns: int) -> None:
        """Load the current bundle, or the newest."""
        version = self._home.chosen() or max(self.shelf.versions, default=None)
        if version is None:
            self._faults.raise_("bundle", "none is installed; push one with deploy")
        else:
            self.load(version, now_ns)

    def load(
        self,
        version: Version,
        now_ns: int,
        answer: Answer | None = None,
        preset: State | None = None,
    ) -> None:
        """Start to load a bundle, and a preset with it; the last request counts.

        `answer` is called once, when the bundle plays and is current, or was refused.
        """
        if self.shelf.cancel():
            self._answered("another bundle was asked for meanwhile")
        self._preset = preset
        if answer:
            self._answers.append(answer)
        if version == self.version and self.shelf.is_installed(version):
            self._answered("")
        elif result := self.shelf.start(version, now_ns):
            self._arrive(result)

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
        if self._instrument.landed:
            self._finish_landing()
        if now_ns >= self._watch_ns:
            self._watch_ns = now_ns + WATCH_NS
            self._watch()

    def _finish_landing(self) -> None:
        """Make what plays the current bundle, and then answer."""
        if self._unsaved:
            self._keeper.set_current(self._unsaved)
            self._note_verified(self._unsaved)
            self._unsaved = None
        error = self._keeper.error_of(self._home.current)
        if self._landing and (error or not self._keeper.waits(self._home.current)):
            reason = f"it plays, but cannot be made current: {error}" if error else ""
            answers, self._landing = self._landing, []
            for answer in answers:
                answer(Reply(ok=not reason, reason=reason))

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

    def _arrive(self, arrival: LoadResult) -> None:
        name = arrival.version.name
        if arrival.reason:
            self._refuse(name, arrival.reason)
        else:
            self.voice_decoders = VoiceDecoders(arrival.decoders)
            self.version = arrival.version
            self.refused.pop(name, None)
            self._instrument.bundle_loaded(name)
            self._unsaved = arrival.version
            self._faults.heal("bundle")
        preset, self._preset = self._preset, None
        if preset:
            self._instrument.recall_preset(preset)
        self._answered(arrival.reason)

    def _note_verified(self, version: Version) -> None:
        with suppress(OSError):
            path = self.shelf.marks.path(self._home.folder(version))
            self._keeper.note(path, mark())

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
            answer(Reply(ok=False, reason=reason))

    def _watch(self) -> None:
        self.shelf.refresh()
        self._instrument.bundles = len(self.shelf.versions)
        if self.version is None:
            return
        if self.shelf.is_installed(self.version):
            self._faults.heal("bundle")
        else:
            reference = self.version.reference
            self._faults.raise_("bundle", f"{reference} was deleted; it plays from memory")
