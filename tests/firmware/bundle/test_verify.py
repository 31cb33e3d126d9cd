"""The process that verifies bundles, its limits, and the record of what it found."""

import io
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware import __version__
from firmware.bundle import verify
from firmware.bundle.manifest import BundleError
from firmware.bundle.verify import (
    DECODE_S,
    DECODERS_BYTES,
    VALID,
    BundleVerifier,
    VerifiedMarks,
    check_decode_time,
    check_memory,
)
from firmware.storage.paths import Home
from tests.firmware.waiting import wait_until

LIMITED = "from firmware.bundle.verify import limit_resources\nlimit_resources()\n"


def limited(script: str) -> "subprocess.CompletedProcess[str]":
    """Run a script under the verifier's limits."""
    command = [sys.executable, "-I", "-c", LIMITED + script]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def drums(real_bundles: Path, tmp_path: Path) -> Path:
    """A bundle that a test may damage."""
    folder: Path = shutil.copytree(real_bundles / "drums", tmp_path / "drums")
    return folder


def wrong_values(folder: Path) -> None:
    document = json.loads((folder / "manifest.json").read_bytes())
    document["voices"][0]["check_points"][0]["expected"][0] += 0.5
    (folder / "manifest.json").write_text(json.dumps(document))


def test_a_valid_bundle_is_found_valid(drums: Path) -> None:
    with BundleVerifier() as verifier:
        verifier.verify(drums)
    with BundleVerifier() as verifier:
        assert verifier.poll() is None
        verifier.start(drums)
        verifier._process.wait(60)
        assert verifier.poll() == ""


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (wrong_values, "model1.tflite: computes wrong values"),
        (
            lambda folder: (folder / "model2.tflite").write_bytes(b"?"),
            "model2.tflite: does not",
        ),
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest.json"),
    ],
)
def test_the_reason_names_the_file_and_not_the_folder(
    drums: Path, damage: object, reason: str
) -> None:
    assert callable(damage)
    damage(drums)
    with BundleVerifier() as verifier, pytest.raises(BundleError, match=reason) as refused:
        verifier.verify(drums)
    assert f"{drums}/" not in str(refused.value)


@pytest.mark.parametrize(
    ("request_", "output", "code"),
    [("", "valid\n", 0), ('"/nonexistent"', "/nonexistent: no kit here; name", 1)],
)
def test_the_exit_code_serves_a_script(request_: str, output: str, code: int) -> None:
    command = [sys.executable, "-I", "-m", "firmware.bundle.verify"]
    done = subprocess.run(command, input=request_, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stdout.startswith(output)


def test_nothing_of_the_process_stays() -> None:
    with BundleVerifier() as verifier:
        process = verifier._process
    assert process.stdin
    assert process.stdout
    assert process.stdin.closed
    assert process.stdout.closed
    assert process.returncode == -9


def test_a_process_that_crashes_refuses_the_bundle(drums: Path) -> None:
    with BundleVerifier() as verifier:
        verifier._process.kill()
        with pytest.raises(BundleError, match=r"crash.*code -9"):
            verifier.verify(drums)


def test_a_process_that_does_not_end_refuses_the_bundle_and_is_ended(
    drums: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "VERIFY_S", 0.001)
    with BundleVerifier() as verifier, pytest.raises(BundleError, match="did not finish in"):
        verifier.verify(drums)
    assert verifier._process.returncode == -9


def test_the_process_may_use_so_much_and_no_more() -> None:
    done = limited(
        "import json, resource\n"
        "print(json.dumps([resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, "
        "resource.RLIMIT_CPU, resource.RLIMIT_CORE, resource.RLIMIT_FSIZE)]))"
    )
    assert json.loads(done.stdout) == [[512 << 20] * 2, [60] * 2, [0, 0], [0, 0]]


def test_a_lower_limit_of_the_system_stays() -> None:
    script = f"{LIMITED}import resource\nprint(resource.getrlimit(resource.RLIMIT_CPU))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20)),
    )
    assert done.stdout == "(20, 20)\n"


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("bytearray(600 << 20)", "MemoryError"),
        ("import os; os.write(os.open('/tmp/exnihilo-limit', 65), b'x')", "File too large"),
    ],
)
def test_the_limits_hold(script: str, error: str) -> None:
    done = limited(script)
    assert error in done.stderr
    Path("/tmp/exnihilo-limit").unlink(missing_ok=True)


def test_the_verifying_process_limits_itself(drums: Path) -> None:
    with BundleVerifier() as verifier:
        wait_until(
            lambda: resource.prlimit(verifier._process.pid, resource.RLIMIT_CPU)[0] == 60
        )


def test_a_mark_holds_for_this_manifest_and_firmware(
    drums: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = VerifiedMarks(Home(tmp_path / "home"))
    assert not marks.has(drums)
    marks.add(drums)
    assert marks.has(drums)
    assert verify.mark() == __version__
    with monkeypatch.context() as patched:
        patched.setattr(verify, "mark", lambda: f"{__version__} another 1.0")
        assert not marks.has(drums)
    wrong_values(drums)
    assert not marks.has(drums)


def test_a_mark_that_was_removed_holds_no_more(drums: Path, tmp_path: Path) -> None:
    marks = VerifiedMarks(Home(tmp_path / "home"))
    marks.add(drums)
    marks.remove(drums)
    marks.remove(drums)
    assert not marks.has(drums)


def test_what_cannot_be_marked_is_verified_again(drums: Path, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder belongs")
    marks = VerifiedMarks(Home(tmp_path / "home"))
    marks.add(drums)
    assert not marks.has(drums)
    marks.add(tmp_path / "gone")
    marks.remove(tmp_path / "gone")


def times(*pairs: float) -> Callable[[], float]:
    """Give a clock under which the decodes take these times."""
    return iter([moment for taken in pairs for moment in (0.0, taken)]).__next__


def test_a_slow_decoder_is_refused_with_its_time() -> None:
    with pytest.raises(BundleError, match=r"m.tflite: a decode takes 6.1 ms.*5 ms"):
        check_decode_time("m.tflite", list, times(9, 9, 0.0061, 9, 9))


def test_slow_decodes_beside_a_quick_one_are_the_machines() -> None:
    assert check_decode_time("m.tflite", list, times(9, 9, 0.005, 9, 9)) == 0.005


@pytest.mark.parametrize("runtime", [None, "tflite_runtime"])
def test_the_figures_are_those_of_its_decoders(drums: Path, runtime: str | None) -> None:
    with BundleVerifier(runtime) as verifier:
        figures = verifier.verify(drums)
    assert 0 < figures.decode_s <= DECODE_S
    assert 0 < figures.memory_bytes <= DECODERS_BYTES


@pytest.mark.parametrize(
    ("limit", "reason"), [("DECODE_S", "a decode takes"), ("DECODERS_BYTES", "decoders take")]
)
def test_the_process_holds_decoders_to_its_limits(
    drums: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    limit: str,
    reason: str,
) -> None:
    for dangerous in ("limit_resources", "isolate"):
        monkeypatch.setattr(verify, dangerous, lambda: None)
    monkeypatch.setattr(verify, "peak_memory_bytes", iter((5, 7)).__next__)
    monkeypatch.setattr(verify, limit, 0)
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(str(drums))))
    assert verify.main([]) == 1
    assert reason in capsys.readouterr().out


def test_without_being_asked_it_reports_no_figures(drums: Path) -> None:
    command = [sys.executable, "-I", "-m", "firmware.bundle.verify"]
    done = subprocess.run(
        command, input=json.dumps(str(drums)), capture_output=True, text=True, check=True
    )
    assert done.stdout == VALID


def test_decoders_that_take_much_memory_are_refused_with_how_much() -> None:
    check_memory(DECODERS_BYTES)
    with pytest.raises(BundleError, match="take 34 MB here; at most 34 MB"):
        check_memory(DECODERS_BYTES + 1)


PEAKS = """
from firmware.bundle.verify import peak_memory_bytes, restart_peak
before = peak_memory_bytes()
bytearray(b"1" * (40 << 20))
after = peak_memory_bytes()
restart_peak()
print(before, after, peak_memory_bytes())
"""


def test_the_memory_of_a_process_is_its_own_peak_since_it_was_restarted() -> None:
    ours = bytearray(b"1" * (200 << 20))
    command = [sys.executable, "-I", "-c", PEAKS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    before, after, again = map(int, done.stdout.split())
    assert before < len(ours) / 2
    assert after > before + (39 << 20)
    assert again < before + (20 << 20)


def test_models_are_parsed_without_root_and_network() -> None:
    script = """
import os, socket
from firmware.bundle.verify import isolate
isolate()
print(os.geteuid(), os.getegid(), os.getgroups())
print([name for _, name in socket.if_nameindex()])
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    who, networks = done.stdout.splitlines()
    assert not who.startswith("0 ")
    if os.geteuid() == 0:  # nothing forbids it a namespace
        assert (who, networks) == ("65534 65534 []", "['lo']")


def test_no_runtime_is_loaded(drums: Path) -> None:
    script = """
import sys
from pathlib import Path
from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
load_decoders(read_bundle(Path(sys.argv[1])))
print([name for name in sys.modules if "tflite_runtime" in name or "litert" in name])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, drums], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
