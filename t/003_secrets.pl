# Neither a key nor a signature is in anything that comes out.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('secrets');
$node->append_conf(
	'postgresql.conf', q{
log_min_messages = debug5
log_error_verbosity = verbose
log_min_duration_statement = 0
debug_print_parse = on
debug_print_rewritten = on
debug_print_plan = on
});
my $has_auto_explain =
  -e "$ENV{PG_REGRESS}/../auto_explain.so" || -e $node->config_data('--pkglibdir') . '/auto_explain.so';
$node->append_conf(
	'postgresql.conf', q{
session_preload_libraries = 'auto_explain'
auto_explain.log_min_duration = 0
auto_explain.log_analyze = on
auto_explain.log_verbose = on
auto_explain.log_settings = on
auto_explain.log_nested_statements = on
}) if $has_auto_explain;
$node->reload;

my @faults = (
	map({ "job WHERE id = 'api-$_'" }
		qw(400 401 402 403 404 410 422 500 html badjson redirect hang stall drop retry-9-503 422-shape1 422-shape4
		  echo-error echo-html echo-job echo-status echo-host)),
	map({ "results WHERE id = '$_'" }
		qw(truncated cut badcrc stall redirect redirect-relative redirect-loop redirect-api redirect-private
		  html s3-200 expired missing gone cl-short chunked-cut close-framed many-headers bad-line bad-value utf8
		  no-url bad-url-ftp bad-url-userinfo bad-url-private not-done slowdown small api-echo-job api-echo-status),
		map({ sprintf('53ab0000-0000-4000-8000-0000000000%02d', $_) } 1 .. 12)),
	"results WHERE id = 'narrow-10' AND 1 / (line - 5) = 0",
	'job');
my $offset = -s $node->logfile;

# A role that has no mapping of its own, and may read what all may, and more.
$node->safe_psql(
	'postgres', q{
	ALTER SERVER crustdata OPTIONS (ADD max_retries '0', ADD stall_timeout '300ms');
	CREATE ROLE curious IN ROLE pg_monitor;
	GRANT USAGE ON FOREIGN SERVER crustdata TO curious;
	CREATE FUNCTION search() RETURNS text LANGUAGE plpgsql SET jit = off AS $$
	DECLARE
		relation regclass;
		n bigint;
		found text := '';
		searched int := 0;
	BEGIN
		FOR relation IN SELECT oid FROM pg_class WHERE relkind IN ('r', 'v', 'm')
			AND has_table_privilege(oid, 'SELECT') AND relname NOT LIKE 'pg_shmem_alloc%'
		LOOP
			BEGIN
				EXECUTE format('SELECT count(*) FROM %s t WHERE t::text ~ %L', relation,
					'test[-]key|X[-]Amz-Signature') INTO n;
				searched := searched + 1;
			EXCEPTION WHEN insufficient_privilege THEN n := 0;
			END;
			IF n > 0 THEN found := found || ' ' || relation; END IF;
		END LOOP;
		RETURN CASE WHEN searched > 150 THEN 'all' ELSE 'some' END || ':' || found;
	END $$;
});

my $output = '';
foreach my $fault (@faults, 'by query', @faults)
{
	# The second time the key is in the query of each request.
	if ($fault eq 'by query')
	{
		$node->safe_psql('postgres', "ALTER SERVER crustdata OPTIONS (ADD auth_param 'api_key')");
		next;
	}
	my ($code, $out, $err) = $node->psql(
		'postgres', qq{
		\\set VERBOSITY verbose
		SET client_min_messages = debug5;
		EXPLAIN (VERBOSE) SELECT * FROM $fault;
		EXPLAIN (ANALYZE, VERBOSE, FORMAT json) SELECT * FROM $fault;
	}, on_error_stop => 0);
	$output .= "$out\n$err\n";
}
foreach my $id (qw(api-echo-job api-echo-status))
{
	my ($code, $out, $err) = $node->psql('postgres', "SELECT batch_fdw_wait('job', '$id', '0.1 s')");
	$output .= "$out\n$err\n";
}
foreach my $id (qw(api-401 api-redirect api-echo-error api-echo-html api-echo-job api-echo-status api-echo-host redirect redirect-private
	html s3-200 missing bad-url-userinfo bad-url-private no-url small), map({ sprintf('53ab0000-0000-4000-8000-0000000000%02d', $_) } 1 .. 12))
{
	my ($code, $out, $err) = $node->psql('postgres',
		"SET client_min_messages = debug5; SELECT * FROM batch_fdw_check('crustdata', '$id')", on_error_stop => 0);
	is($code, 0, "a check of $id raises nothing");
	$output .= "$out\n$err\n";
}

$output .= slurp_file($node->logfile, $offset);

# What others see while a scan runs
$node->append_conf('postgresql.conf', "$_ = off") foreach qw(debug_print_parse debug_print_rewritten debug_print_plan);
$node->append_conf('postgresql.conf', "log_min_messages = warning\nauto_explain.log_min_duration = -1");
$node->reload;
$node->safe_psql('postgres', "ALTER SERVER crustdata OPTIONS (SET stall_timeout '1min')");
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_until(qr/started/, "\\echo started\nSELECT * FROM results WHERE id = 'hang';\n");
$node->poll_query_until('postgres',
	"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%hang%' AND wait_event_type = 'Extension')");
is($node->safe_psql('postgres', 'SET ROLE curious; SELECT search()'),
	'all:', 'no key and no signature in what another role reads of the catalogs and of running queries');
is($node->safe_psql('postgres', 'SELECT search()'),
	'all: pg_user_mapping pg_user_mappings information_schema._pg_user_mappings information_schema.user_mapping_options',
	'a superuser finds it in the user mapping alone');
$node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT * FROM results%'");
eval { $session->quit };

my $log = $imitation->ask('_log');
my %signatures = map { ($_->{query} // '') =~ /X-Amz-Signature=(\w+)/ ? ($1 => 1) : () } @$log;
my $found = join('|', keys %signatures);
ok($output !~ qr/test-key/, 'no key in any output');
ok($output !~ qr/X-Amz-Signature=[0-9a-f]/i, 'no signature in any output');
cmp_ok(scalar(keys %signatures), '>', 5, 'the store was sent signatures');
ok($output !~ qr/$found/, 'none of them is in any output');
ok($output !~ qr/user:secret/, 'no password of a URL in any output');
ok($output =~ qr/HTTP status 401/, 'there is output');
ok($output =~ qr/\?\[redacted\]\|200\|t\|gzip, JSONL, 3 records/, 'a check showed a file without its signature');
ok($output =~ qr/\[redacted\] is the key/, 'the words that tell the key are redacted');
SKIP:
{
	skip 'auto_explain is not installed', 1 unless $has_auto_explain;
	ok($output =~ qr/duration: [\d.]+ ms  plan:/, 'auto_explain was there');
}

# Every request of the API has the key, none of the object store has
cmp_ok(scalar(grep { ($_->{query} // '') =~ /api_key=test-key/ } @$log), '>', 50, 'the API was sent the key in queries');
my @store = grep { $_->{server} eq 'files' } @$log;
cmp_ok(scalar(@store), '>', 20, 'the object store was asked');
is($imitation->ask('_state')->[0]{leaks}, 0, 'it never saw the key, nor the API a signature');
is(scalar(grep { $_->{method} ne 'GET' } @$log), 0, 'nothing but GET was asked');

# EXPLAIN asks nothing
$imitation->ask('_reset');
$node->safe_psql('postgres', "EXPLAIN SELECT * FROM results WHERE id = 'small'");
is_deeply($imitation->ask('_log'), [], 'EXPLAIN asks nothing of the network');
done_testing();
