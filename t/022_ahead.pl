# Listed jobs that lack something are asked for together, as many as may be in flight.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $imitation = Imitation->new;
my $node = $imitation->cluster('ahead');
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER slow FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
		base_url '$imitation->{api}/accounts/slow', allow_private_hosts 'true', max_connections '1');
	CREATE USER MAPPING FOR PUBLIC SERVER slow OPTIONS (api_key 'test-key');
	CREATE FOREIGN TABLE slow (batch_id uuid, download_url text) SERVER slow OPTIONS (resource 'jobs');
});

# Read the listing with some connections; give how long it took.
sub took
{
	my ($connections) = @_;
	my $start = time;

	is($node->safe_psql('postgres', "ALTER SERVER slow OPTIONS (SET max_connections '$connections'); SELECT count(download_url) FROM slow"),
		100, "$connections in flight: all jobs have their URLs");
	return time - $start;
}

# 50 ms an answer: 5 s one by one
my $alone = took(1);
my $together = took(10);
cmp_ok($together, '<', $alone / 3.5, sprintf '10 in flight take %.2f s, one by one %.2f s', $together, $alone);
is(scalar(grep { $_->{path} =~ m{/batch/acc} } @{ $imitation->ask('_log') }), 200, 'each is asked for once');
done_testing();
