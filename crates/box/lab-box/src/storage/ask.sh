# What becomes of a pool when it is used: "HEALTH READS WRITES", the last two yes or no. What was kept at first must be the same. With a
# second word ZFS is not waited for.
pool=$1
at=/mnt/pools/$pool
reads=no
writes=no

# Whether ZFS says that the pool serves.
is_well() {
    case "$(timeout -s KILL 2 zpool list -H -o health "$pool" 2>/dev/null)" in ONLINE | DEGRADED) ;; *) return 1 ;; esac
}

# Whether a command succeeds: within three seconds, or, on a machine that has much to do, within fifteen while ZFS says that all is well. One that uses a pool which had to stop cannot even be killed: it is not waited for, and as long
# as it hangs there is no other by its name.
in_time() {
    name=$1
    said=/mnt/disks/said.$name.$$
    shift
    last=$(cat "/mnt/disks/hanging.$name" 2>/dev/null)
    [ -n "$last" ] && [ "$(cat "/proc/$last/comm" 2>/dev/null)" = sh ] && return 1
    (if "$@"; then echo yes; else echo no; fi >"$said") </dev/null >/dev/null 2>&1 &
    echo $! >"/mnt/disks/hanging.$name"
    tries=0
    until [ -s "$said" ]; do
        tries=$((tries + 1))
        [ "$tries" -le 300 ] || return 1
        if [ "$tries" -ge 60 ] && [ $((tries % 20)) -eq 0 ]; then is_well || return 1; fi
        sleep 0.05
    done
    answer=$(cat "$said")
    rm -f "$said" "/mnt/disks/hanging.$name"
    [ "$answer" = yes ]
}

is_kept() {
    [ "$(sha256sum <"$at/kept")" = "$(cat "/mnt/disks/sum.$pool")" ]
}

if grep -q " $at fuse" /proc/mounts; then
    in_time "write.$pool.$2" dd if=/dev/urandom of="$at/asked" bs=64k count=16 conv=fsync && writes=yes
    in_time "read.$pool.$2" is_kept && reads=yes
fi
# After that everything is read from every disk: ZFS finds out about a disk by using it. Not by who looks all the time: under scrubs
# without end ZFS in user space came to a standstill.
if [ "$writes" = yes ] && [ -z "$2" ] && timeout -s KILL 2 zpool scrub "$pool"; then
    tries=0
    while timeout -s KILL 2 zpool status "$pool" | grep -q 'scrub in progress' && [ "$tries" -lt 30 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
fi
health=$(timeout -s KILL 2 zpool list -H -o health "$pool" 2>/dev/null)
# A pool with a log of its own takes writes for a while when too few of its disks are left, and gives what it has in memory.
case "$health" in ONLINE | DEGRADED) ;; *) writes=no ;; esac
echo "${health:-UNKNOWN} $reads $writes"
