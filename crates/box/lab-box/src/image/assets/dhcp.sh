#!/bin/busybox sh
# What BusyBox's DHCP client runs when something happens: takes the address for the time of the installation.
case $1 in
  bound | renew)
    ip addr flush dev "$interface" scope global
    ip addr add "$ip/${mask:-24}" dev "$interface"
    [ -z "$router" ] || ip route replace default via "${router%% *}"
    ;;
esac
exit 0
