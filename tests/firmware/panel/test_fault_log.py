import logging

import pytest

from firmware.panel.fault_log import QUIET_NS, FaultLog


def test_each_kind_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    log = FaultLog()
    with caplog.at_level(logging.WARNING):
        log.write(["adc: gone", "dac: gone", "adc: frozen"], 0)
        log.write(["adc: gone"], QUIET_NS - 1)
        log.write(["adc: gone again"], QUIET_NS)
    assert caplog.messages == ["adc: gone", "dac: gone", "adc: gone again"]
