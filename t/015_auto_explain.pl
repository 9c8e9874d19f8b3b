# A plan that is shown when its execution ends, after its options changed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('explained');

plan skip_all => 'there is no auto_explain'
  if $node->psql('postgres', "LOAD 'auto_explain'") != 0;
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER many FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '$imitation->{api}/accounts/hundred',
		allow_private_hosts 'true', list_url '/batch', items_path '\$.jobs', job_url '/batch/{id}', id_path '\$.batch_id',
		urls_path '\$.url', page_style 'cursor', page_param 'cursor', page_size_param 'limit', page_size '30',
		next_path '\$.next_cursor', list_filters 'status=failed|completed, entity', list_order 'created_at desc');
	CREATE USER MAPPING FOR PUBLIC SERVER many OPTIONS (api_key 'test-key');
	CREATE FOREIGN TABLE j (batch_id text, status text, state text OPTIONS (meta 'state'), entity text, created_at timestamptz)
		SERVER many OPTIONS (resource 'jobs');
});
$node->append_conf('postgresql.conf', qq{
session_preload_libraries = 'auto_explain'
auto_explain.log_min_duration = 0
auto_explain.log_analyze = on
auto_explain.log_level = notice
});
$node->reload;

# Begin a query, alter something, end it: what was shown.
sub shown
{
	my ($query, $alter) = @_;
	my ($code, $out, $err) = $node->psql('postgres',
		"BEGIN; DECLARE c CURSOR FOR $query; FETCH 1 FROM c; $alter; CLOSE c; ROLLBACK");
	is($code, 0, "$alter: the session lives") or diag($err);
	my ($requests) = $err =~ /Batch Requests: (.*)/;
	return $requests;
}

is(shown("SELECT * FROM j WHERE entity = 'company'", "ALTER SERVER many OPTIONS (SET list_filters 'status')"),
	'GET /batch?entity=company&limit=30', 'a filter that is gone');
is(shown("SELECT * FROM j WHERE entity = 'company' AND status = 'failed'", 'ALTER SERVER many OPTIONS (DROP list_filters)'),
	'GET /batch?entity=company&limit=30', 'all filters gone');
is(shown("SELECT * FROM j WHERE state = 'failed'", "ALTER SERVER many OPTIONS (SET list_filters 'other:status, entity')"),
	'GET /batch?status=failed&limit=30', 'another parameter');
is(shown("SELECT * FROM j WHERE created_at > '2026-01-01' ORDER BY created_at DESC", 'ALTER SERVER many OPTIONS (DROP list_order)'),
	'GET /batch?limit=30', 'no order any more');
is(shown("SELECT * FROM j WHERE entity = 'company'", 'ALTER SERVER many OPTIONS (DROP list_url, DROP page_size)'),
	'GET /batch?entity=company&limit=30', 'no listing any more');
is(shown("SELECT * FROM j WHERE batch_id = 'acc00000-0000-4000-8000-000000000001'", "ALTER SERVER many OPTIONS (DROP job_url, SET id_path '\$.x')"),
	'GET /batch/acc00000-0000-4000-8000-000000000001', 'no route to a job any more');
done_testing();
