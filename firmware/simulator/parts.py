"""Tolerances of an MCP4728 and its output stages, for tests of calibration.

Sources: DS22187E pages 4-6 for the converter; the tolerances of the REF5040 and of the
resistors for the rest. The integral non-linearity is assumed to be smooth, which no data sheet
guarantees.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.board.calibration import CODE_MAX
from firmware.board.constants import CV_OUTPUT, DAC_OUTPUTS, OutputStage

CODES = CODE_MAX + 1
Four = tuple[float, float, float, float]

NOTHING: Four = (0.0, 0.0, 0.0, 0.0)
STRAIGHT = (NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


@dataclass(frozen=True, slots=True)
class PartErrors:
    """One chip's errors, per output A-D; all zero for an ideal one.

    inl_lsb: deviation at equally spaced codes from 0 to 4095, one row of four per code.
    offset_volts, gain_error: of the converter, at its pin; the gain as a ratio less one.
    reference_error: of the supply of 4.096 V, as a ratio less one.
    stage_gain_error, stage_bias_error: of the output stages' resistors, likewise.
    """

    inl_lsb: tuple[Four, ...] = STRAIGHT
    offset_volts: Four = NOTHING
    gain_error: Four = NOTHING
    reference_error: float = 0.0
    stage_gain_error: Four = NOTHING
    stage_bias_error: Four = NOTHING


IDEAL = PartErrors()


def draw_errors(
    rng: np.random.Generator,
    *,
    inl_lsb: float = 2.0,
    resistors: float = 0.001,
    reference: float = 0.001,
) -> PartErrors:
    """Draw a chip: INL up to `inl_lsb`, the rest uniform within the datasheets' limits.

    Offset 0 to 20 mV and gain error up to 1.25 % are the converter's; `resistors` and
    `reference` are tolerances as ratios.
    """

    def four(low: float, high: float) -> Four:
        a, b, c, d = rng.uniform(low, high, len(DAC_OUTPUTS)).tolist()
        return a, b, c, d

    # Both ends are zero by definition: INL is measured from the end points.
    bends = [four(-inl_lsb, inl_lsb) for _ in range(3)]
    return PartErrors(
        inl_lsb=(NOTHING, *bends, NOTHING),
        offset_volts=four(0.0, 0.02),
        gain_error=four(-0.0125, 0.0125),
        reference_error=float(rng.uniform(-reference, reference)),
        stage_gain_error=four(-resistors, resistors),
        stage_bias_error=four(-resistors, resistors),
    )


def jack_table(
    errors: PartErrors, full_scale: NDArray[np.float64], stage: OutputStage = CV_OUTPUT
) -> NDArray[np.float64]:
    """Return jack volts by output and code, shape (4, 4096).

    `full_scale` is each output's nominal reference times gain, at most the supply's.
    """
    codes = np.arange(CODES)
    knots = np.linspace(0, CODES - 1, len(errors.inl_lsb))
    curves = np.array([np.interp(codes, knots, inl) for inl in np.transpose(errors.inl_lsb)])
    ratio = full_scale[:, None] * (1 + np.array(errors.gain_error))[:, None]
    supply = stage.reference_volts * (1 + errors.reference_error)
    pin = ratio * (codes + curves) / CODES + np.array(errors.offset_volts)[:, None]
    return _jack(errors, np.clip(pin, 0.0, supply), stage)


def _jack(
    errors: PartErrors, pin: NDArray[np.float64], stage: OutputStage
) -> NDArray[np.float64]:
    """Return the jack volts of pin volts; the stages' bias comes from the same reference."""
    gain = stage.gain * (1 + np.array(errors.stage_gain_error))[:, None]
    bias = stage.offset_volts * (1 + np.array(errors.stage_bias_error))[:, None]
    return gain * pin + bias * (1 + errors.reference_error)
