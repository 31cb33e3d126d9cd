"""The decoder of one voice: knob positions in, a pattern out.

The firmware verifies and plays with the exact decoder alone, so that no native parser reads a
file that was received. Runtimes serve the trainer and comparisons; this is the only file that
uses them. Always one thread: a second one spins, and starves on a busy core. `tflite_runtime`
must be loaded before TensorFlow, or every interpreter it makes fails, so a program that needs
both calls `load_runtime` first.
"""

import ctypes
import importlib
import importlib.util
from collections.abc import Sequence
from struct import Struct
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.bundle import Bundle
from firmware.bundle.exact_decoder import ExactDecoder
from firmware.bundle.manifest import BundleError, VoiceModel
from firmware.engine.knob_curve import latent_at
from firmware.engine.pattern import STEPS, Pattern, pattern_of_heads

RUNTIMES = ("tflite_runtime", "ai_edge_litert")


class Runtime(Protocol):
    """The part of a runtime's `interpreter` module that is used here."""

    Interpreter: Any
    OpResolverType: Any


def installed_runtimes() -> tuple[str, ...]:
    """Name the runtimes that are installed, without loading one."""
    return tuple(name for name in RUNTIMES if importlib.util.find_spec(name))


def load_runtime(name: str | None = None) -> Runtime:
    """Load a runtime by name, or the first that is installed.

    Raises `ImportError` naming what to install.
    """
    names = (name,) if name else installed_runtimes()
    if not names:
        raise ImportError("no TFLite runtime: install tflite-runtime or ai-edge-litert")
    runtime: Runtime = importlib.import_module(f"{names[0]}.interpreter")
    return runtime


class Decoder(Protocol):
    """What plays a voice."""

    voice: VoiceModel

    def outputs(self, position: Sequence[float]) -> NDArray[np.float32]:
        """Run it at knob positions 0..1: all heads, `STEPS` values each, 0..1."""

    def outputs_at(self, positions: Sequence[Sequence[float]]) -> NDArray[np.float32]:
        """Run it at many positions (n, latents) at once: (n, outputs)."""

    def decode(self, position: Sequence[float]) -> Pattern:
        """Return the pattern at knob positions 0..1, one per latent."""


class TfliteDecoder:
    """One voice's interpreter, allocated once."""

    def __init__(self, voice: VoiceModel, model: bytes, runtime: Runtime) -> None:
        """Allocate the interpreter. Raises `BundleError` if its tensors are not the voice's."""
        self.voice = voice
        # Without delegates: they gain nothing at this size and write to standard error. For
        # 16-bit activations the plain kernels are the quicker ones, as no layer is large.
        kinds = runtime.OpResolverType
        quantised = voice.quantisation == "int16x8"
        kernels = kinds.BUILTIN_REF if quantised else kinds.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        try:
            self._interpreter = runtime.Interpreter(
                model_content=model, num_threads=1, experimental_op_resolver_type=kernels
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise BundleError(f"{voice.file}: this runtime cannot run it ({reason})") from None
        width = STEPS * len(voice.outputs)
        self._latents = self._memory(self._interpreter.get_input_details(), voice.latents)
        self._outputs = self._memory(self._interpreter.get_output_details(), width)
        self._write_latents = Struct(f"={voice.latents}f").pack_into
        self._read_outputs = Struct(f"={width}f").unpack_from

    def _memory(self, details: Sequence[dict[str, Any]], width: int) -> "ctypes.Array[Any]":
        """Return the memory of the one tensor that there may be.

        It stays where it is while the interpreter lives, since no shape ever changes; the
        check points would tell. Copying in and out through the runtime's own functions takes
        as long as the decoder does.
        """
        if len(details) != 1:
            raise BundleError(f"{self.voice.file}: has {len(details)} tensors where 1 belongs")
        shape, kind = tuple(details[0]["shape_signature"]), details[0]["dtype"]
        if shape != (1, width) or kind is not np.float32:
            name = np.dtype(kind).name
            raise BundleError(
                f"{self.voice.file}: a tensor is {name} {shape}, not float32 {(1, width)}"
            )
        tensor = self._interpreter.tensor(details[0]["index"])()
        return (ctypes.c_float * width).from_address(tensor.ctypes.data)

    def outputs(self, position: Sequence[float]) -> NDArray[np.float32]:
        """Run the decoder at knob positions 0..1: all heads, `STEPS` values each, 0..1."""
        return np.array(self._run(position), np.float32)

    def outputs_at(self, positions: Sequence[Sequence[float]]) -> NDArray[np.float32]:
        """Run it at many positions (n, latents), one after the other: (n, outputs)."""
        return np.array([self._run(position) for position in positions], np.float32)

    def decode(self, position: Sequence[float]) -> Pattern:
        """Return the pattern at knob positions 0..1, one per latent."""
        return pattern_of_heads(self._run(position))

    def _run(self, position: Sequence[float]) -> tuple[float, ...]:
        self._write_latents(self._latents, 0, *map(latent_at, position, self.voice.warp))
        self._interpreter.invoke()
        return self._read_outputs(self._outputs)


def make_decoders(bundle: Bundle, runtime: Runtime | None = None) -> tuple[Decoder, ...]:
    """Make the decoders of a bundle: exact ones, or those of a runtime. Raises `BundleError`.

    A runtime is given only files that are what the trainer writes.
    """
    decoders: list[Decoder] = []
    for voice, model in zip(bundle.manifest.voices, bundle.models, strict=True):
        exact = ExactDecoder(voice, model)
        decoders.append(TfliteDecoder(voice, model, runtime) if runtime else exact)
    return tuple(decoders)


def load_decoders(bundle: Bundle, runtime: Runtime | None = None) -> tuple[Decoder, ...]:
    """Make the decoders of a bundle and compare them with their check points.

    Raises `BundleError` when a decoder does not compute what it did on the trainer's machine:
    some runtimes load a file they misread, and silently give wrong values.
    """
    decoders = make_decoders(bundle, runtime)
    for decoder in decoders:
        _hold_to_check_points(decoder)
    return decoders


def _hold_to_check_points(decoder: Decoder) -> None:
    voice = decoder.voice
    for point in voice.check_points:
        error = float(np.abs(decoder.outputs(point.position) - point.expected).max())
        if not error <= voice.tolerance:
            raise BundleError(
                f"{voice.file}: computes wrong values here ({error:.3f} off at "
                f"{point.position}, {voice.tolerance} allowed); export it again or upgrade"
            )
