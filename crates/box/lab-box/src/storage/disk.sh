# A disk: a sparse file, handed out by a process of its own, so that a kill takes the disk away under whoever uses it, and what was on it
# is there again when it comes back.
ulimit -S -v unlimited
data=/mnt/disks
mkdir -p "$data/kept" "$data/dev"
# Of an earlier life.
umount -l "$data/dev/$DISK" 2>/dev/null
[ -f "$data/kept/$DISK" ] || truncate -s 128M "$data/kept/$DISK"
: >>"$data/dev/$DISK"
# The kernel calls a process by the name of the file that was started.
ln -sf "$(command -v qemu-storage-daemon)" "$data/$PROCESS"
setsid "$data/$PROCESS" --blockdev "file,node-name=disk,filename=$data/kept/$DISK" \
    --export "fuse,id=disk,node-name=disk,mountpoint=$data/dev/$DISK,writable=on" &
tries=0
until grep -q " $data/dev/$DISK fuse" /proc/mounts; do
    tries=$((tries + 1))
    [ "$tries" -le 200 ] || exit 1
    sleep 0.02
done

# ZFS takes up a disk that is back when it is told. A pool that had to stop does not go on: it is taken up anew, as by a start of the machine.
first=$(cat "$data/pid" 2>/dev/null)
[ -n "$first" ] && [ "$(cat "/proc/$first/comm")" = zfs-fuse ] || exit 0
[ "$(readlink "/proc/$first/ns/net")" = "$(readlink /proc/self/ns/net)" ] || exit 0
health=$(timeout -s KILL 2 zpool list -H -o health "$POOL")
case "$health" in
ONLINE | DEGRADED) timeout -s KILL 3 zpool online "$POOL" "$data/dev/$DISK" && exit 0 ;;
esac
kill -9 "$first"
while [ -d "/proc/$first" ]; do sleep 0.05; done
sh /mnt/start.zfs
# Whoever serves the pool by NFS has the old one in its hands.
server=$(cat /mnt/data.nfs-ganesha/pid 2>/dev/null) || exit 0
[ "$(cat "/proc/$server/comm")" = ganesha.nfsd ] && kill -9 "$server"
while [ -d "/proc/$server" ]; do sleep 0.05; done
sh /mnt/start.nfs-ganesha
