#!/bin/busybox sh
# First program of the initial file system. lw.mode=install: fetch the image, check it, write it to the one disk with the
# asked serial number, grow it, make it this machine's own, restart. lw.mode=disk: start the installed system.
# lw.mode=probe: say that a guest runs here, and stop.
# Every stage is said on the console as "LW:stage detail" and, while installing, posted to the report address.
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1

say() { echo "LW:$*"; }
report() { [ -z "$report" ] || wget -q -O /dev/null --post-data "$2" "$report$1" 2>/dev/null; }
die() {
  say "failed $*"
  report failed "$*"
  sleep 5
  reboot -f
}

while read -r module; do insmod "/modules/$module"; done </modules/order

for word in $(cat /proc/cmdline); do
  value=${word#*=}
  case $word in
    lw.mode=*) mode=$value ;;
    lw.mac=*) mac=$value ;;
    lw.image=*) image=$value ;;
    lw.sha256=*) sha256=$value ;;
    lw.size=*) size=$value ;;
    lw.disk=*) serial=$value ;;
    lw.report=*) report=$value ;;
  esac
done

# The name of the one disk whose serial number is $1; nothing when there is none; fails when there are several.
find_disk() {
  found=
  for device in /sys/block/*; do
    for file in "$device/serial" "$device/device/serial"; do
      [ -r "$file" ] || continue
      read -r text <"$file" || [ -n "$text" ] || continue
      [ "$text" = "$1" ] || continue
      [ -z "$found" ] || return 1
      found=${device##*/}
    done
  done
  echo "$found"
}

# The card whose address is $1.
find_card() {
  for device in /sys/class/net/*; do
    [ "$(cat "$device/address")" = "$1" ] && echo "${device##*/}"
  done
}

# The partitions whose ext4 label, 16 bytes at 1144, is LWROOT.
find_root() {
  for file in /sys/class/block/*/partition; do
    device=${file%/partition}
    device=/dev/${device##*/}
    label=$(dd if="$device" bs=8 skip=143 count=2 2>/dev/null | tr -d '\0')
    [ "$label" != LWROOT ] || echo "$device"
  done
}

# Runs until the process $1 ends; says between $2 and $3 per cent as $4, a command that prints bytes, nears $5.
watch_work() {
  last=-1
  while kill -0 "$1" 2>/dev/null; do
    usleep 400000
    done_bytes=$($4)
    now=$(($2 + ($3 - $2) * (${done_bytes:-0} / 1024) / ($5 / 1024 + 1)))
    [ "$now" -le "$3" ] || now=$3
    [ "$now" -le "$last" ] || { say "installing $now"; last=$now; }
  done
  wait "$1"
}

fetched() { stat -c %s /tmp/image 2>/dev/null; }
written() { awk '{print $7 * 512}' "/sys/block/$disk/stat"; }

install() {
  say installing 0
  tries=0
  while disk=$(find_disk "$serial") || die "more than one disk has serial number $serial"; [ -z "$disk" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || die "no disk has serial number $serial"
    usleep 100000
  done
  card=$(find_card "$mac")
  [ -n "$card" ] || die "no card has address $mac"
  ip link set lo up
  ip link set "$card" up
  udhcpc -i "$card" -n -q -f -t 20 -T 1 -s /bin/dhcp.sh >/dev/null || die "no address by DHCP"
  mount -t tmpfs -o size=80% tmp /tmp
  length=$(wget -S --spider "$image" 2>&1 | awk 'tolower($1) == "content-length:" {print $2}')
  wget -q -O /tmp/image "$image" &
  watch_work $! 1 25 fetched "${length:-$size}" || die "cannot fetch $image"
  say installing 26
  [ "$(sha256sum </tmp/image | cut -d ' ' -f 1)" = "$sha256" ] || die "the image does not have the asked SHA-256"
  [ "$(($(cat "/sys/block/$disk/size") * 512))" -ge "$size" ] || die "disk $disk is smaller than the image"
  zstd -q -f -d -o "/dev/$disk" /tmp/image &
  watch_work $! 30 85 written "$size" || die "cannot write $disk"
  rm /tmp/image
  say installing 86
  personalise
  say installed
  report installed "$disk" || report installed "$disk"
  reboot -f
}

# Grows the last partition over the disk and puts in the files that came in the second archive.
personalise() {
  echo ', +' | sfdisk -q --no-reread --force -N 3 "/dev/$disk" >/tmp/log 2>&1 || die "sfdisk: $(cat /tmp/log)"
  blockdev --rereadpt "/dev/$disk" || die "the kernel does not see the partitions of $disk"
  root=/dev/${disk}3
  [ -b "$root" ] || root=/dev/${disk}p3
  mount -t ext4 "$root" /mnt || die "cannot mount $root"
  resize2fs "$root" >/tmp/log 2>&1 || die "resize2fs: $(cat /tmp/log)"
  say installing 92
  [ -d /personal ] || die "the files of this machine did not come along"
  cp -a /personal/files/. /mnt/ || die "cannot put in the files of this machine"
  mount --bind /dev /mnt/dev
  chroot /mnt /bin/sh -e </personal/setup.sh >/tmp/log 2>&1 || die "setup: $(tail -n 2 /tmp/log)"
  umount /mnt/dev
  umount /mnt
  sync
  say installing 100
}

case $mode in
  install) install ;;
  disk)
    say disk
    tries=0
    while root=$(find_root); [ -z "$root" ] && [ "$tries" -lt 50 ]; do
      tries=$((tries + 1))
      usleep 100000
    done
    case $root in
      /dev/*[!0-9a-z/]*) die "more than one partition is labelled LWROOT" ;;
      /dev/*) mount -t ext4 -o noatime "$root" /mnt || die "cannot mount $root" ;;
      *) die "no partition is labelled LWROOT" ;;
    esac
    mount --move /dev /mnt/dev
    umount /sys /proc
    exec switch_root /mnt /sbin/init
    ;;
  probe)
    say probe
    poweroff -f
    ;;
  *) die "lw.mode is not known" ;;
esac
