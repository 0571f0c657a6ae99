# The first program of a node, run by sh with the node's folder and its host name. A node that has files of its own sees them laid over
# /etc, and has its own /run; its folder is /mnt to all its programs, since /run no longer leads there.
hostname "$2"
mount --bind "$1" /mnt
# What programs share in memory goes with the node.
mount -t tmpfs none /dev/shm
if [ -d /mnt/etc ]; then
    mount -t overlay -o lowerdir=/mnt/etc:/etc overlay /etc
    mount -t tmpfs none /run
    mkdir -p /run/lock /run/kea /run/lock/kea
    for folder in /var/lib/kea /var/log /usr/local/sbin; do
        [ -d "$folder" ] && mount -t tmpfs none "$folder"
    done
    [ -f /mnt/systemctl ] && cp /mnt/systemctl /usr/local/sbin/systemctl
fi
: >/mnt/ready
if [ -f /mnt/services ]; then exec perl /mnt/listen /mnt/services; fi
exec sleep infinity
