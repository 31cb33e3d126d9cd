"""The portable core's kits: manifests, hashes, check points, patterns."""

import ctypes
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder
from firmware.bundle.manifest import BundleError, manifest_bytes, parse_manifest
from tests.firmware.bundle.test_exact_decoder import SQUARE
from tests.firmware.portable.core import RefusedError
from tests.firmware.portable.kit import PortableKit

Change = Callable[[Any], None]


def manifest_of(folder: Path) -> bytes:
    return (folder / "manifest.json").read_bytes()


def loaded(core: ctypes.CDLL, folder: Path) -> PortableKit:
    kit = PortableKit(core, manifest_of(folder))
    for voice, file in enumerate(kit.files):
        kit.load(voice, (folder / file).read_bytes())
    return kit


@pytest.fixture(params=["trained", "drums", "bass"])
def folder(request: pytest.FixtureRequest, bundle_folder: Path, real_bundles: Path) -> Path:
    return bundle_folder if request.param == "trained" else real_bundles / request.param


def test_a_kit_gives_the_patterns_of_the_firmware(core: ctypes.CDLL, folder: Path) -> None:
    kit, bundle = loaded(core, folder), read_bundle(folder)
    assert kit.name == bundle.manifest.name
    assert kit.files == tuple(voice.file for voice in bundle.manifest.voices)
    for number, (voice, model) in enumerate(
        zip(bundle.manifest.voices, bundle.models, strict=True)
    ):
        decoder = ExactDecoder(voice, model)
        for place in SQUARE[::11]:
            pattern, expected = kit.decode(number, place), decoder.decode(place)
            if voice.quantisation == "int16x8":
                assert pattern == expected
            for ours, theirs in zip(pattern, expected, strict=True):
                assert ours == pytest.approx(theirs, abs=1e-5)


def change(*path: Any, to: Any) -> Change:
    def apply(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return apply


VOICE = ("voices", 0)
REFUSED: list[tuple[Change, str]] = [
    (change("format", to="other"), "not a kit"),
    (change("version", to=2), "another version"),
    (change("name", to=3), "without a name"),
    (change("voices", to=[]), "no voices"),
    (change("voices", to={}), "no voices"),
    (lambda d: d["voices"].append(d["voices"][0]), "more than 3 voices"),
    (lambda d: d["voices"].__setitem__(1, d["voices"][0]), "the same file"),
    (change(*VOICE, "file", to="../voice1.tflite"), "name of its .tflite file"),
    (change(*VOICE, "file", to="voice1.png"), "name of its .tflite file"),
    (change(*VOICE, "file", to="-voice1.tflite"), "name of its .tflite file"),
    (change(*VOICE, "sha256", to="f" * 63), "without the hash"),
    (change(*VOICE, "sha256", to="F" * 64), "without the hash"),
    (change(*VOICE, "size_bytes", to=0), "without its size"),
    (change(*VOICE, "size_bytes", to=1.5), "without its size"),
    (change(*VOICE, "quantisation", to="int4"), "unknown quantisation"),
    (change(*VOICE, "outputs", to=["velocity"]), "unknown outputs"),
    (change(*VOICE, "outputs", to=[]), "unknown outputs"),
    (change(*VOICE, "tolerance", to=0), "tolerance out of range"),
    (change(*VOICE, "tolerance", to=0.06), "tolerance out of range"),
    (change(*VOICE, "tolerance", to="0.01"), "tolerance out of range"),
    (change(*VOICE, "warp", to=[[0, 1]]), "2 to 4 latents"),
    (change(*VOICE, "warp", to=[[0, 1]] * 5), "2 to 4 latents"),
    (change(*VOICE, "warp", to=[[0, 1], [1, 1]]), "does not rise"),
    (change(*VOICE, "warp", to=[[0, 1], [1]]), "too few knots"),
    (change(*VOICE, "warp", to=[[0, 1], [0, "1"]]), "latent out of range"),
    (change(*VOICE, "warp", to=[[0, 1], list(range(130))]), "too many knots"),
    (change(*VOICE, "check_points", to=[]), "16 to 256 check points"),
]


@pytest.mark.parametrize(("apply", "reason"), REFUSED)
def test_a_broken_manifest_is_refused(
    core: ctypes.CDLL, bundle_folder: Path, apply: Change, reason: str
) -> None:
    document = json.loads(manifest_of(bundle_folder))
    apply(document)
    data = json.dumps(document).encode()
    with pytest.raises(RefusedError, match=reason):
        PortableKit(core, data)
    with pytest.raises(BundleError):
        parse_manifest(data)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "{",
            "[1,]",
            "{}x",
            '{"a" 1}',
            '{"a":1,}',
            "01",
            "1.",
            "-",
            "tru",
            '"\\x"',
            '"\x01"',
        ),
        *("[" * 40 + "]" * 40, '{"a":NaN}', "1e", '"', "'a'", "[1 2]", '{"a":"\\u12"}'),
    ],
)
def test_what_is_not_json_is_refused(core: ctypes.CDLL, text: str) -> None:
    with pytest.raises(RefusedError, match="not JSON"):
        PortableKit(core, text.encode())


def test_escapes_spaces_and_order_do_not_matter(core: ctypes.CDLL, bundle_folder: Path) -> None:
    document = json.loads(manifest_of(bundle_folder))
    document["name"] = 'a "b"\\ /\n'
    text = json.dumps(dict(reversed(document.items())), indent=7)
    text = text.replace('"format"', '"\\u0066ormat"').replace(
        '"voice1.tflite"', '"voice\\u0031.tflite"'
    )
    kit = PortableKit(core, b" \n" + text.encode() + b"\t")
    assert kit.name == 'a "b"\\ /\n'
    kit.load(0, (bundle_folder / "voice1.tflite").read_bytes())


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data + b"\0", "size"),
        (lambda data: data[:-1] + b"\1", "hash"),
        (lambda data: b"", "size"),
    ],
)
def test_a_damaged_model_is_refused(
    core: ctypes.CDLL, bundle_folder: Path, damage: Callable[[bytes], bytes], reason: str
) -> None:
    kit = PortableKit(core, manifest_of(bundle_folder))
    with pytest.raises(RefusedError, match=reason):
        kit.load(0, damage((bundle_folder / kit.files[0]).read_bytes()))


@pytest.mark.parametrize(
    ("apply", "reason"),
    [
        (change(*VOICE, "quantisation", to="float32"), "quantised in another way"),
        (change(*VOICE, "outputs", to=["onset"]), "other latents or outputs"),
        (change(*VOICE, "check_points", 3, "expected", 7, to=0.123), "other values than"),
        (change(*VOICE, "check_points", 3, "expected", to=[0.5] * 95), "values|wrong outputs"),
        (change(*VOICE, "check_points", 3, "position", to=[0.5]), "wrong position"),
        (change(*VOICE, "check_points", 3, "position", to=[0.5, 1.5]), "wrong position"),
    ],
)
def test_a_model_must_be_what_the_manifest_says(
    core: ctypes.CDLL, bundle_folder: Path, apply: Change, reason: str
) -> None:
    document = json.loads(manifest_of(bundle_folder))
    apply(document)
    kit = PortableKit(core, json.dumps(document).encode())
    with pytest.raises(RefusedError, match=reason):
        kit.load(0, (bundle_folder / kit.files[0]).read_bytes())


def test_the_same_manifest_written_anew_is_read(core: ctypes.CDLL, folder: Path) -> None:
    PortableKit(core, manifest_bytes(parse_manifest(manifest_of(folder))))


@given(st.binary(max_size=300))
def test_hashes_are_sha256(core: ctypes.CDLL, data: bytes) -> None:
    digits = ctypes.create_string_buffer(65)
    core["_ZN8exnihilo10sha256_hexEPKhmPc"](data, ctypes.c_size_t(len(data)), digits)
    assert digits.value.decode() == hashlib.sha256(data).hexdigest()


def parsed(core: ctypes.CDLL, text: str) -> float | None:
    data, value = ctypes.create_string_buffer(text.encode()), ctypes.c_double()
    start = ctypes.addressof(data)
    good = core["_ZN8exnihilo13parse_decimalEPKcS1_Rd"](
        ctypes.c_void_p(start), ctypes.c_void_p(start + len(text)), ctypes.byref(value)
    )
    return value.value if good & 0xFF else None


@given(st.floats(-1e20, 1e20).filter(lambda value: not 0 < abs(value) < 1e-10))
def test_numbers_are_read_exactly(core: ctypes.CDLL, value: float) -> None:
    assert parsed(core, repr(value)) == value


@given(st.integers(0, 10**19 - 1), st.integers(-27, 27))
def test_decimals_are_rounded_to_nearest(core: ctypes.CDLL, digits: int, power: int) -> None:
    text = f"{digits}e{power}"
    assert parsed(core, text) == float(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_all_numbers_are_read_closely(core: ctypes.CDLL, value: float) -> None:
    assert parsed(core, repr(value)) == pytest.approx(value, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("text", ["1e400", "-1e999", "123e9999999999"])
def test_no_number_is_infinite(core: ctypes.CDLL, text: str) -> None:
    assert parsed(core, text) is None
