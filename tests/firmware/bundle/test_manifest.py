"""The manifest's border: what is let in, and why the rest is not."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.bundle.bundle import read_bundle
from firmware.bundle.manifest import (
    BundleError,
    manifest_bytes,
    parse_manifest,
    schema,
)
from tests.firmware.bundles import manifest_of


def test_the_same_manifest_gives_the_same_bytes() -> None:
    data = manifest_bytes(manifest_of())
    assert parse_manifest(data) == manifest_of()
    assert manifest_bytes(parse_manifest(data)) == data


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(manifest_bytes(manifest_of()))
    change(document)
    return json.dumps(document).encode()


def in_voice(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["voices"][0].update(values)


POINT = {"position": [0.5, 0.5], "expected": [0.5] * 32}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b'{"format": NaN}', "NaN is not a number"),
        (b"[]", "not the manifest"),
        (edited(lambda d: d.update(format="other")), "not the manifest"),
        (edited(lambda d: d.update(version=2)), "upgrade it"),
        (edited(lambda d: d.update(version="1")), "version"),
        (edited(lambda d: d.pop("voices")), "voices"),
        (edited(lambda d: d.update(voices=[])), "voices"),
        (edited(lambda d: d.update(code="import os")), "code"),
        (edited(lambda d: d.update(name="bell\x07")), "name"),
        (edited(lambda d: d.update(name="line\n")), "name"),
        (edited(in_voice(file="../model1.tflite")), "file"),
        (edited(in_voice(file="/etc/passwd.tflite")), "file"),
        (edited(in_voice(file="model1.tflite\n")), "file"),
        (edited(in_voice(file="model1.png")), "not a .tflite"),
        (edited(in_voice(sha256="0" * 63)), "sha256"),
        (edited(in_voice(size_bytes=1 << 40)), "size_bytes"),
        (edited(in_voice(tolerance=1.0)), "tolerance"),
        (edited(in_voice(check_points=[POINT] * 15)), "check_points"),
        (edited(in_voice(check_points=[POINT | {"position": [0.5] * 3}] * 16)), "positions"),
        (edited(in_voice(outputs=["onset", "velocity"])), "64 outputs"),
        (edited(in_voice(warp=[[0.0, 0.0], [0.0, 1.0]])), "does not rise"),
        (edited(in_voice(latent_range=[[0.0, 1.0]] * 3)), "disagree"),
        (edited(lambda d: d["voices"].append(d["voices"][0])), "same file"),
    ],
)
def test_refuses_a_manifest_with_the_reason_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(BundleError, match=reason) as refusal:
        parse_manifest(data, "somewhere")
    assert str(refusal.value).startswith("somewhere: ")
    assert "\n" not in str(refusal.value)


@given(st.binary(max_size=400))
def test_no_bytes_get_past_the_border_by_a_traceback(data: bytes) -> None:
    with pytest.raises(BundleError):
        parse_manifest(data)


@given(st.data())
def test_a_manifest_with_one_value_replaced_is_read_or_refused(data: st.DataObject) -> None:
    document = json.loads(manifest_bytes(manifest_of()))
    places = [(document, key) for key in document]
    places += [(document["voices"][0], key) for key in document["voices"][0]]
    where, key = data.draw(st.sampled_from(places))
    where[key] = data.draw(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.none()))
    )
    with suppress(BundleError):
        assert parse_manifest(json.dumps(document).encode()).voices


def test_the_published_schema_is_a_schema_and_names_every_field() -> None:
    document = schema()
    voice = asdict(manifest_of().voices[0])
    assert set(document["definitions"]["voice"]["properties"]) == set(voice)
    assert document["properties"]["version"] == {"const": 1}


@pytest.mark.parametrize(
    ("field", "number", "reason"),
    [
        ('"seed": 1', "1e300", "seed"),
        ('"seed": 1', "1e999", "out of range"),
        ('"seed": 1', "9" * 400, "out of range"),
        ('"loops": 1', "1e18", "loops"),
    ],
)
def test_a_number_out_of_range_is_refused_with_the_reason(
    field: str, number: str, reason: str
) -> None:
    name = field.split('"')[1]
    document = json.loads(manifest_bytes(manifest_of()))
    document[name] = 1
    text = json.dumps(document)
    assert field in text
    parse_manifest(text.encode())
    damaged = text.replace(field, f'"{name}": {number}')
    with pytest.raises(BundleError, match=reason):
        parse_manifest(damaged.encode())


def test_a_manifest_from_before_the_optional_fields_keeps_its_bytes(
    bundle_folder: Path,
) -> None:
    data = (bundle_folder / "manifest.json").read_bytes()
    assert manifest_bytes(read_bundle(bundle_folder).manifest) == data
