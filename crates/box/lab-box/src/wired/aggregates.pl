#!/usr/bin/perl
# Keeps one link of each aggregate of a node in service, in place of LACP (IEEE 802.1AX), where the kernel cannot aggregate. Both ends say on
# every link that they are there, once an interval; the first link that has a carrier and was heard of within three intervals is the
# one whose interfaces are ports of their bridges. The list it is given has a line a link: "NAME INTERVAL INTERFACE=BRIDGE[!] ...", the
# links of an aggregate in the order of preference; "!" makes an isolated port. Interval 0 is a gate: links to different nodes of which
# one at a time may use a line; a carrier is enough, and whoever got one last is let in: it is the one that was told to lead. With
# `--try` it answers, for each line "gate|links CURRENT|- SINCE ...", which link it would take; 0 is a link that is dead.
use strict;
use warnings;
use IO::Select;
use Socket;
use Time::HiRes qw(time);

use constant { AF_PACKET => 17, SOCK_RAW => 3, KIND => 0x88b5, SIOCGIFFLAGS => 0x8913, SIOCGIFINDEX => 0x8933, IFF_RUNNING => 0x40 };
# The group of slow protocols, which no bridge passes on.
my $group = pack('H*', '0180c2000002');
# The position of the link to take, of those that are alive; none leaves things as they are.
sub take {
    my ($is_gate, $current, @since) = @_;
    my $best;
    for my $index (grep { $since[$_] } 0 .. $#since) {
        $best = $index if !defined $best || ($is_gate && $since[$index] > $since[$best]);
    }
    return $best // $current // 0;
}

if ($ARGV[0] eq '--try') {
    while (<STDIN>) {
        my ($what, $current, @since) = split;
        print take($what eq 'gate', $current eq '-' ? undef : $current, @since), "\n";
    }
    exit 0;
}

$0 = 'lw-aggregates';
my ($ask, %links, @names, @all);
socket $ask, AF_INET, SOCK_DGRAM, 0 or exit 1;

open my $list, '<', $ARGV[0] or exit 1;
while (<$list>) {
    my ($name, $interval, @ports) = split;
    my @pairs = map { [split /=/] } @ports;
    my $device = $pairs[0][0];
    my $request = pack 'Z16x24', $device;
    ioctl $ask, SIOCGIFINDEX, $request or next;
    my $index = unpack 'x16 i', $request;
    socket my $socket, AF_PACKET, SOCK_RAW, unpack('S', pack 'n', KIND) or next;
    bind $socket, pack('S n i S C C a8', AF_PACKET, KIND, $index, 0, 0, 0, '') or next;
    my $link = { name => $name, interval => $interval, ports => \@pairs, device => $device, socket => $socket, heard => time, next => 0, up => 0 };
    push @names, $name unless $links{$name};
    push @{ $links{$name} }, $link;
    push @all, $link;
}
my $wait = IO::Select->new(map { $_->{socket} } @all);
my %of = map { $_->{socket} => $_ } @all;
my %active;

sub is_up {
    my $request = pack 'Z16x24', $_[0];
    return 0 unless ioctl $ask, SIOCGIFFLAGS, $request;
    return (unpack('x16 S', $request) & IFF_RUNNING) ? 1 : 0;
}

# A bridge drops what has no source, and passes frames to this group on to us only when it has not dropped them.
my $source = pack('H*', '026c77') . pack('C3', map { int rand 256 } 1 .. 3);

sub hello { return unless $_[0]{interval}; send $_[0]{socket}, $group . $source . pack('n', KIND) . ('labwright' . "\0" x 37), 0; $_[0]{next} = time + $_[0]{interval}; }

sub choose {
    my ($name, $link) = @_;
    my ($out, $in, $keeps) = ('', '', 1);
    for my $other (@{ $links{$name} }) {
        next if $other == $link;
        $out .= "link set dev $_->[0] nomaster\n" for @{ $other->{ports} };
    }
    for my $port (@{ $link->{ports} }) {
        my ($device, $bridge) = @$port;
        my $isolated = $bridge =~ s/!$//;
        $in .= "link set dev $device master $bridge\n";
        $in .= "link set dev $device type bridge_slave isolated on\n" if $isolated;
        $keeps &&= $isolated;
    }
    # An aggregate of a machine keeps its carrier over the change: two isolated ports make no circle. A switch's would, and at a gate
    # nobody may come in before the other is out.
    my $text = $keeps ? $in . $out : $out . $in;
    open my $ip, '|-', 'ip', '-force', '-batch', '-' or return;
    print $ip $text;
    close $ip;
    $active{$name} = $link;
    print time, " $name over $link->{device}\n";
}

# A real aggregate has a carrier as long as one of its links has: whoever watches it, such as a speaker of BGP, must not see the gap between the loss
# of one link and the choice of another. Each bridge of a machine's aggregate gets one more port, through which nothing passes.
my (%keepers, %kept);
for my $name (keys %links) {
    my @ports = map { @{ $_->{ports} } } @{ $links{$name} };
    next if !$links{$name}[0]{interval} || grep { $_->[1] !~ /!$/ } @ports;
    my %bridges = map { $_->[1] =~ s/!$//r => 1 } @ports;
    for my $bridge (sort keys %bridges) {
        my $number = keys %kept;
        my ($port, $far) = ("lwk$number", "lwq$number");
        open my $ip, '|-', 'ip', '-force', '-batch', '-' or next;
        print $ip "link add $port type veth peer name $far\nlink set dev $far arp off addrgenmode none up\n",
            "link set dev $port addrgenmode none master $bridge\n",
            "link set dev $port type bridge_slave isolated on learning off flood off mcast_flood off bcast_flood off\nlink set dev $port up\n";
        close $ip;
        push @{ $keepers{$name} }, $far;
        $kept{$far} = 1;
    }
}

sub keep {
    my ($name, $up) = @_;
    for my $far (grep { $kept{$_} != $up } @{ $keepers{$name} // [] }) {
        system 'ip', 'link', 'set', 'dev', $far, $up ? 'up' : 'down';
        $kept{$far} = $up;
    }
}

$| = 1;
my $round = 0;
while (1) {
    $round++;
    for my $socket ($wait->can_read(0.05)) {
        my $link = $of{$socket};
        defined recv $socket, my $frame, 64, 0 or next;
        # Whoever comes back is answered at once, so that both ends choose together.
        hello($link) if time - $link->{heard} > $link->{interval};
        $link->{heard} = time;
    }
    for my $link (@all) {
        my $up = is_up($link->{device});
        $link->{heard} = 0 if !$up && $link->{up};
        $link->{since} = $round if $up && !$link->{up};
        hello($link) if $up && (!$link->{up} || time >= $link->{next});
        $link->{up} = $up;
    }
    for my $name (@names) {
        my @own = @{ $links{$name} };
        my @alive = map { $_->{up} && (!$_->{interval} || time - $_->{heard} < 3 * $_->{interval}) ? $_->{since} : 0 } @own;
        my ($current) = grep { $active{$name} && $own[$_] == $active{$name} } 0 .. $#own;
        keep($name, (grep { $_->{up} } @own) ? 1 : 0);
        my $best = take(!$own[0]{interval}, $current, @alive);
        choose($name, $own[$best]) unless defined $current && $current == $best;
    }
}
