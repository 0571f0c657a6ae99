#!/usr/bin/perl
# Holds frames back, in place of netem where the kernel has none: "delay.pl MILLISECONDS INTERFACE TAP MARK". A rule hands every frame that
# leaves INTERFACE to TAP, which this program makes and reads; after the time it sends the frame by INTERFACE with MARK, by which
# the rule knows that it was held back already. Goes into the background when TAP is there.
use strict;
use warnings;
use Fcntl;
use IO::Select;
use Time::HiRes qw(time);

use constant { AF_PACKET => 17, SOCK_RAW => 3, SOL_SOCKET => 1, SO_MARK => 36, SIOCGIFINDEX => 0x8933 };
use constant { TUNSETIFF => 0x400454ca, IFF_TAP => 0x0002, IFF_NO_PI => 0x1000 };
my ($ms, $interface, $tap, $mark) = @ARGV;

sysopen(my $held, '/dev/net/tun', O_RDWR | O_NONBLOCK) or die "cannot open /dev/net/tun: $!\n";
my $request = pack('a16 S x22', $tap, IFF_TAP | IFF_NO_PI);
ioctl($held, TUNSETIFF, $request) or die "cannot make $tap: $!\n";
# The kernel must not say anything of its own there: it would go out by the cable.
if (open(my $setting, '>', "/proc/sys/net/ipv6/conf/$tap/disable_ipv6")) { print $setting "1\n"; close $setting }
system('ip', 'link', 'set', 'dev', $tap, 'mtu', '9216', 'up') == 0 or die "cannot take $tap up\n";

socket(my $cable, AF_PACKET, SOCK_RAW, 0) or die "cannot open a socket: $!\n";
my $named = pack('a16 x24', $interface);
ioctl($cable, SIOCGIFINDEX, $named) or die "there is no $interface: $!\n";
my $to = pack('S n i S C C a8', AF_PACKET, 0, unpack('x16 i', $named), 0, 0, 0, '');
setsockopt($cable, SOL_SOCKET, SO_MARK, pack('L', $mark)) or die "cannot mark: $!\n";

my $child = fork // die "cannot fork: $!\n";
exit 0 if $child;
open(STDIN, '<', '/dev/null');
open(STDOUT, '>', '/dev/null');
open(STDERR, '>', '/dev/null');
$0 = 'lw-delay';

my ($readable, @queue) = (IO::Select->new($held));
while (1) {
    my $wait = @queue ? $queue[0][0] - time : undef;
    $wait = 0 if defined $wait && $wait < 0;
    if ($readable->can_read($wait)) {
        while (sysread($held, my $frame, 65536)) { push @queue, [time + $ms / 1000, $frame] }
    }
    while (@queue && $queue[0][0] <= time) {
        my $frame = (shift @queue)->[1];
        # A cable that was cut meanwhile loses it.
        send($cable, $frame, 0, $to);
    }
}
