# What has given its end holds nothing; what is idle gives way; and where
# descriptors are short all the same, it is said.
use strict;
use warnings;
use FindBin;
use IO::Socket::INET;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('descriptors');
my $base = "provider 'crustdata', allow_private_hosts 'true'";
$node->append_conf('postgresql.conf', "max_files_per_process = 1000\nmax_locks_per_transaction = 256");
$node->restart;
$node->safe_psql(
	'postgres', qq{
	CREATE FUNCTION descriptors() RETURNS bigint LANGUAGE sql AS \$\$ SELECT count(*) FROM pg_ls_dir('/proc/self/fd') \$\$;
	CREATE SERVER wide FOREIGN DATA WRAPPER batch_fdw OPTIONS ($base, base_url '$imitation->{api}/crustdata', max_connections '32');
	CREATE SERVER filtered FOREIGN DATA WRAPPER batch_fdw OPTIONS ($base, base_url '$imitation->{api}/crustdata', list_filters 'entity');
	CREATE SERVER hundred FOREIGN DATA WRAPPER batch_fdw OPTIONS ($base, base_url '$imitation->{api}/accounts/hundred', page_size '10');
	CREATE USER MAPPING FOR PUBLIC SERVER wide OPTIONS (api_key 'test-key');
	CREATE USER MAPPING FOR PUBLIC SERVER filtered OPTIONS (api_key 'test-key');
	CREATE USER MAPPING FOR PUBLIC SERVER hundred OPTIONS (api_key 'test-key');
	CREATE FOREIGN TABLE wide_job (id text OPTIONS (meta 'job_id'), status text) SERVER wide OPTIONS (resource 'jobs');
	CREATE FOREIGN TABLE wide (id text OPTIONS (meta 'job_id'), n int, part int OPTIONS (meta 'part'), line int OPTIONS (meta 'line')) SERVER wide OPTIONS (resource 'results');
	CREATE FOREIGN TABLE filtered (id text OPTIONS (meta 'job_id'), entity text) SERVER filtered OPTIONS (resource 'jobs');
	CREATE TABLE parted (k int, headcount int) PARTITION BY LIST (k);
	CREATE TABLE ordered (k int, created_at timestamptz) PARTITION BY LIST (k);
	DO \$\$ BEGIN
		FOR i IN 1 .. 500 LOOP
			EXECUTE format('CREATE FOREIGN TABLE parted_%1\$s (k int OPTIONS (path ''\$.internal_id''),
				headcount int OPTIONS (path ''\$.data.headcount'')) SERVER wide OPTIONS (resource ''results'', job_id ''small'')', i);
			EXECUTE format('ALTER TABLE parted ATTACH PARTITION parted_%1\$s FOR VALUES IN (%1\$s)', i);
		END LOOP;
		FOR i IN 1 .. 150 LOOP
			EXECUTE format('CREATE FOREIGN TABLE ordered_%1\$s PARTITION OF ordered (k, created_at)
				FOR VALUES IN (%1\$s) SERVER hundred OPTIONS (resource ''jobs'')', i);
		END LOOP;
	END \$\$;
});

# Wait until the imitation has seen that connections are closed, and count those that are not.
sub open_connections
{
	my $open;
	foreach (1 .. 100)
	{
		$open = $imitation->ask('_state')->[0]{open_connections};
		last if $open == 0;
		select(undef, undef, undef, 0.05);
	}
	return $open;
}

# Run statements in one session; give the outcome.
sub outcome
{
	my ($sql) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	return join(' ', $out =~ s/\s+/ /gr, $err =~ /(ERROR: .*)/ ? $1 : ());
}

my $ids = join(',', map { "'proof.n-3.seed-$_'" } 1 .. 40);
my $words = join(',', "'person'", map { "'word$_'" } 1 .. 499);

# One after the other
is(outcome('SELECT count(*), sum(headcount) FROM parted'), '1500|30000', '500 partitions');
is(outcome('SELECT count(*) FROM (' . join(' UNION ALL ', ("SELECT * FROM results WHERE id = 'small'") x 60) . ') AS t'), '180', '60 scans');
is(outcome("SELECT count(*) FROM filtered WHERE entity = ANY (ARRAY[$words])"), '6', 'a filter of 500 words');
is(outcome('SELECT count(*) FROM (' . join(' UNION ALL ', ("SELECT * FROM wide_job WHERE id IN ($ids)") x 4) . ') AS t'), '160',
	'four scans of 32 connections');

# Side by side: the scans of a merge are open until it ends
is(outcome('SET jit = off; SELECT count(*) FROM (SELECT * FROM ordered ORDER BY created_at DESC LIMIT 1000) AS t'), '1000', 'a merge of 150 scans');
my $four = 'BEGIN;' . join('', map { "DECLARE c$_ CURSOR FOR SELECT n FROM wide WHERE id = 'proof.n-200.w-500.parts-32.gather-32.seed-$_';" } 1 .. 4)
  . join('', map { "FETCH 1 FROM c$_;" } 1 .. 4) . join('', map { "MOVE ALL IN c$_;" } 1 .. 4) . 'COMMIT';
like(outcome($four), qr/^\d+ \d+ \d+ \d+$/, 'four cursors that read 32 parts each, side by side');

# At their end, and still open: no descriptor, no connection, of memory what the
# options and the columns take
$node->safe_psql(
	'postgres', q{
	CREATE FUNCTION open_cursors(first int, last int) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		queries text[] := ARRAY['SELECT * FROM job', 'SELECT * FROM results WHERE id = ''small''',
			'SELECT * FROM wide WHERE id = ''proof.n-3.parts-3''', 'SELECT * FROM wide_job WHERE id IN (''small'', ''drip'', ''none'')',
			'SELECT FROM ordered_1 WHERE created_at > ''2026-05-31 23:59:50+00'' ORDER BY created_at DESC'];
	BEGIN
		FOR i IN first .. last LOOP
			EXECUTE format('DECLARE c%s CURSOR FOR %s', i, queries[1 + i % 5]);
			EXECUTE format('MOVE ALL IN c%s', i);
		END LOOP;
	END $$});
my $session = $node->background_psql('postgres');
$session->query_safe('BEGIN; SELECT open_cursors(1, 5)');
my $before = $session->query_safe('SELECT descriptors()');
$session->query_safe('SELECT open_cursors(6, 300)');
is($session->query_safe('SELECT descriptors()'), $before, '300 cursors at their end: no descriptor');
is(open_connections(), 0, '... no connection');
my $bytes = $session->query_safe(q{SELECT (sum(total_bytes) / 300)::int FROM pg_backend_memory_contexts WHERE name LIKE 'batch_fdw%'});
cmp_ok($bytes, '<', 250000, "... and no buffer: $bytes bytes each");
$session->query_safe('COMMIT');
$session->quit;

# Connections that come to nothing count no longer than their scan: a port whose
# queue is full answers no more
my $deaf = IO::Socket::INET->new(Listen => 0, LocalAddr => '127.0.0.1') or die "no port: $!";
my @waiting = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $deaf->sockport, Blocking => 0) } 1 .. 8;
$node->safe_psql(
	'postgres', q{
	CREATE SERVER nowhere FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', allow_private_hosts 'true',
		max_retries '0', connect_timeout '5ms');
	CREATE USER MAPPING FOR PUBLIC SERVER nowhere OPTIONS (api_key 'test-key');
	CREATE FOREIGN TABLE nowhere (status text) SERVER nowhere OPTIONS (resource 'jobs');
	CREATE FUNCTION fail(n int) RETURNS int LANGUAGE plpgsql AS $$
	DECLARE failed int := 0;
	BEGIN
		FOR i IN 1 .. n LOOP
			BEGIN
				PERFORM FROM nowhere;
			EXCEPTION WHEN SQLSTATE '08006' THEN failed := failed + 1;
			END;
		END LOOP;
		RETURN failed;
	END $$});
$node->safe_psql('postgres', "ALTER SERVER nowhere OPTIONS (ADD base_url 'http://127.0.0.1:" . $deaf->sockport . "')");
is(outcome('SELECT fail(400); SELECT count(*) FROM job'), '400 12', '400 connections that come to nothing, and then a good one');

# Transfers that are under way cannot give way: where they are too many, that is said
$node->safe_psql('postgres', "ALTER SERVER wide OPTIONS (SET max_connections '1')");
my $live = 'BEGIN;' . join('', map { "DECLARE c$_ CURSOR FOR SELECT name FROM results WHERE id = 'big-20000'; FETCH 1 FROM c$_;" } 1 .. 400);
my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n\\set ON_ERROR_STOP 1\n$live");
like($err, qr/ERROR:  53000: could not open a connection: too many file descriptors are in use\nHINT/, 'too many live transfers');
my $began = split(/\n/, $out);
cmp_ok($began, '>', 90, "... are more than 90: $began");
is(open_connections(), 0, '... and nothing is left of them');

# What a step of a check raises is caught, and what it held is let go of.
my $checks = q{CREATE FUNCTION checks(n int) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM generate_series(1, n),
	unnest(ARRAY['missing', 'truncated', 'cut', 'api-500', 'api-badjson', 'small']) id, batch_fdw_check('crustdata', id) WHERE NOT ok $$;};
is(outcome("$checks SELECT checks(1); SELECT descriptors() AS n \\gset\nSELECT checks(30); SELECT descriptors() - :n"),
	'5 150 0', 'checks that find faults leave no descriptor');
is(open_connections(), 0, '... and no connection');

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak|epoll/i, 'no crash and no leak in the log');
done_testing();
