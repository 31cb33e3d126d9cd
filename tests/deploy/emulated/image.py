"""A Debian 13 for arm64 on a disk, made once: kernel, devices, a system to provision.

Debian's own kernel and packages, configured under qemu-user, which takes a third of the time
that the machine itself would need. `board.dtso` adds to QEMU's machine what the header of a
Raspberry Pi offers. Needs to be root.
"""

import gzip
import lzma
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.provision.contents import PACKAGES
from tests.deploy.booted.userland import ADMIN

HERE = Path(__file__).parent
ARM64 = HERE.parents[1] / "arm" / "arm64"

RELEASE = "trixie"
EDITION = 1
"""Raised with each change here, so that a cached image is not used any more."""

INSTALLED = (
    *("systemd-sysv", "dbus", "openssh-server", "sudo", "python3", "kmod", "udev"),
    *("iproute2", "procps"),
    # Its installation is tested in a container; here apt would take ten minutes.
    *PACKAGES,
)

MACHINE = ("-machine", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "512")
"""The cores of a Pi Zero 2 and its memory; `board.dtso` has an address in that."""

DISK_BYTES = 3 << 30

NETWORK = """[Unit]
DefaultDependencies=no
BindsTo=sys-subsystem-net-devices-eth0.device
After=sys-subsystem-net-devices-eth0.device
Before=network.target

[Service]
Type=oneshot
ExecStart=/usr/bin/ip address add 10.0.2.15/24 dev eth0
ExecStart=/usr/bin/ip link set eth0 up

[Install]
WantedBy=multi-user.target
"""
"""The cable to the laptop; a network daemon would take half of the boot."""

SLOW = "[Service]\nTimeoutStartSec=600\nWatchdogSec=60\n"
"""The unit's limits, for a processor that may get little of the computer's time."""

MASKED = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer"),
    *("systemd-logind.service", "modprobe@drm.service", "modprobe@efi_pstore.service"),
    *("serial-getty@hvc0.service", "getty@tty1.service", "systemd-pstore.service"),
    *("systemd-timesyncd.service", "systemd-networkd.service", "systemd-networkd.socket"),
)
"""What takes an emulated processor long and is nothing to the module."""

FILES = {
    "etc/systemd/system/laptop.service": NETWORK,
    "etc/systemd/system/exnihilo.service.d/slow.conf": SLOW,
    # A UDC and a host in one: the module's cable ends in the same machine.
    "etc/modules-load.d/controller.conf": "dummy_hcd\n",
    "boot/firmware/config.txt": "dtparam=audio=on\n",
    "boot/firmware/cmdline.txt": "console=serial0,115200 console=tty1 root=PARTUUID=1-02\n",
    f"etc/sudoers.d/{ADMIN}": f"{ADMIN} ALL=(ALL) NOPASSWD: ALL\n",
    "etc/machine-id": "",
    "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
    "etc/hostname": "exnihilo\n",
    "etc/hosts": "127.0.0.1 localhost exnihilo\n",
}

# The hardware names take minutes to compile under qemu-user, and nothing asks for them.
NO_NAMES = "cd $1 && mkdir -p usr/local/sbin && ln -s /bin/true usr/local/sbin/systemd-hwdb"

INIT = """#!/bin/busybox sh
set -e
for module in {modules}; do /bin/busybox insmod /modules/$module; done
/bin/busybox mount -t devtmpfs devtmpfs /dev
while [ ! -b /dev/vda ]; do /bin/busybox sleep 0.1; done
/bin/busybox mount -t ext4 /dev/vda /root
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
"""

NEEDED_EARLY = (
    "kernel/drivers/block/virtio_blk.ko.xz",
    "kernel/crypto/crc32c_generic.ko.xz",
    "kernel/fs/ext4/ext4.ko.xz",
)


@dataclass(frozen=True)
class Image:
    """What QEMU boots, and the keys to it; a folder that only holds whole images."""

    folder: Path

    @property
    def kernel(self) -> Path:
        """Debian's kernel."""
        return self.folder / "kernel"

    @property
    def initrd(self) -> Path:
        """The modules that the disk needs, and no more."""
        return self.folder / "initrd"

    @property
    def devices(self) -> Path:
        """The device tree."""
        return self.folder / "devices.dtb"

    @property
    def disk(self) -> Path:
        """The disk, which is never written to."""
        return self.folder / "disk"

    @property
    def keys(self) -> Path:
        """A folder of the administrator's key and the machine's."""
        return self.folder / "keys"


def made_image(cache: Path) -> Image:
    """Return the image, made first if the cache does not hold it."""
    image = Image(cache / f"{RELEASE}-{EDITION}")
    if not image.folder.is_dir():
        part = Image(cache / "part")
        shutil.rmtree(part.folder, ignore_errors=True)
        root = part.folder / "root"
        root.mkdir(parents=True)
        _bootstrap(root)
        _take_kernel(root, part)
        _make_keys(root, part.keys)
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        _choose_units(root)
        _make_devices(part.devices)
        size = ("-E", "root_owner=0:0", "-d", root, part.disk, f"{DISK_BYTES >> 10}k")
        _run("mkfs.ext4", "-q", *size)
        shutil.rmtree(root)
        part.folder.rename(image.folder)
    return image


def _bootstrap(root: Path) -> None:
    kernel = "apt-cache depends linux-image-arm64 | sed -n 's/.*Depends: //p' | head -n 1"
    fetch = f"cd /root && apt-get -qq download busybox-static $({kernel})"
    _run(
        *(ARM64, "mmdebstrap", "--quiet", "--arch=arm64", "--variant=minbase"),
        *(
            "--dpkgopt=force-unsafe-io",
            "--skip=check/qemu",
            f"--essential-hook={NO_NAMES}",
        ),
        f"--include={','.join(INSTALLED)}",
        f"--customize-hook=chroot $1 useradd --create-home --shell /bin/bash {ADMIN}",
        f'--customize-hook=chroot $1 sh -c "{fetch}"',
        *(RELEASE, root),
    )


def _choose_units(root: Path) -> None:
    units = root / "etc/systemd/system"
    for name in MASKED:
        (units / name).unlink(missing_ok=True)
        (units / name).symlink_to("/dev/null")
    generators = root / "etc/systemd/system-generators"
    generators.mkdir()
    (generators / "systemd-ssh-generator").symlink_to("/dev/null")
    (units / "multi-user.target.wants" / "laptop.service").symlink_to("../laptop.service")


def _take_kernel(root: Path, image: Image) -> None:
    """Unpack the kernel as dpkg would, and make the small system that mounts the disk."""
    for deb in (root / "root").glob("*.deb"):
        _run("dpkg-deb", "--extract", deb, root)
        deb.unlink()
    (folder,) = (root / "usr/lib/modules").iterdir()
    _run("depmod", "-b", root / "usr", folder.name)
    (kernel,) = (root / "boot").glob("vmlinuz-*")
    shutil.move(kernel, image.kernel)
    _make_initrd(folder, root / "usr/bin/busybox", image.initrd)


def _make_initrd(modules: Path, busybox: Path, target: Path) -> None:
    tree = target.with_name("tree")
    for name in ("bin", "dev", "root", "modules"):
        (tree / name).mkdir(parents=True)
    shutil.copy(busybox, tree / "bin")
    names = []
    for path in _with_dependencies(modules):
        name = path.name.removesuffix(".xz")
        (tree / "modules" / name).write_bytes(lzma.decompress(path.read_bytes()))
        names.append(name)
    (tree / "init").write_text(INIT.format(modules=" ".join(names)))
    (tree / "init").chmod(0o755)
    files = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    cpio = ("cpio", "--quiet", "--create", "--format=newc", "--directory", str(tree))
    done = subprocess.run(cpio, input=files.encode(), stdout=subprocess.PIPE, check=True)
    target.write_bytes(gzip.compress(done.stdout, 1))
    shutil.rmtree(tree)


def _with_dependencies(modules: Path) -> list[Path]:
    """List what is to be loaded, in order: each module after those that it uses."""
    lines = (modules / "modules.dep").read_text().splitlines()
    uses = {name: used.split() for name, used in (line.split(":") for line in lines)}
    order: dict[str, None] = {}
    for wanted in NEEDED_EARLY:
        order |= dict.fromkeys((*reversed(uses[wanted]), wanted))
    return [modules / name for name in order]


def _make_keys(root: Path, keys: Path) -> None:
    keys.mkdir()
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / "key")
    home = root / "home" / ADMIN
    (home / ".ssh").mkdir(mode=0o700)
    shutil.copy(keys / "key.pub", home / ".ssh" / "authorized_keys")
    _run("chown", "-R", f"--reference={home}", home / ".ssh")
    host_key = (root / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
    (keys / "known_hosts").write_text(f"module {host_key}")


def _make_devices(target: Path) -> None:
    """Write the device tree: QEMU's machine and the header."""
    bare, header = target.with_name("bare.dtb"), target.with_name("header.dtbo")
    machine = (*MACHINE[:1], f"{MACHINE[1]},dumpdtb={bare}", *MACHINE[2:])
    _run("qemu-system-aarch64", *machine, "-nic", "none", "-display", "none")
    _run("dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", header, HERE / "board.dtso")
    _run("fdtoverlay", "-i", bare, "-o", target, header)


def _run(*command: object) -> None:
    subprocess.run([*map(str, command)], check=True, stdout=subprocess.DEVNULL)
