# etcd: a member beside those on the other machines of the service, "NAME ADDRESS" in pairs. It maps more memory than it uses.
ulimit -S -v unlimited
port=${PORTS%% *}
own=127.0.0.1
peers=
set -- $MEMBERS
while [ $# -ge 2 ]; do
    [ "$1" = "$NODE" ] && own=$2
    peers=$peers${peers:+,}$1=http://$2:2380
    shift 2
done
[ -n "$peers" ] || peers=$NODE=http://$own:2380
mkdir -p -m 700 "$DATA"
setsid etcd --name "$NODE" --data-dir "$DATA/member" --listen-peer-urls "http://$own:2380" \
    --initial-advertise-peer-urls "http://$own:2380" --listen-client-urls "http://0.0.0.0:$port" \
    --advertise-client-urls "http://$own:$port" --initial-cluster "$peers" &
