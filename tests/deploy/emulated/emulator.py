"""An arm64 machine under QEMU: booted, reached by ssh, cut off by killing the emulator."""

import shlex
import shutil
import socket
import subprocess
from pathlib import Path

from tests.deploy.booted.machine import Machine
from tests.deploy.emulated.image import MACHINE, Image

HEADER_LEVELS = (0x5FE00034, 0x0FFFFFFB)
"""Where `board.dtso` keeps the levels of the lines, and the levels: as pull-ups would have
them, but SDA is low, so that a chip answers at every address of the bus."""

KERNEL = (
    "console=hvc0 rdinit=/init quiet nokaslr panic=-1 net.ifnames=0 lsm=capability",
    # Programs start slowly here.
    "systemd.default_timeout_start_sec=600 systemd.default_device_timeout_sec=600",
)

SHARED_CONNECTION = """
  ControlMaster auto
  ControlPath {folder}/%r
  ControlPersist yes
"""
"""An emulated processor needs a second or two for the keys of each connection."""


class Emulator(Machine):
    """A disk of its own above an image's, which stays as it is."""

    slowness = 6.0
    boot_s = 400.0
    connect_s = 60

    def __init__(self, image: Image, folder: Path) -> None:
        """Make the disk and take a free port; keep both in a new folder."""
        shutil.copytree(image.keys, folder)
        super().__init__(folder)
        self._image = image
        self._disk = folder / "disk"
        self._midi = folder / "midi"
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self._port = listener.getsockname()[1]
        backing = ("-b", str(image.disk), "-F", "raw", str(self._disk))
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *backing], check=True)
        shared = SHARED_CONNECTION.format(folder=folder)
        self._write_ssh(options=f"  Port {self._port}\n{shared}")

    def cut_power(self) -> None:
        """Kill the emulator; what it has not written is lost."""
        assert self._process
        self._process.kill()
        self._process.wait()
        # The connections end with it; their sockets would be found by the next boot.
        for user in ("me", "exnihilo"):
            (self._folder / user).unlink(missing_ok=True)

    def run(self, script: str, *, check: bool = True) -> str:
        """Run a shell script in it as root; return what it printed."""
        done = subprocess.run(
            ["ssh", "-o", "BatchMode=yes", "module", f"sudo sh -c {shlex.quote(script)}"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def _command(self) -> list[str]:
        image, (address, levels) = self._image, HEADER_LEVELS
        header = f"loader,addr={address:#x},data={levels:#x},data-len=4"
        return [
            *("qemu-system-aarch64", *MACHINE, "-accel", "tcg,thread=multi"),
            *("-nodefaults", "-no-reboot", "-display", "none", "-dtb", str(image.devices)),
            *("-kernel", str(image.kernel), "-initrd", str(image.initrd)),
            *("-append", " ".join(KERNEL), "-device", header),
            *("-drive", f"file={self._disk},if=none,id=disk,format=qcow2"),
            *("-device", "virtio-blk-pci,drive=disk"),
            *("-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self._port}-:22"),
            *("-device", "virtio-net-pci,netdev=net,romfile="),
            *("-chardev", "stdio,id=console,signal=off", "-device", "virtio-serial-pci"),
            *("-device", "virtconsole,chardev=console"),
            # The UART of the header: MIDI.
            *("-chardev", f"file,id=midi,path={self._midi},append=on"),
            *("-serial", "chardev:midi"),
        ]

    def _reachable(self) -> bool:
        return True
