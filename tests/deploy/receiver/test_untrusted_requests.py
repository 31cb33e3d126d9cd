"""Requests that somebody changed: the receiver answers in lines of JSON, and harms nothing."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.protocol import LINE_BYTES_MAX, PROTOCOL
from deploy.receiver.receiver import Receiver
from firmware.bundle.manifest import manifest_bytes
from firmware.instrument.preset import State, state_bytes
from firmware.ipc.json_lines import FrameReader
from firmware.storage.paths import Home
from tests.firmware.bundles import manifest_of
from tests.fuzzing import changed_bytes, changed_documents

pytestmark = pytest.mark.soak

MANIFEST = manifest_bytes(manifest_of())
STATE = state_bytes(State()).decode()
REQUESTS = [
    {"op": "status"},
    {"op": "list"},
    {"op": "rollback"},
    {"op": "remove", "bundle": "drums/000001"},
    {"op": "logs", "lines": 3},
    {"op": "backup"},
    {"op": "restore", "files": {"state/state.json": STATE, "settings.toml": "[osc]\nport = 1"}},
    {"op": "preview", "manifest_bytes": len(MANIFEST)},
    {"op": "push", "manifest_bytes": len(MANIFEST), "play": True},
]
LINES = [json.dumps({"protocol": PROTOCOL, **request}).encode() for request in REQUESTS]


@contextmanager
def lines_read(data: bytes) -> Iterator[FrameReader]:
    """A reader of bytes that were sent by a laptop, which has disconnected then."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield FrameReader(file.fileno(), 1.0, LINE_BYTES_MAX)


def answered(home: Path, data: bytes) -> list[bytes]:
    """Return the lines of the replies."""
    with lines_read(data) as reader, tempfile.TemporaryFile() as replies:
        code = Receiver(Home(home), reader, replies.fileno()).serve()
        assert code in {0, 1}
        os.lseek(replies.fileno(), 0, os.SEEK_SET)
        return replies.read().splitlines()


@given(st.data())
def test_changed_requests_are_answered_or_refused(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(LINES))
    change = data.draw(st.sampled_from((changed_documents, changed_bytes)))
    sent = data.draw(change(line)) + b"\n" + data.draw(changed_bytes(MANIFEST))
    with tempfile.TemporaryDirectory(prefix="xn") as folder:
        home = Path(folder) / "home"
        for reply in answered(home, sent):
            assert len(reply) < LINE_BYTES_MAX
            assert isinstance(json.loads(reply), dict)
        assert [path.name for path in Path(folder).iterdir()] == ["home"]
        assert Home(home).installed() == ()
