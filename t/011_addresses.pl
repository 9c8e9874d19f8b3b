# Where a stranger's JSON may send a scan: public addresses after DNS, and the
# hosts that result_hosts names.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Socket;
use Test::More;

my %private = (
	'v4.example' => '127.0.0.1',
	'ten.example' => '10.1.2.3',
	'meta.example' => '169.254.169.254',
	'v6.example' => '::1',
	'mapped.example' => '::ffff:127.0.0.1',
	'nat64.example' => '64:ff9b::7f00:1',
	'sixtofour.example' => '2002:7f00:1::1');
my @tricked = qw(allowed.example evil.example x.cdn.example cdn.example evilcdn.example evilallowed.example
  allowed.example.evil.example xn--llowed-6ve.example);
my $imitation = Imitation->new;
my $node = $imitation->cluster_of_names(
	'addresses',
	%private,
	'api.example' => '127.0.0.1',
	'rebind.example' => '8.8.8.8 127.0.0.1',
	'allowed.example.' => '127.0.0.1',
	map({ $_ => '127.0.0.1' } @tricked));
my ($api) = $imitation->{api} =~ /:(\d+)$/;
my ($files) = $imitation->{files} =~ /:(\d+)$/;
my $has_v6 = socket(my $probe, AF_INET6, SOCK_STREAM, 0);

foreach my $server ([ 'anywhere', '*' ], [ 'listed', 'allowed.example, *.cdn.example' ])
{
	my ($name, $hosts) = @$server;
	$node->safe_psql(
		'postgres', qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', max_retries '0',
			base_url 'http://api.example:$api/named', allow_private_hosts 'true', result_hosts '$hosts');
		CREATE USER MAPPING FOR PUBLIC SERVER $name OPTIONS (api_key 'key');
		CREATE FOREIGN TABLE $name (id text OPTIONS (meta 'job_id')) SERVER $name
			OPTIONS (resource 'results', check_count 'off');
	});
}

# Read results at a URL; give the number of rows, or the SQLSTATE.
sub read_url
{
	my ($table, $url) = @_;
	my $id = unpack('H*', encode_utf8($url));
	return $node->safe_psql('postgres', "SELECT outcome_of(\$\$ SELECT count(*) FROM $table WHERE id = '$id' \$\$)");
}

# List the connections that were made to others than the API.
sub connections
{
	return grep { $_ ne "127.0.0.1 $api" } $imitation->shim_log('connect');
}

# Literals of addresses that are not public
my @literals = qw(127.0.0.1 127.1 127.255.255.254 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001
  0 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254
  100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1
  203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255);
my @literals6 = qw([::] [::1] [::127.0.0.1] [::8.8.8.8] [::ffff:127.0.0.1] [::ffff:a9fe:a9fe]
  [64:ff9b::127.0.0.1] [64:ff9b::a00:1] [64:ff9b:1::8.8.8.8] [2002:7f00:1::] [2002:a00:1::1]
  [2002:c0a8:101::] [2001::1] [2001:db8::1] [3fff::1] [5f00::1] [100::1] [fc00::1] [fd12:3456::1]
  [fe80::1] [fe80::1%25lo] [fec0::1] [ff02::1] [0:0:0:0:0:0:0:1]);
foreach my $host (@literals, $has_v6 ? @literals6 : ())
{
	is(read_url('anywhere', "https://$host:$files/fault/small"), '22023', "$host is refused");
}
is(join(', ', connections()), '', 'nothing was connected to');

# Names of them, directly and behind a redirect; one that changes its address
delete @private{qw(v6.example mapped.example nat64.example sixtofour.example)} unless $has_v6;
foreach my $name (sort keys %private)
{
	is(read_url('anywhere', "https://$name:$files/fault/small"), '22023', "$name is refused");
	my $hop = "http://api.example:$api/named/302/" . unpack('H*', "https://$name:$files/x");
	is(read_url('anywhere', $hop), '22023', "$name is refused behind a redirect");
}
is(join(', ', connections()), '', 'nothing was connected to');
is(read_url('anywhere', "https://rebind.example:$files/x"), '08001', 'a name of a public address');
is(join(', ', connections()), "8.8.8.8 $files", '... is connected to');
is(read_url('anywhere', "https://rebind.example:$files/x"), '22023', '... until the name changes to a private one');
is(join(', ', connections()), "8.8.8.8 $files", '... which is not');

# Their neighbours are public
my @public = qw(8.8.8.8 11.0.0.1 100.63.255.255 100.128.0.1 128.0.0.1 169.253.0.1 172.15.255.255 172.32.0.1
  192.0.1.1 192.167.255.255 198.17.255.255 198.20.0.1 223.255.255.255);
my @public6 = qw(2606:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1 2400::1);
foreach my $host (@public, $has_v6 ? map({ "[$_]" } @public6) : ())
{
	is(read_url('anywhere', "https://$host:$files/x"), '08001', "$host is tried");
}
is( scalar(connections()),
	1 + @public + ($has_v6 ? @public6 : ()),
	'the public ones were connected to');

# A proxy would resolve names itself, so hosts are judged by what they say
$node->safe_psql('postgres', "ALTER SERVER anywhere OPTIONS (ADD proxy 'http://127.0.0.1:$api')");
foreach my $host (qw(127.0.0.1 127.1 10.0.0.1 [::1] [::ffff:127.0.0.1] [fe80::1%25lo] localhost x.LOCALHOST localhost.))
{
	is(read_url('anywhere', "https://$host:$files/x"), '22023', "a proxy is not asked for $host");
}
is(read_url('anywhere', 'https://files.vendor.example/x'), '08006', 'a proxy is asked for another name');

# Tricks with a URL: whatever it is, only hosts of result_hosts are asked
my $at = ":$files/fault/small";
my @good = ("http://allowed.example$at", "http://ALLOWED.example$at", "http://allowed.example.$at",
	"http://allowed%2eexample$at", "http:/allowed.example$at", "HTTP://allowed.example$at",
	"http://x.cdn.example$at", "http://allowed.example$at#\@evil.example", "http://allowed.example$at?\@evil.example",
	"//allowed.example$at");
my @tricks = (
	"http://evil.example$at", "http://EVIL.example$at", "http://evil.example.$at", "https://evil.example$at",
	"http://allowed.example\@evil.example$at", "http://allowed.example:80\@evil.example$at",
	"http://allowed.example:\@evil.example$at", "http://allowed.example:$files\@evil.example$at",
	"http://user:pw\@allowed.example$at", "http://user\@allowed.example$at", "http://\@allowed.example$at",
	"http://evil.example\\\@allowed.example$at", "http://allowed.example\\\@evil.example$at",
	"http://evil.example#\@allowed.example$at", "http://evil.example$at#\@allowed.example",
	"http://evil.example?\@allowed.example$at", "http://evil.example$at?allowed.example",
	"http://evil.example$at/\@allowed.example", "http://allowed.example.evil.example$at",
	"http://evilallowed.example$at", "http://allowed.example..$at", "http://allowed.example%2eevil.example$at",
	"http://allowed.example%00.evil.example$at", "http://allowed.example%23\@evil.example$at",
	"http://evil.example%23.allowed.example$at", "http://allowed.example%40evil.example$at",
	"http://evil.example%2f.cdn.example$at", "http://evil.example%5c.cdn.example$at",
	"http://evil.example%0d%0a.cdn.example$at", "http://allowed.example $at", "http://allowed.example\t$at",
	"http://evil.example\n.cdn.example$at", "http://allowed.example$at\r\nX-Evil: 1", " http://allowed.example$at",
	"ftp://allowed.example$at", "file:///etc/passwd", "file://allowed.example/etc/passwd", "gopher://allowed.example$at",
	"dict://allowed.example$at", "ws://allowed.example$at", "smb://allowed.example/x", "javascript://allowed.example/x",
	"data:text/plain,{}", "http:/evil.example$at", "http:///evil.example$at", "http:evil.example$at",
	"http:\\\\evil.example$at", "//evil.example$at", "///evil.example$at", "\\\\evil.example$at", "/\\evil.example$at",
	"http://[::1]$at", "http://127.0.0.1$at", "http://localhost$at", "http://2130706433$at",
	"http://allowed.example:99999/", "http://allowed.example:-1/", "http://allowed.example:x/", "http://:$files/",
	"http://", "http://http://evil.example$at", "http://allowed.example;evil.example$at",
	"http://allowed.example,evil.example$at", "http://allowed.example|evil.example$at",
	"http://*.cdn.example$at", "http://cdn.example$at", "http://evilcdn.example$at", "http://x.cdn.example.evil.example$at",
	"http://x.cdn.example:1.evil.example$at", "http://\x{430}llowed.example$at", "http://al\x{ad}lowed.example$at",
	"http://\x{ff41}llowed.example$at", "http://evil.example\x{ff0f}.cdn.example$at", "http://allowed\x{3002}example$at",
	"http://\x{24d4}vil.example$at", "http://xn--llowed-6ve.example$at", "http://allowed.example%ff$at",
	"a\x01b", "\x7f", "http://allowed.example\x00.evil.example$at");
$imitation->ask('_reset');
is(read_url('listed', $_), 3, "$_ is read") foreach @good;
foreach my $url (@tricks)
{
	(my $shown = encode_utf8($url)) =~ s/([^ -~])/sprintf('<%02x>', ord $1)/ge;
	is(read_url('listed', $url), '22023', "$shown is refused");
}
my @asked = grep { $_->{server} eq 'files' } @{ $imitation->ask('_log') };
is(scalar(@asked), scalar(@good), 'none of the ' . @tricks . ' tricks asked for anything');
is(join(' ', sort { $a cmp $b } map { $_->{headers}{host} =~ s/:.*//r } grep { $_->{headers}{host} !~ /^(allowed\.example\.?|x\.cdn\.example):/i } @asked),
	'', 'only hosts of result_hosts were asked');
my %looked_up = map { lc($_) => 1 } $imitation->shim_log('name');
is_deeply([ grep { $looked_up{$_} } @tricked ], [ 'allowed.example', 'x.cdn.example' ],
	'nor was another name looked up');
done_testing();
