"""Whatever arrives from outside is read or refused, never answered by another exception.

Every reader gets valid documents with values, branches or bytes replaced. The dose is small in
`make test`; `make soak` runs forty times as many.
"""

import json
import tomllib
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board.calibration import NOMINAL
from firmware.bundle.manifest import BundleError, manifest_bytes, parse_manifest
from firmware.instrument.preset import State, parse_state, state_bytes
from firmware.ipc.control_protocol import LoadRequest, serve_line
from firmware.midi.parser import MidiReader
from firmware.osc.addresses import SETTERS, request_of
from firmware.osc.packet import OscError, decode, encode
from firmware.storage.settings import calibration_bytes, parse_calibration, parse_settings
from firmware.storage.strict_json import strict_json
from tests.firmware.bundles import manifest_of
from tests.fuzzing import changed_bytes, changed_documents

pytestmark = pytest.mark.soak

Refusals = tuple[type[Exception], ...]


class Reader(NamedTuple):
    """A reader of JSON, a document that it accepts, and how it refuses others."""

    read: Callable[[bytes], object]
    document: bytes
    refusals: Refusals


READERS = {
    "manifest": Reader(parse_manifest, manifest_bytes(manifest_of()), (BundleError,)),
    "state": Reader(parse_state, state_bytes(State()), (ValueError,)),
    "calibration": Reader(parse_calibration, calibration_bytes(NOMINAL), (ValueError,)),
    "any document": Reader(strict_json, b'{"a": [1, {"b": null}]}', (ValueError,)),
}


@pytest.mark.parametrize("name", READERS)
@given(st.data())
def test_changed_documents_are_read_or_refused(name: str, data: st.DataObject) -> None:
    reader = READERS[name]
    change = data.draw(st.sampled_from((changed_documents, changed_bytes)))
    document = data.draw(change(reader.document))
    with suppress(reader.refusals):
        reader.read(document)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("deep", [b"[", b'{"a":', b"[[", b"9", b'"', b"\xff", b"-"])
def test_deep_and_endless_documents_are_refused(name: str, deep: bytes) -> None:
    with pytest.raises(READERS[name].refusals):
        READERS[name].read(deep * 30_000)


SETTINGS = b"""[osc]
host = "0.0.0.0"
port = 9001
[midi]
x = 20
input = "a"
[output]
cv_ms = 1.5
"""


@given(changed_bytes(SETTINGS))
def test_changed_settings_are_read_or_their_mistakes_reported(data: bytes) -> None:
    text = data.decode(errors="replace")
    settings, mistakes = parse_settings(text)
    assert settings
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        assert mistakes


@pytest.mark.parametrize(
    "deep", ["a = " + "[" * 30_000, "a = " + "{a = " * 30_000, "[" * 30_000]
)
def test_deep_settings_are_a_mistake(deep: str) -> None:
    assert parse_settings(deep).mistakes


PACKETS = [encode(address, *[0.5] * len(keys)) for address, keys in sorted(SETTERS.items())]
PACKETS += [
    encode(a, n) for a in ("/subscribe", "/store", "/recall", "/bundle") for n in (1, 9)
]


@given(st.data())
def test_changed_packets_are_a_request_or_refused(data: st.DataObject) -> None:
    packet = data.draw(st.sampled_from(PACKETS).flatmap(changed_bytes))
    with suppress(OscError):
        for message in decode(packet):
            assert request_of(message)


@given(st.data())
def test_changed_control_requests_are_answered_in_one_line(data: st.DataObject) -> None:
    request = LoadRequest("drums/000007", 1_000_000)
    line = json.dumps({"op": "load", "bundle": request.bundle, "expires_ns": 9}).encode()
    change = data.draw(st.sampled_from((changed_documents, changed_bytes)))
    answers: list[bytes] = []
    serve_line(lambda *_: None, data.draw(change(line)), answers.append)
    assert all(json.loads(answer)["ok"] is False for answer in answers)


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\xf0", b"\xf7", b"\x90\x3c"])))
def test_midi_bytes_make_whole_messages_or_nothing(chunks: list[bytes]) -> None:
    reader = MidiReader()
    for chunk in chunks:
        for message in reader.feed(chunk):
            assert message[0] >= 0x80
            assert all(byte < 0x80 for byte in message[1:])
            assert len(message) <= 3
