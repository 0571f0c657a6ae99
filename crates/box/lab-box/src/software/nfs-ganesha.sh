# NFS-Ganesha in user space, version 4 only, which needs no port mapper: one export of an empty folder. It maps more memory than it uses.
ulimit -S -v unlimited
mkdir -p "$DATA/export" "$DATA/recovery"
cat >"$DATA/ganesha.conf" <<CONF
NFS_CORE_PARAM { NFS_Port = ${PORTS%% *}; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }
NFSv4 { RecoveryRoot = $DATA/recovery; Lease_Lifetime = 5; Grace_Period = 5; }
EXPORT { Export_Id = 1; Path = $DATA/export; Pseudo = /export; Access_Type = RW; Squash = none; SecType = sys; FSAL { Name = VFS; } }
CONF
rm -f "$DATA/pid"
ganesha.nfsd -f "$DATA/ganesha.conf" -L "$DATA/log" -p "$DATA/pid" -N NIV_EVENT
