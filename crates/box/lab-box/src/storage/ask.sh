# What becomes of a pool when it is used: "HEALTH READS WRITES", the last two yes or no. What was kept at first must be the same. With a
# second word the health is not asked for.
pool=$1
at=/mnt/pools/$pool
reads=no
writes=no
health=-
if grep -q " $at fuse" /proc/mounts; then
    timeout -s KILL 3 dd if=/dev/urandom of="$at/asked" bs=64k count=16 conv=fsync 2>/dev/null && writes=yes
    sum=$(timeout -s KILL 3 sha256sum <"$at/kept" 2>/dev/null)
    [ -n "$sum" ] && [ "$sum" = "$(cat "/mnt/disks/sum.$pool")" ] && reads=yes
fi
if [ -z "$2" ]; then
    # Last, and after all that is kept was read from every disk: ZFS finds out about a disk by using it.
    if [ "$writes" = yes ] && timeout -s KILL 2 zpool scrub "$pool"; then
        tries=0
        while timeout -s KILL 2 zpool status "$pool" | grep -q 'scrub in progress' && [ "$tries" -lt 30 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
    fi
    health=$(timeout -s KILL 2 zpool list -H -o health "$pool" 2>/dev/null)
fi
echo "${health:-UNKNOWN} $reads $writes"
