# PostgreSQL, which refuses root. Who reaches it is let in: what is tried is the way to it. Nothing is flushed to a disk, since what the
# kernel holds outlives a killed process; a data folder that was there is recovered.
as_owner() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
for programs in /usr/lib/postgresql/*/bin; do [ -x "$programs/initdb" ] && newest=$programs; done
install -d -o postgres -g postgres -m 700 "$DATA"
cd "$DATA"
(
    if [ ! -f "$DATA/made" ]; then
        as_owner "$newest/initdb" -D "$DATA/cluster" --auth=trust --no-sync --locale=C --encoding=UTF8 --wal-segsize=1
        echo 'host all all all trust' >>"$DATA/cluster/pg_hba.conf"
        : >"$DATA/made"
    fi
    rm -f "$DATA/cluster/postmaster.pid"
    exec setsid setpriv --reuid postgres --regid postgres --clear-groups "$newest/postgres" -D "$DATA/cluster" -p "${PORTS%% *}" \
        -c listen_addresses='*' -c unix_socket_directories='' -c shared_buffers=8MB -c max_connections=50 -c fsync=off \
        -c dynamic_shared_memory_type=mmap
) &
