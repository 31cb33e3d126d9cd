"""Recalls presets and bundles: finds, verifies and plays what any source requested."""

from contextlib import suppress
from dataclasses import replace

from firmware.bundle.manifest import BundleError
from firmware.bundle.verify import mark
from firmware.instrument.faults import Faults
from firmware.instrument.instrument import Instrument
from firmware.instrument.preset import State
from firmware.instrument.requests import (
    LoadBundle,
    LoadBundleAt,
    PanelRequest,
    RecallPreset,
    SavePreset,
)
from firmware.ipc.control_protocol import Answer, LoadRequest, Reply
from firmware.panel.autosave import StateWriter
from firmware.panel.bundle_loader import BundleLoader, LoadResult
from firmware.panel.decoders import VoiceDecoders
from firmware.storage.paths import Home, InstalledBundle

EXPIRED = "it took too long, and nothing was changed; try again"

WATCH_NS = 5_000_000_000
"""How often the existence of the current bundle's folder is checked."""


class BundleManager:
    """The current bundle and the installed ones. `refused` maps names to reasons.

    `recalled` is the last preset, until its rhythms have been compared with what plays.
    """

    def __init__(
        self,
        home: Home,
        loader: BundleLoader,
        state_writer: StateWriter,
        instrument: Instrument,
        faults: Faults,
    ) -> None:
        """List the bundles; nothing plays yet."""
        self.voice_decoders = VoiceDecoders()
        self.version: InstalledBundle | None = None
        self.loader = loader
        self.refused: dict[str, str] = {}
        self.notice = ""
        self.recalled: State | None = None
        self._home = home
        self._state_writer = state_writer
        self._instrument = instrument
        self._faults = faults
        self._unsaved: InstalledBundle | None = None
        self._preset: State | None = None
        self._pending_answers: list[Answer] = []
        self._landing: list[Answer] = []
        self._watch_ns = 0
        self._expires_ns: int | None = None
        self._before: tuple[InstalledBundle | None, VoiceDecoders] = None, VoiceDecoders()
        instrument.bundles = len(self.loader.bundles)

    def begin(self, now_ns: int) -> None:
        """Load the current bundle, or the newest."""
        version = self._home.current_bundle() or max(self.loader.bundles, default=None)
        if version is None:
            self._faults.raise_("bundle", "none is installed; push one with deploy")
        else:
            self.load(version, now_ns)

    def load(
        self,
        version: InstalledBundle,
        now_ns: int,
        answer: Answer | None = None,
        preset: State | None = None,
        expires_ns: int | None = None,
    ) -> None:
        """Start to load a bundle, and a preset with it; the last request counts.

        `answer` is called once, when the bundle plays and is current, or was refused. A
        bundle that does not play by `expires_ns` is refused, and the previous one plays on.
        """
        if expires_ns is not None and answer and now_ns >= expires_ns:
            answer(Reply(ok=False, reason=EXPIRED))
            return
        if self.loader.cancel():
            self._reply("another kit was requested meanwhile")
        self._preset, self._expires_ns = preset, expires_ns
        if answer:
            self._pending_answers.append(answer)
        if version == self.version and self.loader.is_installed(version):
            self._reply("")
        elif result := self.loader.start(version, now_ns):
            self._handle_result(result)

    def serve(self, request: LoadRequest, now_ns: int, answer: Answer) -> None:
        """Load what the supervisor's client asks for."""
        try:
            version = self.loader.find(request.bundle)
        except BundleError as error:
            answer(Reply(ok=False, reason=str(error)))
        else:
            self.load(version, now_ns, answer, expires_ns=request.expires_ns)

    def handle_request(self, request: PanelRequest, now_ns: int) -> None:
        """Handle a request of the instrument."""
        self.notice = ""
        match request:
            case SavePreset(number):
                state = self._instrument.state()
                rhythms = self.voice_decoders.rhythms(state.patch)
                self._state_writer.save_preset(number, replace(state, rhythms=rhythms))
                self.notice = f"preset {number + 1} saved"
            case RecallPreset(number):
                self._recall(number, now_ns)
            case LoadBundleAt(place):
                self.loader.refresh()
                if place < len(self.loader.bundles):
                    self.load(self.loader.bundles[place], now_ns)
            case LoadBundle(name):
                try:
                    self.load(self.loader.find(name), now_ns)
                except BundleError as error:
                    self._report_refusal(name, str(error))

    def step(self, now_ns: int) -> None:
        """Poll the loader, landings, and whether the current bundle still exists."""
        result = self.loader.poll(now_ns)
        if result:
            self._handle_result(result)
        if self._instrument.landed:
            self._finish_landing()
        if self._expires_ns is not None and now_ns >= self._expires_ns:
            self._expire()
        if now_ns >= self._watch_ns:
            self._watch_ns = now_ns + WATCH_NS
            self._watch()

    def _finish_landing(self) -> None:
        """Make the bundle that plays the current one, then answer."""
        if self._unsaved:
            self._state_writer.set_current(self._unsaved)
            self._note_verified(self._unsaved)
            self._unsaved = None
            self._expires_ns = None
        error = self._state_writer.error_of(self._home.current)
        if self._landing and (error or not self._state_writer.is_pending(self._home.current)):
            reason = f"it plays, but cannot be made current: {error}" if error else ""
            if error:
                self._state_writer.cancel(self._home.current)
            self._answer_landing(reason)

    def _expire(self) -> None:
        """Refuse the request that took too long; what played before plays on."""
        self._expires_ns = None
        if self.loader.cancel():
            self._reply(EXPIRED)
        elif self._unsaved:
            self._unsaved = None
            self.version, self.voice_decoders = self._before
            self._instrument.bundle_loaded(self.version.name if self.version else "")
            self._answer_landing(EXPIRED)

    def _answer_landing(self, reason: str) -> None:
        answers, self._landing = self._landing, []
        for answer in answers:
            answer(Reply(ok=not reason, reason=reason))

    def _recall(self, number: int, now_ns: int) -> None:
        loaded = self._state_writer.preset(number)
        for note in loaded.notes:
            self._faults.note("state", note)
        if loaded.value is None:
            self.notice = f"preset {number + 1} is empty"
            return
        playing = self.version.name if self.version else ""
        if loaded.value.bundle in {"", playing}:
            self._play(loaded.value)
            return
        try:
            version = self.loader.find(loaded.value.bundle)
        except BundleError as error:
            self._report_refusal(loaded.value.bundle, str(error))
            self._play(loaded.value)
        else:
            self.load(version, now_ns, preset=loaded.value)

    def _play(self, preset: State) -> None:
        self._instrument.recall_preset(preset)
        self.recalled = preset

    def _handle_result(self, result: LoadResult) -> None:
        name = result.version.name
        if result.reason:
            self._report_refusal(name, result.reason)
        else:
            if not self._unsaved:
                self._before = self.version, self.voice_decoders
            self.voice_decoders = VoiceDecoders(result.decoders)
            self.version = result.version
            self.refused.pop(name, None)
            self._instrument.bundle_loaded(name)
            self._unsaved = result.version
            self._faults.heal("bundle")
        preset, self._preset = self._preset, None
        if preset:
            self._play(preset)
        self._reply(result.reason)

    def _note_verified(self, version: InstalledBundle) -> None:
        with suppress(OSError):
            path = self.loader.marks.path(self._home.folder(version))
            self._state_writer.write_unsynced(path, mark())

    def _report_refusal(self, name: str, reason: str) -> None:
        if any(version.name == name for version in self.loader.bundles):
            self.refused[name] = reason
        self.notice = reason
        if self.version is None:
            self._faults.raise_("bundle", reason)
        else:
            self._faults.note("bundle", reason)

    def _reply(self, reason: str) -> None:
        answers, self._pending_answers = self._pending_answers, []
        if not reason:
            self._landing += answers
            return
        for answer in answers:
            answer(Reply(ok=False, reason=reason))

    def _watch(self) -> None:
        self.loader.refresh()
        self._instrument.bundles = len(self.loader.bundles)
        if self.version is None:
            return
        if self.loader.is_installed(self.version):
            self._faults.heal("bundle")
        else:
            reference = self.version.reference
            self._faults.raise_("bundle", f"{reference} was deleted; it plays from memory")
