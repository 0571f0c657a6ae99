# NFS-Ganesha in user space, version 4 only, which needs no port mapper: an export of a folder of its own, and one of each pool of the machine,
# by its name. It maps more memory than it uses.
ulimit -S -v unlimited
mkdir -p "$DATA/export" "$DATA/recovery"
[ -f "$DATA/export/asked.nfs" ] || head -c 4096 /dev/zero >"$DATA/export/asked.nfs"
{
    echo "NFS_CORE_PARAM { NFS_Port = ${PORTS%% *}; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }"
    echo "NFSv4 { RecoveryRoot = $DATA/recovery; Lease_Lifetime = 5; Grace_Period = 5; }"
    number=0
    for share in "export=$DATA/export" $(for pool in $POOLS; do echo "$pool=/mnt/pools/$pool"; done); do
        number=$((number + 1))
        echo "EXPORT { Export_Id = $number; Path = ${share#*=}; Pseudo = /${share%%=*}; Access_Type = RW; Squash = none; SecType = sys;"
        echo "FSAL { Name = VFS; } }"
    done
} >"$DATA/ganesha.conf"
rm -f "$DATA/pid"
# It finds the file systems of its exports in /etc/mtab, which a minimal system has not. The node alone gets one.
if [ ! -e /etc/mtab ]; then
    mkdir -p "$DATA/etc"
    ln -sfn /proc/self/mounts "$DATA/etc/mtab"
    mount -t overlay -o "lowerdir=$DATA/etc:/etc" overlay /etc
fi
ganesha.nfsd -f "$DATA/ganesha.conf" -L "$DATA/log" -p "$DATA/pid" -N NIV_EVENT
