# A switch of Open vSwitch in user space: two cables as one aggregate with the mode in LACP, and a port for a host.
ulimit -S -v unlimited
data=/mnt/ovs
mkdir -p "$data"
export OVS_RUNDIR=$data
tell() { ovs-vsctl --db="unix:$data/db.sock" -t 10 "$@"; }
[ -f "$data/conf.db" ] || ovsdb-tool create "$data/conf.db" /usr/share/openvswitch/vswitch.ovsschema
setsid ovsdb-server "$data/conf.db" --remote="punix:$data/db.sock" --unixctl="$data/db.ctl" --no-chdir -vconsole:off &
until [ -S "$data/db.sock" ]; do sleep 0.05; done
tell --no-wait init
setsid ovs-vswitchd "unix:$data/db.sock" --unixctl="$data/vs.ctl" -vconsole:off &
tell --may-exist add-br lan -- set bridge lan datapath_type=netdev
tell --may-exist add-port lan p1
tell --may-exist add-bond lan trunk t1 t2 "bond_mode=$MODE" "lacp=$LACP" other_config:lacp-time=fast \
    bond_updelay=0 bond_downdelay=0
