# Unbound on a machine that is no router: knows the names of the lab, asks the box's own Internet for others, and knows no
# root servers and no keys of the root zone.
mkdir -p "$DATA"
cat >"$DATA/unbound.conf" <<CONF
server:
  username: ""
  chroot: ""
  directory: "$DATA"
  pidfile: "$DATA/pid"
  use-syslog: no
  logfile: "$DATA/log"
  module-config: "iterator"
  interface: 0.0.0.0
  interface: ::0
  port: ${PORTS%% *}
  access-control: 0.0.0.0/0 allow
  access-control: ::0/0 allow
$NAMES
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 9.9.9.9
CONF
unbound -c "$DATA/unbound.conf"
