# A monitor and an OSD of a small Ceph: NUMBER says which of three. Made once, then started with what they had. PUBLIC begins the addresses
# of monitors and clients, REPLICATION those of copies, when they have their own.
ulimit -S -v unlimited
data=/mnt/ceph
own=$PUBLIC$NUMBER
name=m$NUMBER
fsid=6c770000-0000-4000-8000-000000000000
uuid=6c770000-0000-4000-8000-00000000000$NUMBER
mkdir -p "$data/osd"
export CEPH_CONF=$data/conf
cat >"$CEPH_CONF" <<CONF
[global]
fsid = $fsid
mon initial members = m1,m2,m3
mon host = [v2:${PUBLIC}1:3300] [v2:${PUBLIC}2:3300] [v2:${PUBLIC}3:3300]
auth cluster required = none
auth service required = none
auth client required = none
public addr = $own
${REPLICATION:+cluster addr = $REPLICATION$NUMBER}
ms bind ipv6 = false
osd objectstore = bluestore
bluestore block size = 1073741824
osd memory target = 939524096
osd heartbeat interval = 1
osd heartbeat grace = 4
mon osd down out interval = 600
mon lease = 2
mon election timeout = 2
mon clock drift allowed = 1
mon warn on pool no redundancy = false
[mon]
mon data = $data/mon
admin socket = $data/\$name.asok
log file = $data/\$name.log
[osd]
osd data = $data/osd
admin socket = $data/\$name.asok
log file = $data/\$name.log
CONF
if [ ! -f "$data/mon/keyring" ] && [ ! -d "$data/mon/store.db" ]; then
    monmaptool --create --fsid "$fsid" --addv m1 "[v2:${PUBLIC}1:3300]" --addv m2 "[v2:${PUBLIC}2:3300]" \
        --addv m3 "[v2:${PUBLIC}3:3300]" "$data/monmap"
    ceph-mon --mkfs -i "$name" --monmap "$data/monmap"
fi
setsid ceph-mon -f -i "$name" &
(
    if [ ! -f "$data/id" ]; then
        until id=$(ceph --connect-timeout 5 osd new "$uuid") && [ -n "$id" ]; do sleep 0.3; done
        ceph-osd -i "$id" --mkfs --osd-uuid "$uuid"
        ceph osd crush add "osd.$id" 1.0 root=default "host=node-$NUMBER"
        echo "$id" >"$data/id"
    fi
    exec setsid ceph-osd -f -i "$(cat "$data/id")"
) &
