#!/bin/sh
# In the place of systemd for what a router's own programs ask of it: a line that is to ask its provider for an address.
for word in "$@"; do
    case "$word" in
    ifup@*.service)
        interface=${word#ifup@}
        interface=${interface%.service}
        pid=/run/udhcpc.$interface.pid
        [ -f "$pid" ] && kill "$(cat "$pid")" 2>/dev/null
        exec setsid udhcpc -b -t 20 -T 1 -A 3 -i "$interface" -p "$pid" -s /etc/labwright-lease </dev/null >>/mnt/log.lease 2>&1
        ;;
    esac
done
