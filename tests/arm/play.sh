#!/bin/sh
# Prove the installation on an ARM64 userland: a Debian Bookworm root under qemu-user, in which
# the plan of `deploy provision` installs the firmware offline, and a bundle is verified and
# played in the simulator. Usage, as root: tests/arm/play.sh FOLDER BUNDLE...
#
# It proves no speed and no hardware. Fully quantised int8 decoders may crash under this
# emulator; give it float32 or int16x8 ones. Needs debootstrap and qemu-user-static.
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
CHECKOUT=$(dirname "$(dirname "$HERE")")
PYTHON=${PYTHON:-$CHECKOUT/.venv/bin/python}

if [ "${1-}" != --inside ]; then
    exec "$HERE/arm64" "$0" --inside "$@"
fi
FOLDER=$(realpath -m "$2")
shift 2
ROOT=$FOLDER/root
WHEELS=$FOLDER/wheels

# The packages are unpacked, not configured: that needs a minute rather than six.
build_root() {
    rm -rf "$ROOT"
    mkdir -p "$ROOT/usr/bin" "$ROOT/usr/sbin" "$ROOT/usr/lib" "$FOLDER/debs"
    debootstrap --arch=arm64 --variant=minbase --download-only \
        --include=python3-venv bookworm "$FOLDER/download" >"$FOLDER/debootstrap.log"
    for name in bin sbin lib; do
        ln -s "usr/$name" "$ROOT/$name"
    done
    for deb in "$FOLDER/download"/var/cache/apt/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$ROOT"
    done
    touch "$ROOT/.complete"
}

# Wheels for the module, brought by this computer's pip.
fetch_wheels() {
    mkdir -p "$WHEELS"
    "$PYTHON" -m pip wheel -q --no-deps -w "$WHEELS" "$CHECKOUT"
    "$PYTHON" -m pip download -q --only-binary=:all: --require-hashes -d "$WHEELS" \
        -r "$CHECKOUT/deploy/provision/requirements-module.txt" \
        --implementation cp --abi cp311 --abi abi3 --abi none --python-version 3.11 \
        --platform manylinux_2_34_aarch64 --platform manylinux_2_31_aarch64 \
        --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
        --platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64
}

mkdir -p "$FOLDER"
[ -e "$ROOT/.complete" ] || build_root
fetch_wheels
mount -t proc proc "$ROOT/proc"
mount -t tmpfs tmpfs "$ROOT/tmp"
mkdir -p "$ROOT/dev"
mount --bind /dev "$ROOT/dev"

echo "== what the module must be"
chroot "$ROOT" uname -m
echo "== installing by the plan of deploy provision"
"$PYTHON" "$HERE/install.py" "$ROOT" "$WHEELS"
FIRMWARE=$(echo "$ROOT"/opt/exnihilo/versions/*/bin/firmware)
BIN=$(dirname "${FIRMWARE#"$ROOT"}")
echo "== importing every module of the firmware"
cp "$HERE/imports.py" "$ROOT/tmp/"
chroot "$ROOT" "$BIN/python" -I /tmp/imports.py
for bundle; do
    name=$(basename "$bundle")
    cp -r "$bundle" "$ROOT/tmp/$name"
    echo "== playing $name"
    chroot "$ROOT" "$BIN/firmware" verify "/tmp/$name"
    chroot "$ROOT" "$BIN/firmware" sim "/tmp/$name" --bars 2 --out "/tmp/out-$name"
    chroot "$ROOT" "$BIN/deploy" push "/tmp/$name" --local /tmp/home
done
chroot "$ROOT" "$BIN/deploy" list --local /tmp/home
