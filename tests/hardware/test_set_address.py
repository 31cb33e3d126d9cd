"""Addresses are set edge by edge, on a model of the chips of DS22187E figure 5-11."""

import pytest

from hardware.set_address import AddressError, answers, main, set_address


class Chip:
    """An MCP4728 that follows the edges of its bus; only what addressing needs."""

    def __init__(self, address=0x60):
        self.address = address
        self.drives_low = False
        self.busy = 0
        self.bits, self.bytes, self.active = [], [], False
        self.ldac_fell = False

    def start(self):
        self.bits, self.bytes, self.active, self.ldac_fell = [], [], True, False

    def stop(self):
        self.active = self.drives_low = False

    def ldac(self, *, high, scl):
        after_eighth = len(self.bits) == 8 and len(self.bytes) == 2 and not scl
        self.ldac_fell = not high and after_eighth

    def rise(self, sda):
        if self.active and len(self.bits) < 8:
            self.bits.append(sda)

    def fall(self):
        if not self.active or len(self.bits) < 8:
            return
        if self.drives_low:
            self.drives_low, self.bits = False, []
            return
        byte = int("".join(map(str, map(int, self.bits))), 2)
        self.bytes.append(byte)
        self.drives_low = self._takes(byte)
        self.active = self.drives_low
        if not self.active:
            self.bits = []

    def _takes(self, byte):
        old = self.address & 7
        if len(self.bytes) == 1:
            self.busy = max(0, self.busy - 1)
            return byte == self.address << 1 and not self.busy
        if len(self.bytes) == 2:
            return byte == (0x61 | old << 2)
        if len(self.bytes) == 3:
            return self.ldac_fell and byte & 0xE3 == 0x62
        agrees = byte & 0x1C == self.bytes[2] & 0x1C and byte & 0xE3 == 0x63
        if agrees:
            self.address, self.busy = 0x60 | byte >> 2 & 7, 20
        return agrees


class Bus:
    """Two wires for all chips, and the LDAC of one of them."""

    def __init__(self, *chips, chosen=0):
        self.chips, self.chosen = chips, chips[chosen]
        self._sda = self._scl = True
        self._ldac = False

    def sda(self, *, high):
        if self._scl and high != self._sda:
            for chip in self.chips:
                chip.stop() if high else chip.start()
        self._sda = high

    def scl(self, *, high):
        if high != self._scl:
            for chip in self.chips:
                chip.rise(self._sda) if high else chip.fall()
        self._scl = high

    def ldac(self, *, high):
        if high != self._ldac:
            self.chosen.ldac(high=high, scl=self._scl)
        self._ldac = high

    def read_sda(self):
        return self._sda and not any(chip.drives_low for chip in self.chips)


@pytest.mark.parametrize("new", range(0x61, 0x68))
def test_only_the_chip_whose_ldac_falls_moves(new):
    chips = [Chip(), Chip(), Chip()]
    set_address(Bus(*chips, chosen=1), 0x60, new)
    assert [chip.address for chip in chips] == [0x60, new, 0x60]


def test_a_chip_can_be_moved_back():
    chip = Chip(0x64)
    set_address(Bus(chip), 0x64, 0x60)
    assert chip.address == 0x60


def test_presence_is_asked_without_changing_anything():
    chip = Chip(0x61)
    bus = Bus(chip)
    assert answers(bus, 0x61)
    assert not answers(bus, 0x60)
    assert chip.address == 0x61


def test_an_empty_address_is_refused():
    chip = Chip(0x61)
    with pytest.raises(AddressError, match="no DAC took the change at 0x60"):
        set_address(Bus(chip), 0x60, 0x62)
    assert chip.address == 0x61


def test_a_chip_without_its_ldac_wire_does_not_move():
    wired, other = Chip(0x67), Chip()
    with pytest.raises(AddressError, match="LDAC"):
        set_address(Bus(wired, other), 0x60, 0x61)
    assert other.address == 0x60


def test_a_machine_without_gpio_is_reported_in_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("hardware.set_address.GPIO_CHIP", str(tmp_path / "gpiochip0"))
    assert main(["2"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
