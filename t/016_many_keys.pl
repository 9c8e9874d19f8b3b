# Very many ids and words: in time that grows as they do, and with an end at once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# What a query of so many may take on a busy machine, and an end of one.
use constant WHOLE => 5;
use constant PROMPT => 1;

my $imitation = Imitation->new;
my $node = $imitation->cluster('keys');

$node->safe_psql(
	'postgres', qq{
	CREATE SERVER many FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '$imitation->{api}/accounts/hundred',
		allow_private_hosts 'true', list_url '/batch', items_path '\$.jobs', job_url '/batch/{id}', id_path '\$.batch_id',
		urls_path '\$.url', list_filters 'status=pending|processing|completed|failed, entity, kind');
	CREATE USER MAPPING FOR PUBLIC SERVER many OPTIONS (api_key 'test-key');
	CREATE FOREIGN TABLE j (batch_id text, status text, entity text, kind text, state text OPTIONS (meta 'state'))
		SERVER many OPTIONS (resource 'jobs');
	CREATE FUNCTION words(first int, n int) RETURNS text[] STABLE LANGUAGE sql AS
		\$\$ SELECT array_agg('word ' || g) FROM generate_series(first, first + n - 1) g \$\$;
	CREATE FUNCTION names(first int, n int) RETURNS text[] STABLE LANGUAGE sql AS
		\$\$ SELECT array_agg('name-' || g) FROM generate_series(first, first + n - 1) g \$\$;
	CREATE TABLE few AS SELECT names(1, 40000) AS ids, words(1, 60000) AS words FROM generate_series(1, 3);
	ANALYZE few;
});

# Run a query; its value, seconds, and the requests that it made.
sub run
{
	my ($query) = @_;
	$imitation->ask('_reset');
	my $start = time;
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n$query");
	my $took = time - $start;
	return ($err =~ /ERROR:\s+(\w{5})/ ? $1 : $out, $took, scalar @{ $imitation->ask('_log') });
}

# No two lists have anything in common, so there is nothing to ask for.
foreach my $query (
	'batch_id = ANY (names(1, 40000)) AND batch_id = ANY (names(40001, 40000))',
	'entity = ANY (words(1, 60000)) AND entity = ANY (words(60001, 60000))',
	'status = ANY (words(1, 60000))',
	'state = ANY (words(1, 60000))')
{
	my ($out, $took, $requests) = run("SELECT count(*) FROM j WHERE $query");
	is($out, 0, $query);
	cmp_ok($took, '<', WHOLE, 'it does not take long');
	is($requests, 0, 'it asks for nothing');
}
my ($out, $took, $requests) = run('SELECT count(*) FROM few, LATERAL (SELECT * FROM j WHERE batch_id = ANY (ids) AND batch_id = ANY (names(40001, 40000)) OFFSET 0) j');
is($out, 0, 'again for each row of a join');
cmp_ok($took, '<', 3 * WHOLE, 'it does not take long');

# Two lists with three words, or ids, in common
foreach my $query (
	'entity = ANY ((SELECT words(1, 60000))::text[]) AND entity = ANY ((SELECT words(59998, 60000))::text[])',
	'batch_id = ANY ((SELECT names(1, 40000))::text[]) AND batch_id = ANY ((SELECT names(39998, 40000))::text[])')
{
	my ($out, $took, $requests) = run("SELECT count(*) FROM j WHERE $query");
	is($out, 0, $query);
	cmp_ok($took, '<', WHOLE, 'it does not take long');
	is($requests, 3, 'it asks for what is in both');
}

# An end at once, while the first of them are asked for
foreach my $query ('batch_id = ANY ((SELECT names(1, 40000))::text[])',
	'batch_id = ANY ((SELECT names(1, 40000))::text[]) AND batch_id = ANY ((SELECT names(2, 40000))::text[])')
{
	my ($out, $took, $requests) = run("SET statement_timeout = '1s'; SELECT count(*) FROM j WHERE $query");
	is($out, '57014', "$query: statement_timeout");
	cmp_ok($took, '<', 1 + PROMPT, 'it is prompt');
	cmp_ok($requests, '>', 10, 'it was asking');
}
done_testing();
