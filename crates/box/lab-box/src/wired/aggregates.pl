#!/usr/bin/perl
# Keeps one link of each aggregate of a node in service, in place of LACP (IEEE 802.1AX), where the kernel cannot aggregate. Both ends say on
# every link that they are there, once an interval; the first link that has a carrier and was heard of within three intervals is the
# one whose interfaces are ports of their bridges. The list it is given has a line a link: "NAME INTERVAL INTERFACE=BRIDGE[!] ...", the
# links of an aggregate in the order of preference; "!" makes an isolated port.
use strict;
use warnings;
use IO::Select;
use Socket;
use Time::HiRes qw(time);

use constant { AF_PACKET => 17, SOCK_RAW => 3, KIND => 0x88b5, SIOCGIFFLAGS => 0x8913, SIOCGIFINDEX => 0x8933, IFF_RUNNING => 0x40 };
# The group of slow protocols, which no bridge passes on.
my $group = pack('H*', '0180c2000002');
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

# The source is filled in by nobody: it tells which device speaks, which nobody asks.
sub hello { send $_[0]{socket}, $group . ("\0" x 6) . pack('n', KIND) . ('labwright' . "\0" x 37), 0; $_[0]{next} = time + $_[0]{interval}; }

sub choose {
    my ($name, $link) = @_;
    my $text = '';
    for my $other (@{ $links{$name} }) {
        for my $port (@{ $other->{ports} }) {
            my ($device, $bridge) = @$port;
            my $isolated = $bridge =~ s/!$//;
            $text .= $other == $link ? '' : "link set dev $device nomaster\n";
        }
    }
    for my $port (@{ $link->{ports} }) {
        my ($device, $bridge) = @$port;
        my $isolated = $bridge =~ s/!$//;
        $text .= "link set dev $device master $bridge\n";
        $text .= "link set dev $device type bridge_slave isolated on\n" if $isolated;
    }
    open my $ip, '|-', 'ip', '-force', '-batch', '-' or return;
    print $ip $text;
    close $ip;
    $active{$name} = $link;
    print time, " $name over $link->{device}\n";
}

$| = 1;
while (1) {
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
        hello($link) if $up && (!$link->{up} || time >= $link->{next});
        $link->{up} = $up;
    }
    for my $name (@names) {
        my ($best) = grep { $_->{up} && time - $_->{heard} < 3 * $_->{interval} } @{ $links{$name} };
        $best ||= $active{$name} || $links{$name}[0];
        choose($name, $best) unless $active{$name} && $active{$name} == $best;
    }
}
