#!/usr/bin/perl
# Stands where services are described: every line of the file it is given is "tcp|udp PORT NAME"; who connects, or sends
# anything, is told NAME. Only what Debian's perl-base has is used. A port that is taken is left to who has it.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my ($wait, %name, %is_udp) = (IO::Select->new);
open my $list, '<', $ARGV[0] or exit 1;
while (<$list>) {
    my ($transport, $port, $name) = /^(tcp|udp) (\d+) (.+)$/ or next;
    my @listen = $transport eq 'tcp' ? (Listen => 16, ReuseAddr => 1) : ();
    my $socket = IO::Socket::INET->new(Proto => $transport, LocalPort => $port, @listen) or next;
    ($name{$socket}, $is_udp{$socket}) = ("$name\n", $transport eq 'udp');
    $wait->add($socket);
}
while (1) {
    for my $socket ($wait->can_read) {
        if ($is_udp{$socket}) {
            my $from = $socket->recv(my $asked, 512);
            $socket->send($name{$socket}, 0, $from) if defined $from;
        } elsif (my $client = $socket->accept) {
            $client->print($name{$socket});
        }
    }
}
