#!/bin/sh
# Run by mmdebstrap at the end, with the tree as $1: unpacks Debian's kernel for virtual machines into it. It is not
# installed as a package, since that would bring udev, perl and an initial file system that nobody here uses.
set -eu
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
mkdir "$1/kernel"
cd "$1/kernel"
name=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
apt-get -qq download "$name"
dpkg-deb -x "$name"_*.deb .
mkdir -p "$1/boot" "$1/usr/lib/modules"
mv boot/vmlinuz-* "$1/boot/"
mv lib/modules/* "$1/usr/lib/modules/"
cd "$1"
rm -r kernel
for folder in usr/lib/modules/*; do chroot "$1" depmod "${folder##*/}"; done
