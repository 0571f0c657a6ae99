#!/usr/bin/perl
# Keeps one link of each aggregate of a node in service, where the kernel cannot aggregate: the interfaces of that link are ports of their
# bridges. The list that it is given has a line a link, "NAME WAY INTERVAL INTERFACE=BRIDGE[!] ...", the links of an aggregate in the order
# of preference; "!" makes an isolated port. The ways:
#   lacp      LACP (IEEE 802.1AX, 6.4): a link carries once both ends are in sync on it. One at a time is: the others stand by, out of sync,
#             as where the number of active links is limited. The end with the lower system identifier decides which. With nobody at the
#             other end that speaks it, nothing carries.
#   presence  both ends say on every link that they are there; the first link that has a carrier and was heard of within three intervals
#   gate      links to different nodes of which one at a time may use a line; a carrier is enough, and whoever got one last is let in: it
#             is the one that was told to lead
# With `--try` it answers, for each line "gate|links CURRENT|- SINCE ...", which link it would take; 0 is a link that is dead.
use strict;
use warnings;
use IO::Select;
use Socket;
use Time::HiRes qw(time);

use constant { AF_PACKET => 17, SOCK_RAW => 3, KIND => 0x88b5, SLOW => 0x8809, SIOCGIFFLAGS => 0x8913, SIOCGIFINDEX => 0x8933, IFF_RUNNING => 0x40 };
# Bits of the state in a frame of LACP (IEEE 802.1AX, 6.4.2.3), and the seconds between frames.
use constant { ACTIVE => 1, SHORT => 2, AGGREGATES => 4, SYNC => 8, CARRIES => 0x30, DEFAULTED => 0x40, EXPIRED => 0x80 };
use constant { FAST => 1, SLOWLY => 30 };
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
    my ($name, $way, $interval, @ports) = split;
    my @pairs = map { [split /=/] } @ports;
    my $device = $pairs[0][0];
    my $request = pack 'Z16x24', $device;
    ioctl $ask, SIOCGIFINDEX, $request or next;
    my $index = unpack 'x16 i', $request;
    my $kind = $way eq 'lacp' ? SLOW : KIND;
    socket my $socket, AF_PACKET, SOCK_RAW, unpack('S', pack 'n', $kind) or next;
    bind $socket, pack('S n i S C C a8', AF_PACKET, $kind, $index, 0, 0, 0, '') or next;
    my $link = { name => $name, way => $way, interval => $interval, ports => \@pairs, device => $device, socket => $socket, heard => time, next => 0, up => 0 };
    push @names, $name unless $links{$name};
    @$link{qw(number key sent)} = (@all + 1, scalar @names, []);
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

my $system = pack('n', 0x8000) . $source;

# Who this is on a link, as it is written in frames.
sub own {
    my $link = shift;
    my $state = ACTIVE | AGGREGATES;
    $state |= SHORT if $link->{interval} < SLOWLY || $link->{expired};
    $state |= SYNC if $link->{sync};
    $state |= CARRIES if ($active{ $link->{name} } // 0) == $link;
    $state |= DEFAULTED unless $link->{partner};
    $state |= EXPIRED if $link->{expired};
    return pack 'a8 n n n C x3', $system, $link->{key}, 0x8000, $link->{number}, $state;
}

sub state_of { return unpack 'x14 C', $_[0]; }

# No more than three a second (6.4.16); what is left is said as soon as it may be.
sub speak {
    my $link = shift;
    @{ $link->{sent} } = grep { time - $_ < FAST } @{ $link->{sent} };
    return if @{ $link->{sent} } >= 3;
    my $frame = pack 'C2 C2 a18 C2 a18 C2 x14 x52', 1, 1, 1, 20, own($link), 2, 20, $link->{partner} // '', 3, 16;
    send $link->{socket}, $group . $source . pack('n', SLOW) . $frame, 0;
    push @{ $link->{sent} }, time;
    $link->{must_tell} = 0;
    my $is_slow = $link->{partner} && !(state_of($link->{partner}) & SHORT);
    $link->{next} = time + ($is_slow ? SLOWLY : FAST);
}

sub heard {
    my ($link, $frame) = @_;
    my ($kind, $version, $partner, $us) = unpack 'x14 C2 x2 a18 x2 a18', $frame;
    return unless length $frame >= 56 && $kind == 1;
    my $seen = own($link);
    # Whether the other end means this one: system, key and port.
    $link->{is_meant} = substr($us, 0, 10) eq substr($seen, 0, 10) && substr($us, 12, 2) eq substr($seen, 12, 2);
    @$link{qw(partner heard expired)} = ($partner, time, 0);
    my $told = ACTIVE | SHORT | AGGREGATES | SYNC;
    $link->{must_tell} = 1 if !$link->{is_meant} || ((state_of($us) ^ state_of(own($link))) & $told);
}

# The other end is forgotten in two steps: first it is asked to speak fast, then taken for absent.
sub forget {
    my $link = shift;
    my $age = time - $link->{heard};
    if (!$link->{up} || ($link->{expired} && $age > 3 * $link->{interval} + 3 * FAST)) {
        @$link{qw(partner expired is_meant)} = (undef, 0, 0);
    } elsif ($link->{partner} && !$link->{expired} && $age > 3 * $link->{interval}) {
        @$link{qw(expired must_tell)} = (1, 1);
    }
}

# Whether a link could carry, and whether the other end is in sync on it as well.
sub is_candidate { my $l = shift; return $l->{partner} && $l->{is_meant} && !$l->{expired} && !(state_of($l->{partner}) & (DEFAULTED | EXPIRED)) && (state_of($l->{partner}) & AGGREGATES); }
sub is_ready { return is_candidate($_[0]) && (state_of($_[0]{partner}) & SYNC); }

sub release {
    my $name = shift;
    open my $ip, '|-', 'ip', '-force', '-batch', '-' or return;
    print $ip "link set dev $_->[0] nomaster\n" for map { @{ $_->{ports} } } @{ $links{$name} };
    close $ip;
    delete $active{$name};
    print time, " $name over nothing\n";
}

sub negotiate {
    my $name = shift;
    my @own = @{ $links{$name} };
    forget($_) for @own;
    my @candidates = grep { is_candidate($_) } @own;
    my $current = $active{$name};
    # The first eight bytes of either side are priority and system.
    my $decides = @candidates && $system lt substr($candidates[0]{partner}, 0, 8);
    my ($offered) = $decides ? () : grep { is_ready($_) } @candidates;
    my $wanted = $offered // $candidates[0];
    if ($wanted && is_ready($wanted)) {
        choose($name, $wanted) unless ($current // 0) == $wanted;
    } elsif ($current && !is_ready($current)) {
        release($name);
    }
    $current = $active{$name} // 0;
    for my $link (@own) {
        my $before = own($link);
        $link->{sync} = ($wanted && $link == $wanted) || $link == $current ? 1 : 0;
        my $is_told = $link->{told} // '';
        $link->{must_tell} = 1 if own($link) ne $is_told;
        $link->{told} = own($link);
        speak($link) if $link->{up} && ($link->{must_tell} || time >= $link->{next});
    }
}

# What `labwright status` shows: aggregate, the interface in service, the other end's address where LACP tells it.
my $shown = '';
sub show {
    my $text = '';
    for my $name (grep { $links{$_}[0]{way} ne 'gate' } @names) {
        my $link = $active{$name};
        my $partner = $link && $link->{partner} ? join ':', map { sprintf '%02x', $_ } unpack 'x2 C6', $link->{partner} : '-';
        $text .= join(' ', $name, $links{$name}[0]{way}, $link ? $link->{device} : '-', $partner) . "\n";
    }
    return if $text eq $shown;
    open my $file, '>', "$ARGV[0].now" or return;
    print $file $text;
    close $file;
    $shown = $text;
}

sub hello { send $_[0]{socket}, $group . $source . pack('n', KIND) . ('labwright' . "\0" x 37), 0; $_[0]{next} = time + $_[0]{interval}; }

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
    next if $links{$name}[0]{way} eq 'gate' || grep { $_->[1] !~ /!$/ } @ports;
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
# Of an earlier life.
release($_) for grep { $links{$_}[0]{way} eq 'lacp' } @names;
my $round = 0;
while (1) {
    $round++;
    for my $socket ($wait->can_read(0.05)) {
        my $link = $of{$socket};
        defined recv $socket, my $frame, 256, 0 or next;
        if ($link->{way} eq 'lacp') {
            heard($link, $frame);
            next;
        }
        # Whoever comes back is answered at once, so that both ends choose together.
        hello($link) if time - $link->{heard} > $link->{interval};
        $link->{heard} = time;
    }
    for my $link (@all) {
        my $up = is_up($link->{device});
        $link->{heard} = 0 if !$up && $link->{up};
        $link->{since} = $round if $up && !$link->{up};
        $link->{must_tell} = 1 if $up && !$link->{up};
        hello($link) if $link->{way} eq 'presence' && $up && (!$link->{up} || time >= $link->{next});
        $link->{up} = $up;
    }
    for my $name (@names) {
        my @own = @{ $links{$name} };
        keep($name, (grep { $_->{up} } @own) ? 1 : 0);
        if ($own[0]{way} eq 'lacp') {
            negotiate($name);
            next;
        }
        my @alive = map { $_->{up} && ($_->{way} eq 'gate' || time - $_->{heard} < 3 * $_->{interval}) ? $_->{since} : 0 } @own;
        my ($current) = grep { $active{$name} && $own[$_] == $active{$name} } 0 .. $#own;
        my $best = take($own[0]{way} eq 'gate', $current, @alive);
        choose($name, $own[$best]) unless defined $current && $current == $best;
    }
    show();
}
