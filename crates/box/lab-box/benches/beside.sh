#!/usr/bin/env bash
# Three machines at once from empty disks until they are up: `labwright up` beside dnsmasq and nginx, in turns, with the same
# kernel, installer, image, firmware, disks and QEMU. Both sides work in network namespaces of their own.
# usage, as root, with a box's image in the cache: benches/beside.sh LABWRIGHT [ROUNDS]
# needs dnsmasq-base, nginx-light and cpio beside what a box needs
set -euo pipefail
labwright=$(realpath "$1") rounds=${2:-3}
image=$(echo "${XDG_CACHE_HOME:-$HOME/.cache}"/labwright/image-*)
work=$(mktemp -d /var/tmp/lw-beside.XXXXXX)
ns=lwbeside$$
pids=()
end_processes() {
  [ ${#pids[@]} = 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || true
  [ ${#pids[@]} = 0 ] || wait "${pids[@]}" 2>/dev/null || true
  pids=()
  ip netns del $ns 2>/dev/null || true
}
trap 'end_processes; "$labwright" down "$work/lab" 2>/dev/null || true; rm -rf "$work"' EXIT

mkdir -p "$work/lab" "$work/http"
cat >"$work/lab/lab.yaml" <<'Y'
lab: { name: beside }
prefixes: { 10.77.0.0/24: {} }
devices: { box-1..3: { memory: 8 GiB, interfaces: { eth0: { mac: '52:54:00:77:00:01..03' } } } }
hosts: { 'node-1..3': { on: 'box-1..3', os: debian 12, firmware: bios, addresses: { eth0: 10.77.0.11..13/24 } } }
Y

# What makes each installed system one machine, as the box writes it.
personal() {
  local n=$1 root=$work/personal$1
  mkdir -p "$root"/personal/files/etc/{network,ssh} "$root"/personal/files/root/.ssh
  cd "$root/personal/files"
  echo "node-$n" >etc/hostname
  printf 'auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n    address 10.77.0.1%s/24\n' "$n" >etc/network/interfaces
  echo "eth0 52:54:00:77:00:0$n" >etc/mactab
  ssh-keygen -q -t ed25519 -N '' -f etc/ssh/ssh_host_ed25519_key
  : >"$root/personal/setup.sh"
  cd "$root" && find . | cpio -o -H newc --quiet -R 0:0 >"$work/http/personal$n.cpio"
}
for n in 1 2 3; do personal $n; done
for file in vmlinuz initrd.img disk.zst; do ln -s "$image/$file" "$work/http/$file"; done
field() { sed -n "s/.*\"$1\":\"\?\([^,\"]*\).*/\1/p" "$image/image.json"; }
printf '#!ipxe\nchain http://10.77.0.254/${net0/mac:hexhyp}.ipxe\n' >"$work/http/boot.ipxe"
for n in 1 2 3; do
  cat >"$work/http/52-54-00-77-00-0$n.ipxe" <<I
#!ipxe
kernel http://10.77.0.254/vmlinuz initrd=initrd.img initrd=personal$n.cpio quiet loglevel=3 console=ttyS0 net.ifnames=0 mitigations=off random.trust_cpu=on lw.mode=install lw.mac=52:54:00:77:00:0$n lw.image=http://10.77.0.254/disk.zst lw.sha256=$(field sha256) lw.size=$(field size_bytes) lw.disk=SYSTEM
initrd http://10.77.0.254/initrd.img
initrd http://10.77.0.254/personal$n.cpio
boot
I
done
cat >"$work/dnsmasq.conf" <<I
port=0
user=root
interface=br0
bind-interfaces
no-ping
dhcp-authoritative
dhcp-leasefile=$work/leases
dhcp-range=10.77.0.100,10.77.0.199,255.255.255.0,1h
dhcp-match=set:ipxe,175
dhcp-option=tag:ipxe,encap:175,176,1b
dhcp-boot=tag:ipxe,http://10.77.0.254/boot.ipxe
enable-ra
dhcp-range=fd77::,ra-only,64
ra-param=br0,10,0
I
for n in 1 2 3; do echo "dhcp-host=52:54:00:77:00:0$n,10.77.0.1$n,node-$n" >>"$work/dnsmasq.conf"; done
cat >"$work/nginx.conf" <<I
pid $work/nginx.pid; error_log $work/nginx.err; worker_processes 1; user root; events {}
http { access_log off; sendfile on; server { listen 10.77.0.254:80; root $work/http; } }
I

now() { date +%s.%N; }
since() { echo "$(now) $1" | awk '{printf "%.1f", $1 - $2}'; }

# Seconds until the last of three machines says on its serial line that it is up, and until its SSH server greets.
others() {
  local begin up
  begin=$(now)
  ip netns add $ns
  printf '%s\n' 'link set lo up' 'link add br0 type bridge' 'addr add 10.77.0.254/24 dev br0' 'addr add fd77::1/64 dev br0 nodad' 'link set br0 up' | ip -n $ns -batch -
  for n in 1 2 3; do printf 'tuntap add tap%s mode tap\nlink set tap%s master br0 up\n' $n $n; done | ip -n $ns -batch -
  rm -f "$work"/leases "$work"/serial*
  ip netns exec $ns dnsmasq -k -C "$work/dnsmasq.conf" 2>/dev/null & pids+=($!)
  ip netns exec $ns nginx -c "$work/nginx.conf" -g 'daemon off;' 2>/dev/null & pids+=($!)
  for n in 1 2 3; do
    rm -f "$work/disk$n" && truncate -s 4096M "$work/disk$n"
    ip netns exec $ns qemu-system-x86_64 -machine q35 -accel tcg,thread=multi,tb-size=128 -cpu max -smp 1 -m 512 -nodefaults -no-user-config -display none \
      -drive "if=none,id=d0,file=$work/disk$n,format=raw,cache=unsafe,discard=unmap,detect-zeroes=unmap" -device virtio-blk-pci,drive=d0,serial=SYSTEM,bootindex=1 \
      -netdev tap,id=n0,ifname=tap$n,script=no,downscript=no -device virtio-net-pci,netdev=n0,mac=52:54:00:77:00:0$n,bootindex=2 -device virtio-rng-pci \
      -chardev "file,id=s,path=$work/serial$n" -serial chardev:s & pids+=($!)
  done
  for n in 1 2 3; do until grep -q LW:up "$work/serial$n" 2>/dev/null; do sleep 0.05; done; done
  up=$(since "$begin")
  for n in 1 2 3; do until ip netns exec $ns timeout 5 bash -c "exec 3<>/dev/tcp/10.77.0.1$n/22 && read -r line <&3" 2>/dev/null; do sleep 0.05; done; done
  echo "dnsmasq + nginx: last machine up $up s, SSH greets $(since "$begin") s"
  end_processes
}

# Seconds until the last machine is up and until all are verified, from the events.
ours() {
  "$labwright" up "$work/lab" --format json >"$work/events" 2>"$work/said" || { cat "$work/said"; tail -n 3 "$work/events"; exit 1; }
  local up
  up=$(sed -n 's/.*"seconds":\([0-9.]*\),.*"stage":"up".*/\1/p' "$work/events" | sort -n | tail -n 1)
  echo "labwright up:    last machine up $up s, all verified $(sed -n 's/.*"event":"result".*"seconds":\([0-9.]*\).*/\1/p' "$work/events") s"
  "$labwright" down "$work/lab" 2>/dev/null
}

for round in $(seq "$rounds"); do
  echo "round $round, load $(cut -d ' ' -f 1 /proc/loadavg)"
  ours
  others
done
