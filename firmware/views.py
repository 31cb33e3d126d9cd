"""From the panel to what its display shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware.parameters import Key
from firmware.view import BundleView, TuneView, View

if TYPE_CHECKING:
    from firmware.front_panel import FrontPanel


def view_of(panel: FrontPanel) -> View:
    """Give what the display shall show now."""
    instrument, menu = panel.instrument, panel.menu
    voice = instrument.selected
    bundles = _bundles(panel)
    menu.counts["bundle"] = len(bundles)
    menu.counts["fault"] = sum(bool(state.count) for state in panel.faults.states.values())
    menu.counts["finding"] = len(panel.deeds.checkup.lines)
    threshold = instrument.playing[Key("threshold", voice)]
    return View(
        page=menu.page,
        item=menu.item,
        editing=menu.editing,
        voice=voice,
        patch=instrument.patch,
        playing=instrument.playing,
        pattern=panel.library.ensemble.patterns[voice],
        report=instrument.song.report,
        choices=dict(menu.choices),
        map=panel.maps.view(voice, threshold),
        presets=panel.keeper.presets if menu.page.name == "presets" else (),
        memories=tuple(instrument.memories),
        bundles=bundles,
        faults=dict(panel.faults.states),
        recorded=tuple(panel.deeds.recorder.steps),
        cv_volts=panel.scanner.volts,
        input_volts=_input_volts(panel),
        tuned=_tuned(panel),
        system=panel.system,
        findings=panel.deeds.checkup.lines,
        notice=panel.deeds.notice or panel.library.notice,
    )


def _bundles(panel: FrontPanel) -> tuple[BundleView, ...]:
    playing = panel.library.version
    return tuple(
        BundleView(
            version.name,
            playing=version == playing,
            refused=panel.library.refused.get(version.name, ""),
        )
        for version in panel.library.shelf.versions
    )


def _tuned(panel: FrontPanel) -> TuneView:
    tuner, tuned = panel.deeds.tuner, panel.deeds.tuned
    code, volts = tuner.point(*tuned)
    return TuneView(volts, int(code), tuner.cents(*tuned), tuner.sounding)


def _input_volts(panel: FrontPanel) -> float:
    place = panel.menu.choices["input"]
    line = panel.deeds.tuner.calibration.inputs[place]
    return round(line.volts(panel.scanner.codes[place]), 3)
