#!/bin/sh
# Starts the installed system; run once by BusyBox's init. Network as in /etc/network/interfaces, card names as in
# /etc/mactab (one "NAME ADDRESS" a line), then OpenSSH,
# then a listener at the ports of described services.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs -o mode=0755,nosuid,nodev run /run
mkdir -p /dev/pts /dev/shm /run/sshd /run/network /run/lock
mount -t devpts -o gid=5,mode=620 devpts /dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm
busybox hostname -F /etc/hostname

# Cards get their names in two steps, since the name that one shall have may be what another has now.
rename() {
  while read -r name address; do
    for device in /sys/class/net/*; do
      read -r has <"$device/address"
      [ "$has" = "$address" ] || continue
      now=${device##*/}
      new=$name
      [ "$1" = final ] || new=lwtmp${address##*:}
      [ "$now" = "$name" ] || ip link set dev "$now" name "$new"
    done
  done </etc/mactab
}
rename aside
rename final
ifup -a >/dev/null 2>&1
/usr/sbin/sshd
[ ! -s /etc/labwright/services ] || setsid /etc/labwright/listen /etc/labwright/services </dev/null >/dev/null 2>&1 &
echo "LW:up $(cat /etc/hostname)" >/dev/console
