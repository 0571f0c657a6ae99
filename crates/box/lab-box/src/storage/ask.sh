# What becomes of a pool when it is used: "HEALTH READS WRITES", the last two yes or no. What was kept at first must be the same.
pool=$1
at=/mnt/pools/$pool
reads=no
writes=no
if grep -q " $at fuse" /proc/mounts; then
    timeout -s KILL 3 dd if=/dev/urandom of="$at/asked" bs=64k count=16 conv=fsync 2>/dev/null && writes=yes
    sum=$(timeout -s KILL 3 sha256sum <"$at/kept" 2>/dev/null)
    [ -n "$sum" ] && [ "$sum" = "$(cat "/mnt/disks/sum.$pool")" ] && reads=yes
fi
# Last: ZFS finds out by what it cannot write.
health=$(timeout -s KILL 2 zpool list -H -o health "$pool" 2>/dev/null)
echo "${health:-UNKNOWN} $reads $writes"
