# A proxy stands for all requests of its server or for none, whatever the
# postmaster's environment says; without one the rules on addresses hold.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my ($api) = $imitation->{api} =~ /:(\d+)$/;
my ($files) = $imitation->{files} =~ /:(\d+)$/;
my $nobody = 'http://127.0.0.1:1';
my $node;
{
	# An environment that misleads libcurl wherever it is asked.
	local @ENV{qw(NO_PROXY no_proxy)} = ('*', '*');
	local @ENV{qw(http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY)} = ($nobody) x 5;
	$node = $imitation->cluster_of_names('proxy', 'api.example' => '127.0.0.1', 'inside.example' => '127.0.0.1');
}
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER named FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', max_retries '0',
		base_url 'http://api.example:$api/named', allow_private_hosts 'true');
	CREATE USER MAPPING FOR PUBLIC SERVER named OPTIONS (api_key 'test-key');
	CREATE FOREIGN TABLE named (id text OPTIONS (meta 'job_id')) SERVER named
		OPTIONS (resource 'results', check_count 'off');
});

# Read results at a URL; give the number of rows, or the SQLSTATE.
sub read_url
{
	my $id = unpack('H*', $_[0]);
	return $node->safe_psql('postgres', "SELECT outcome_of(\$\$ SELECT count(*) FROM named WHERE id = '$id' \$\$)");
}

# Give the connections that were made since the last call.
my $seen = 0;

sub new_connections
{
	my @all = $imitation->shim_log('connect');
	my @new = @all[ $seen .. $#all ];
	$seen = @all;
	return join(', ', @new);
}

# No proxy: the environment's is not used, and names are judged by their addresses
foreach my $proxy ('none', q{''})
{
	$node->safe_psql('postgres', "ALTER SERVER named OPTIONS (ADD proxy $proxy)") if $proxy ne 'none';
	new_connections();
	is(read_url("http://api.example:$api/named/302/" . unpack('H*', "http://api.example:$files/fault/small")), 3, "proxy $proxy: the host itself is asked");
	unlike(new_connections(), qr/127\.0\.0\.1 1\b/, "proxy $proxy: no proxy of the environment");
	is(read_url("https://inside.example:$files/fault/small"), '22023', "proxy $proxy: a name of a private address is refused");
	is(new_connections(), "127.0.0.1 $api", "proxy $proxy: it is not connected to");
}

# A proxy: it alone is connected to, whatever NO_PROXY says
$node->safe_psql('postgres', "ALTER SERVER named OPTIONS (SET proxy 'http://127.0.0.1:$api')");
new_connections();
$imitation->ask('_reset');
is(read_url("https://inside.example:$files/fault/small"), '08006', 'a proxy is asked for a name');
is(new_connections(), "127.0.0.1 $api, 127.0.0.1 $api", '... and nothing else is connected to');
is_deeply([ map { "$_->{server} $_->{path}" } @{ $imitation->ask('_log') } ],
	[ 'api /named/batch/' . unpack('H*', "https://inside.example:$files/fault/small") ], 'it answered for the API');

# A password would be read by everybody
foreach my $value ('http://me:pw@proxy.example:3128', 'me:pw@proxy.example', 'http://me@proxy.example', 'http://:pw@proxy.example',
	'socks5://me:pw@proxy.example', 'http://', 'http://proxy.example:99999')
{
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nALTER SERVER named OPTIONS (SET proxy '$value')");
	like($err, qr/ERROR:  22023: invalid value for option "proxy"\nHINT:  .*without user and password/, "proxy '$value' is refused");
}
$node->safe_psql('postgres', "ALTER SERVER named OPTIONS (SET proxy '$_')")
  foreach ('proxy.example:3128', 'http://proxy.example', 'https://proxy.example:3129', 'socks5h://127.0.0.1', 'http://[::1]:8080');
done_testing();
