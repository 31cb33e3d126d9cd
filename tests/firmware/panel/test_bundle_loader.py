"""Loading bundles: what was verified is not checked again, what was changed is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from firmware.bundle.manifest import MANIFEST
from firmware.panel.bundle_loader import BundleLoader, LoadResult
from firmware.storage.paths import Home
from tests.firmware.waiting import wait_until

WITHOUT_VALIDATOR = """
import sys
from pathlib import Path
from firmware.panel.bundle_loader import BundleLoader
from firmware.storage.paths import Home
home = Home(Path(sys.argv[1]))
result = BundleLoader(home).start(home.current_bundle(), 0)
assert result.decoders, result.reason
assert "fastjsonschema" not in sys.modules
"""


@contextmanager
def loader(home: Home) -> Iterator[BundleLoader]:
    one = BundleLoader(home)
    yield one
    one.cancel()


def test_a_verified_bundle_is_loaded_without_the_schema(verified_home: Home) -> None:
    root = str(verified_home.root)
    subprocess.run([sys.executable, "-c", WITHOUT_VALIDATOR, root], check=True)


def test_a_manifest_that_was_changed_since_is_verified_again(verified_home: Home) -> None:
    version = verified_home.current_bundle()
    assert version is not None
    with loader(verified_home) as one:
        assert isinstance(one.start(version, 0), LoadResult)
        path = verified_home.folder(version) / MANIFEST
        document = json.loads(path.read_bytes())
        del document["voices"][0]["warp"]
        path.write_text(json.dumps(document))
        assert one.start(version, 0) is None
        result = wait_until(lambda: one.poll(0), 60)
    assert "warp" in result.reason
