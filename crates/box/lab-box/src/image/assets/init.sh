#!/bin/busybox sh
# First program of the initial file system. lw.mode=install: fetch the image, check it, write it to the one disk with the
# asked serial number, grow it, make it this machine's own, restart. lw.mode=disk: start the installed system.
# lw.mode=live: fetch the system into memory, make it this machine's own, start it. lw.mode=probe: say that a guest runs here, and stop.
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

# Runs until the process $1 ends; says $2 between $3 and $4 per cent as $5, a command that prints bytes, nears $6.
watch_work() {
  last=-1
  while kill -0 "$1" 2>/dev/null; do
    usleep 400000
    done_bytes=$($5)
    now=$(($3 + ($4 - $3) * (${done_bytes:-0} / 1024) / ($6 / 1024 + 1)))
    [ "$now" -le "$4" ] || now=$4
    [ "$now" -le "$last" ] || { say "$2 $now"; last=$now; }
  done
  wait "$1"
}

fetched() { stat -c %s "$file" 2>/dev/null; }
written() { awk '{print $7 * 512}' "/sys/block/$disk/stat"; }

# An address by DHCP for the card with the address $mac.
network() {
  card=$(find_card "$mac")
  [ -n "$card" ] || die "no card has address $mac"
  ip link set lo up
  ip link set "$card" up
  udhcpc -i "$card" -n -q -f -t 20 -T 1 -s /bin/dhcp.sh >/dev/null || die "no address by DHCP"
}

# Fetches $image to the file $1 and checks it; says between $3 and $4 per cent as $2.
fetch() {
  file=$1
  length=$(wget -S --spider "$image" 2>&1 | awk 'tolower($1) == "content-length:" {print $2}')
  wget -q -O "$file" "$image" &
  watch_work $! "$2" "$3" "$4" fetched "${length:-$size}" || die "cannot fetch $image"
  [ "$(sha256sum <"$file" | cut -d ' ' -f 1)" = "$sha256" ] || die "the image does not have the asked SHA-256"
}

install() {
  say installing 0
  tries=0
  while disk=$(find_disk "$serial") || die "more than one disk has serial number $serial"; [ -z "$disk" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || die "no disk has serial number $serial"
    usleep 100000
  done
  network
  mount -t tmpfs -o size=80% tmp /tmp
  fetch /tmp/image installing 1 25
  say installing 26
  [ "$(($(cat "/sys/block/$disk/size") * 512))" -ge "$size" ] || die "disk $disk is smaller than the image"
  zstd -q -f -d -o "/dev/$disk" /tmp/image &
  watch_work $! installing 30 85 written "$size" || die "cannot write $disk"
  rm /tmp/image
  say installing 86
  personalise
  say installed
  report installed "$disk" || report installed "$disk"
  reboot -f
}

# Puts the files that came in the second archive into the system below /mnt.
put_in() {
  [ -d /personal ] || die "the files of this machine did not come along"
  cp -a /personal/files/. /mnt/ || die "cannot put in the files of this machine"
  mount --bind /dev /mnt/dev
  chroot /mnt /bin/sh -e </personal/setup.sh >/tmp/log 2>&1 || die "setup: $(tail -n 2 /tmp/log)"
  umount /mnt/dev
}

# The machine has no disk: its system is fetched into memory at every start.
live() {
  say loading 0
  network
  mount -t tmpfs -o size=90%,mode=0755 root /mnt || die "no memory for the system"
  fetch /mnt/packed loading 1 50
  zstd -q -d -c /mnt/packed | tar -x -C /mnt || die "cannot unpack the system"
  rm /mnt/packed
  put_in
  say loading 100
  ip addr flush dev "$card"
  ip link set "$card" down
  start_system
}

# The system below /mnt takes over.
start_system() {
  mount --move /dev /mnt/dev
  umount /sys /proc
  exec switch_root /mnt /sbin/init
}

# Grows the last partition over the disk and makes the system this machine's own.
personalise() {
  echo ', +' | sfdisk -q --no-reread --force -N 3 "/dev/$disk" >/tmp/log 2>&1 || die "sfdisk: $(cat /tmp/log)"
  blockdev --rereadpt "/dev/$disk" || die "the kernel does not see the partitions of $disk"
  root=/dev/${disk}3
  [ -b "$root" ] || root=/dev/${disk}p3
  mount -t ext4 "$root" /mnt || die "cannot mount $root"
  resize2fs "$root" >/tmp/log 2>&1 || die "resize2fs: $(cat /tmp/log)"
  say installing 92
  put_in
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
    start_system
    ;;
  live) live ;;
  probe)
    say probe
    poweroff -f
    ;;
  *) die "lw.mode is not known" ;;
esac
