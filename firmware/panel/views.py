"""Builds the snapshots for the display and for the services from the parts of the panel."""

from dataclasses import dataclass

from firmware.drivers.cv_inputs import CvInputs
from firmware.engine.state import Quantum, Report
from firmware.instrument.faults import Faults
from firmware.instrument.instrument import Instrument
from firmware.instrument.parameters import BY_NAME, Key
from firmware.panel.actions import PanelActions
from firmware.panel.autosave import StateWriter
from firmware.panel.bundle_manager import BundleManager
from firmware.panel.map_renderer import MapRenderer
from firmware.ui.menu import Menu
from firmware.ui.panel_update import PanelSnapshot
from firmware.ui.snapshot import BundleView, DisplaySnapshot, MapView, SystemView, TuneView


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the panel whose state the display shows."""

    instrument: Instrument
    menu: Menu
    bundle_manager: BundleManager
    state_writer: StateWriter
    faults: Faults
    maps: MapRenderer
    scanner: CvInputs
    actions: PanelActions


def build_snapshot(parts: Parts, system: SystemView) -> DisplaySnapshot:
    """Return the snapshot for the display."""
    instrument, menu, actions = parts.instrument, parts.menu, parts.actions
    voice = instrument.selected
    bundles = _bundles(parts.bundle_manager)
    menu.counts["bundle"] = len(bundles)
    menu.counts["fault"] = sum(bool(state.count) for state in parts.faults.states.values())
    menu.counts["finding"] = len(actions.self_test.lines)
    page = menu.page.name
    return DisplaySnapshot(
        page=menu.page,
        item=menu.item,
        editing=menu.editing,
        voice=voice,
        patch=instrument.patch,
        playing=instrument.playing,
        pattern=parts.bundle_manager.voice_decoders.patterns[voice],
        report=_displayed(instrument.transport.report),
        choices=dict(menu.choices),
        patterns=tuple(parts.bundle_manager.voice_decoders.patterns),
        # What only one page shows is left out of the others: it may change all the time.
        map=_map(parts) if page == "map" else MapView(),
        presets=parts.state_writer.presets if page == "presets" else (),
        memories=tuple(instrument.memories),
        bundles=bundles,
        faults=dict(parts.faults.states),
        recorded=tuple(actions.recorder.steps),
        cv_volts=parts.scanner.volts if page == "cv" else (),
        input_volts=_input_volts(parts) if page == "inputs" else 0.0,
        tuned=_tuned(actions) if page == "outputs" else TuneView(),
        midi=_midi(parts) if page == "midi" else (),
        system=system if page == "system" else SystemView(),
        findings=actions.self_test.lines,
        notice=actions.notice or parts.bundle_manager.notice,
    )


def panel_snapshot(parts: Parts) -> PanelSnapshot:
    """Return the snapshot for the services."""
    instrument, bundle_manager = parts.instrument, parts.bundle_manager
    voices = [decoder.voice for decoder in bundle_manager.voice_decoders.decoders]
    return PanelSnapshot(
        patch=instrument.patch,
        playing=instrument.playing,
        patterns=tuple(bundle_manager.voice_decoders.patterns),
        report=instrument.transport.report,
        bundle=instrument.bundle,
        bundles=tuple(version.name for version in bundle_manager.loader.bundles),
        axes=tuple(voice.axes for voice in voices),
        maps=tuple(parts.maps.overview(number) for number in range(len(voices))),
        loops=tuple(voice.training_points for voice in voices),
    )


def _midi(parts: Parts) -> tuple[str, ...]:
    """Return the parameter that was edited last, and its controllers."""
    key = parts.menu.changed
    if key is None:
        return ("no value edited yet",)
    name = f"{key.name} {key.voice + 1}" if BY_NAME[key.name].per_voice else key.name
    controllers = (
        f"CC {one.number} ch {one.channel + 1} {one.mode.value}"
        for one in parts.instrument.midi.of(key)
    )
    return name, *controllers


def _map(parts: Parts) -> MapView:
    voice = parts.instrument.selected
    return parts.maps.view(voice, parts.instrument.playing[Key("threshold", voice)])


def _displayed(report: Report) -> Report:
    """Return a report without the changing values that are not displayed."""
    beat = report.tick - report.tick % Quantum.BEAT
    return Report(report.running, report.locked, report.milli_bpm, beat, report.steps)


def _bundles(bundle_manager: BundleManager) -> tuple[BundleView, ...]:
    return tuple(
        BundleView(
            version.name,
            playing=version == bundle_manager.version,
            refused=bundle_manager.refused.get(version.name, ""),
        )
        for version in bundle_manager.loader.bundles
    )


def _tuned(actions: PanelActions) -> TuneView:
    tuner, tuned = actions.tuner, actions.tuned
    code, volts = tuner.point(*tuned)
    return TuneView(volts, int(code), tuner.cents(*tuned), tuner.sounding)


def _input_volts(parts: Parts) -> float:
    place = parts.menu.choices["input"]
    line = parts.actions.tuner.calibration.inputs[place]
    return round(line.volts(parts.scanner.codes[place]), 3)
