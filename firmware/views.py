"""From the parts of the panel to what its display shows."""

from dataclasses import dataclass

from firmware.deeds import Deeds
from firmware.faults import Faults
from firmware.instrument import Instrument
from firmware.keeper import Keeper
from firmware.library import Library
from firmware.maps import Maps
from firmware.menu import Menu
from firmware.parameters import Key
from firmware.scanner import CvInputs
from firmware.view import BundleView, SystemView, TuneView, View


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the panel of which the display shows something."""

    instrument: Instrument
    menu: Menu
    library: Library
    keeper: Keeper
    faults: Faults
    maps: Maps
    scanner: CvInputs
    deeds: Deeds


def view_of(parts: Parts, system: SystemView) -> View:
    """Give what the display shall show now."""
    instrument, menu, deeds = parts.instrument, parts.menu, parts.deeds
    voice = instrument.selected
    bundles = _bundles(parts.library)
    menu.counts["bundle"] = len(bundles)
    menu.counts["fault"] = sum(bool(state.count) for state in parts.faults.states.values())
    menu.counts["finding"] = len(deeds.checkup.lines)
    threshold = instrument.playing[Key("threshold", voice)]
    return View(
        page=menu.page,
        item=menu.item,
        editing=menu.editing,
        voice=voice,
        patch=instrument.patch,
        playing=instrument.playing,
        pattern=parts.library.ensemble.patterns[voice],
        report=instrument.song.report,
        choices=dict(menu.choices),
        map=parts.maps.view(voice, threshold),
        presets=parts.keeper.presets if menu.page.name == "presets" else (),
        memories=tuple(instrument.memories),
        bundles=bundles,
        faults=dict(parts.faults.states),
        recorded=tuple(deeds.recorder.steps),
        cv_volts=parts.scanner.volts,
        input_volts=_input_volts(parts),
        tuned=_tuned(deeds),
        system=system,
        findings=deeds.checkup.lines,
        notice=deeds.notice or parts.library.notice,
    )


def _bundles(library: Library) -> tuple[BundleView, ...]:
    return tuple(
        BundleView(
            version.name,
            playing=version == library.version,
            refused=library.refused.get(version.name, ""),
        )
        for version in library.shelf.versions
    )


def _tuned(deeds: Deeds) -> TuneView:
    tuner, tuned = deeds.tuner, deeds.tuned
    code, volts = tuner.point(*tuned)
    return TuneView(volts, int(code), tuner.cents(*tuned), tuner.sounding)


def _input_volts(parts: Parts) -> float:
    place = parts.menu.choices["input"]
    line = parts.deeds.tuner.calibration.inputs[place]
    return round(line.volts(parts.scanner.codes[place]), 3)
