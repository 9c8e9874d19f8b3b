# Where json-c has no memory, what it says is missing; rows are not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $shim = "$PostgreSQL::Test::Utils::tmp_check/json.so";
system('gcc', '-shared', '-fPIC', '-o', $shim, "$FindBin::RealBin/shim/json.c") == 0
  or die 'could not compile the shim';
my $node = do
{
	local $ENV{LD_PRELOAD} = $shim;
	$imitation->cluster('json');
};
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER million FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
		base_url '$imitation->{api}/accounts/million', allow_private_hosts 'true');
	CREATE USER MAPPING FOR PUBLIC SERVER million OPTIONS (api_key 'test-key');
	CREATE FOREIGN TABLE million (batch_id uuid, status text) SERVER million OPTIONS (resource 'jobs');
});

is($node->safe_psql('postgres', 'SELECT count(*), count(status) FROM (SELECT * FROM million LIMIT 250) AS t'), '250|250',
	'a listing has all of its pages');
is($node->safe_psql('postgres', "SELECT status FROM job WHERE id = 'small'"), 'completed', 'a job has its status');
is($node->safe_psql('postgres', "SELECT string_agg(name, ' ') FROM results WHERE id = 'small'"), 'Record 1 Record 2 Record 3',
	'results are found');
is($node->safe_psql('postgres', "SELECT count(DISTINCT line) FROM results WHERE id = 'parts-2-10'"), '10', 'parts are found');
my $headers = $imitation->ask('_log')->[0]{headers};
is($headers->{'x-api-version'}, '2025-11-01', 'the option headers is sent');
my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT * FROM job WHERE id = 'api-422'");
like($err, qr/ERROR:  22023: .*api-422/, 'an error keeps its SQLSTATE');
unlike($err, qr/as asked for/, 'and has no words: the shim was at work');
done_testing();
