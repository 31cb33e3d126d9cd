"""The front panel: from inputs to engine states, and everything that is not real-time.

A `FrontPanel` is driven by `step`, which takes the time as an argument; nothing in it waits.
`process.py` runs it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from firmware import __version__
from firmware.board.calibration import NOMINAL, Calibration
from firmware.drivers.backend import Backend
from firmware.drivers.cv_inputs import CvInputs
from firmware.engine.state import VOICES, CommandKind
from firmware.instrument.faults import KINDS, Faults
from firmware.instrument.instrument import Instrument
from firmware.instrument.patch import Patch
from firmware.instrument.preset import State
from firmware.ipc.control_protocol import Answer, LoadRequest, Reply, Request, Status
from firmware.ipc.player_connection import PlayerConnection
from firmware.panel.actions import PanelActions
from firmware.panel.autosave import StateWriter
from firmware.panel.bundle_loader import BundleLoader
from firmware.panel.bundle_manager import BundleManager
from firmware.panel.fault_log import FaultLog
from firmware.panel.map_renderer import MapRenderer
from firmware.panel.midi_learning import learned_before
from firmware.panel.rhythm_recall import RhythmRecall
from firmware.panel.self_test import SelfTest
from firmware.panel.shortcuts import Shortcuts
from firmware.panel.system_info import HOT_CELSIUS
from firmware.panel.views import Parts, build_snapshot, panel_snapshot
from firmware.storage.paths import Home
from firmware.storage.settings import CheckedSettings, parse_calibration
from firmware.storage.state_store import Loaded, T, load
from firmware.ui.display import DisplayAndEncoder
from firmware.ui.menu import Menu
from firmware.ui.panel_update import PanelService, PanelUpdate
from firmware.ui.snapshot import SystemView

SCAN_NS = 2_000_000
"""500 Hz."""
HOUSEKEEPING_NS = 50_000_000
FRAME_NS = 100_000_000
SYSTEM_NS = 2_000_000_000
REPORT_AGE_NS = 2_000_000_000
"""A player without a report for this long is not healthy."""


class FrontPanel:
    """The instrument with its devices, files and two sockets."""

    def __init__(
        self,
        *,
        home: Home,
        settings: CheckedSettings,
        devices: Backend,
        player: PlayerConnection,
        self_test: SelfTest,
        loader: BundleLoader,
        read_system: Callable[[], SystemView],
        now_ns: int,
    ) -> None:
        """Restore the saved state and start to load the bundle."""
        self.faults = Faults()
        self.settings = settings.settings
        self.state_writer = StateWriter(home)
        state = self._noted(self.state_writer.load_state())
        learned = self._noted(learned_before(home))
        self.instrument = Instrument(state or State(), self._controls(), learned or ())
        self.bundle_manager = BundleManager(
            home, loader, self.state_writer, self.instrument, self.faults
        )
        self.services: list[PanelService] = []
        self.player = player
        self.report_ns = 0
        self.maps = MapRenderer()
        self._rhythm_recall = RhythmRecall(self.instrument, self.maps)
        self.menu = Menu(self.instrument.page)
        self.display_and_encoder = DisplayAndEncoder(devices, self.faults, self.settings)
        self.scanner = CvInputs(devices.adc, self._saved_calibration(home).inputs)
        self.actions = PanelActions(
            home=home,
            instrument=self.instrument,
            menu=self.menu,
            state_writer=self.state_writer,
            scanner=self.scanner,
            maps=self.maps,
            self_test=self_test,
            command=player.command,
        )
        self.shortcuts = Shortcuts(self.instrument, self.menu, self.actions)
        self._parts = Parts(
            instrument=self.instrument,
            menu=self.menu,
            bundle_manager=self.bundle_manager,
            state_writer=self.state_writer,
            faults=self.faults,
            maps=self.maps,
            scanner=self.scanner,
            actions=self.actions,
        )
        self._read_system = read_system
        self._fault_log = FaultLog()
        self._system = SystemView()
        self._system_ns = self._started_ns = now_ns
        self._scan_ns = self._housekeeping_ns = self._frame_ns = now_ns
        self._sent: tuple[object, ...] = ()
        self._played: Patch | None = None
        self._steps = (-1,) * VOICES
        for mistake in settings.mistakes:
            self.faults.raise_("settings", mistake)
        self.bundle_manager.begin(now_ns)

    @property
    def next_deadline_ns(self) -> int:
        """When `step` is next due."""
        return min(self._scan_ns, self._housekeeping_ns)

    @property
    def gestures(self) -> int | None:
        """Descriptor that is readable when a contact moved; None while they are absent."""
        return self.display_and_encoder.descriptor

    def step(self, now_ns: int, ready: Collection[int] | None = None) -> None:
        """Run what is due: scan, decode and send; housekeeping at a lower rate.

        `ready` are the readable descriptors; all are tried if that is not known.
        """
        received = False
        if ready is None or self.player.fileno() in ready:
            received = self._take_reports(now_ns)
        moved = ready is None or self.gestures in ready
        is_due = now_ns >= self._scan_ns
        if is_due:
            self._scan_ns = max(self._scan_ns + SCAN_NS, now_ns)
            self._scan(now_ns)
            self.maps.step(self.bundle_manager.voice_decoders)
        if moved or is_due:
            self._take_gestures(now_ns, moved=moved)
        self.instrument.advance(now_ns)
        while self.instrument.pending_requests:
            self.bundle_manager.handle_request(self.instrument.pending_requests.pop(0), now_ns)
        self._rhythm_recall.step(self.bundle_manager)
        self._play()
        if now_ns >= self._housekeeping_ns:
            self._housekeeping_ns = now_ns + HOUSEKEEPING_NS
            self._run_housekeeping(now_ns)
            received = True
        if received:
            self._publish(now_ns)

    def reset(self, now_ns: int) -> None:
        """Go to the first step."""
        self.player.command(CommandKind.RESET, now_ns)

    def panic(self, now_ns: int) -> None:
        """End all notes."""
        self.player.command(CommandKind.PANIC, now_ns)

    def serve(self, request: Request, answer: Answer, now_ns: int) -> None:
        """Answer the supervisor, at once or when the bundle plays."""

        def answered(reply: Reply) -> None:
            answer(replace(reply, status=self.status(now_ns)) if reply.ok else reply)

        if isinstance(request, LoadRequest):
            self.bundle_manager.serve(request, now_ns, answered)
        else:
            answered(Reply(ok=True))

    def status(self, now_ns: int) -> Status:
        """Return the status."""
        report = self.instrument.transport.report
        version = self.bundle_manager.version
        alive = now_ns - self.report_ns < REPORT_AGE_NS
        return Status(
            firmware=__version__,
            bundle=version.reference if version else "",
            healthy=alive and not self.faults["dac"].active,
            running=report.running,
            tempo_bpm=report.milli_bpm / 1000,
            uptime_s=(now_ns - self._started_ns) / 1e9,
            faults=self.faults.active,
        )

    def close(self) -> None:
        """Save the state. Raises `OSError`."""
        self.bundle_manager.loader.cancel()
        self.actions.self_test.close()
        self.state_writer.schedule_save(self.instrument.state(), self._housekeeping_ns)
        self.state_writer.flush()

    # --- inside ---

    def _saved_calibration(self, home: Home) -> Calibration:
        return self._noted(load(home.calibration, parse_calibration)) or NOMINAL

    def _noted(self, loaded: Loaded[T]) -> T | None:
        """Return what was loaded, and note as faults what was repaired."""
        for note in loaded.notes:
            self.faults.note("state", note)
        return loaded.value

    def _controls(self) -> Mapping[int, str]:
        midi = self.settings.midi
        return {midi.x: "x", midi.y: "y", midi.threshold: "threshold", midi.fill: "fill"}

    def _take_reports(self, now_ns: int) -> bool:
        restarts = self.player.restarts
        reports = self.player.receive()
        if self.player.restarts > restarts:
            self.faults.note("player", KINDS["player"])
        for report in reports:
            self.report_ns = now_ns
            self.instrument.take_report(report, now_ns)
            self.faults.take_player_counts(report.faults, now_ns)
            for note in report.notes:
                self.actions.take_note(note)
        return bool(reports)

    def _take_gestures(self, now_ns: int, *, moved: bool) -> None:
        for event in self.display_and_encoder.poll_gestures(now_ns, moved=moved):
            if self.shortcuts.run(event):
                continue
            action = self.menu.handle(event, self.instrument)
            if action:
                self.bundle_manager.notice = ""
                self.actions.run(action, event.time_ns)

    def _scan(self, now_ns: int) -> None:
        trouble = self.scanner.scan()
        if trouble:
            self.faults.raise_("adc", trouble)
            return
        self.faults.heal("adc")
        self.instrument.take_cvs(self.scanner.volts, now_ns)
        if self.scanner.knobs_read and self.scanner.positions is not None:
            before = self.instrument.patch
            self.instrument.take_knobs(self.scanner.positions)
            if self.instrument.patch is not before:
                self.display_and_encoder.touch(now_ns)

    def _play(self) -> None:
        """Decode the voices that moved, and send the engine state if it has changed."""
        instrument, voice_decoders = self.instrument, self.bundle_manager.voice_decoders
        held = self.actions.held
        sent = instrument.recall, instrument.landed, voice_decoders, held
        if instrument.playing is self._played and sent == self._sent:
            return
        voice_decoders.decode([instrument.place(v) for v in range(VOICES)])
        self.player.send(instrument.engine_state(voice_decoders.patterns, held))
        self._played, self._sent = instrument.playing, sent

    def _run_housekeeping(self, now_ns: int) -> None:
        self.bundle_manager.step(now_ns)
        self.actions.poll(now_ns)
        self.state_writer.schedule_save(self.instrument.state(), now_ns)
        self.state_writer.step(now_ns)
        if self.state_writer.last_error:
            self.faults.raise_("storage", self.state_writer.last_error)
        else:
            self.faults.heal("storage")
        if now_ns >= self._system_ns:
            self._system_ns = now_ns + SYSTEM_NS
            self._check_system()
        self._draw_if_due(now_ns)

    def draw(self, now_ns: int) -> None:
        """Show what has changed."""
        self.display_and_encoder.show(build_snapshot(self._parts, self._system), now_ns)

    def _draw_if_due(self, now_ns: int) -> None:
        """Draw ten times a second, and at every turn of a hand twice as often."""
        if now_ns >= self._frame_ns or self.display_and_encoder.was_touched(now_ns):
            self._frame_ns = now_ns + FRAME_NS
            self.draw(now_ns)

    def _publish(self, now_ns: int) -> None:
        """Publish at once when a step was played: a delay would be audible."""
        update = self._update()
        self._fault_log.write(update.faults, now_ns)
        for service in self.services:
            service.publish(lambda: panel_snapshot(self._parts), update, now_ns)

    def _check_system(self) -> None:
        self._system = self._read_system()
        celsius = self._system.celsius or 0.0
        if celsius >= HOT_CELSIUS:
            self.faults.raise_("heat", f"{celsius:.0f} C; {KINDS['heat']}")
        else:
            self.faults.heal("heat")

    def _update(self) -> PanelUpdate:
        steps = self.instrument.transport.report.steps
        moved = {v: steps[v] for v in range(VOICES) if steps[v] != self._steps[v]}
        self._steps = steps
        nearest = self._rhythm_recall.take_off()
        return PanelUpdate(moved, self.faults.take_new(), nearest)
