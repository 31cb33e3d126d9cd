"""The page of environment variables names each that the programs read."""

import re

from tests.docs.markdown import DOCS
from tests.test_boundaries import ROOT

READ = re.compile(r'environ(?:\.get\(|\[)"([A-Z_]+)"(?!\] = )')


def test_every_variable_that_is_read_is_on_the_page() -> None:
    page = (DOCS / "reference" / "environment.md").read_text("utf-8")
    paths = [
        path
        for name in ("firmware", "trainer", "deploy")
        for path in ROOT.glob(f"{name}/**/*.py")
    ]
    found = {name for path in paths for name in READ.findall(path.read_text("utf-8"))}
    assert {"SOURCE_DATE_EPOCH", "NOTIFY_SOCKET"} <= found
    assert {name for name in found if f"`{name}`" not in page} == set()
