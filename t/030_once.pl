# Results that can be downloaded once only are downloaded once only, and kept in
# temporary files no longer than the query.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Proof;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('once');
prepare($imitation, $node);

# Run SQL on a log that is empty; return its output, its messages, and the statuses of the files.
sub run
{
	my ($sql) = @_;
	$imitation->ask('_reset');
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	return ($out, $err, [ map { $_->{status} } grep { $_->{server} eq 'files' } @{ $imitation->ask('_log') } ]);
}

# Check that no temporary file is left.
sub no_file_left
{
	my ($when) = @_;
	is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_ls_tmpdir()'), '0', "no temporary file is left: $when");
	return;
}

my $right = verdict($node, 'proof', 'proof.n-50');
my $job = 'proof.n-50.once-1';

# Without the option, reading it again finds it gone: the store is true to its name
my ($out, $err, $files) = run("SELECT count(*) FROM proof WHERE id = '$job'; SELECT count(*) FROM proof WHERE id = '$job'");
is_deeply($files, [ 200, 410 ], 'the store gives it once');

# One download each, however often it is read
($out, $err, $files) = run("SELECT verdict('once', '$job')");
is($out, $right, 'a scan: the rows');
is_deeply($files, [200], 'a scan: one download');
($out, $err, $files) = run(
	"SET enable_material = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
	 SELECT count(*), sum(r.n) FROM (VALUES (1), (2), (3)) AS v (i) LEFT JOIN once r ON r.n > v.i AND r.id = '$job'");
is($out, '144|3815', 'rescans: the rows');
is_deeply($files, [200], 'rescans: one download');
($out, $err, $files) = run(
	"SELECT i, (SELECT count(*) FROM once WHERE id = '$job' AND n > i) FROM generate_series(1, 3) AS i");
is($out, "1|49\n2|48\n3|47", 'a subquery for each row: the rows');
is_deeply($files, [200], 'a subquery for each row: one download');
($out, $err, $files) = run(
	"BEGIN; DECLARE c SCROLL CURSOR FOR SELECT n FROM once WHERE id = '$job';
	 FETCH 1 FROM c; MOVE ABSOLUTE 50 IN c; FETCH FIRST FROM c; FETCH LAST FROM c; COMMIT");
is($out, "1\n1\n50", 'a cursor back and forth: the rows');
is_deeply($files, [200], 'a cursor back and forth: one download');
($out, $err, $files) = run(
	"BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT n FROM once WHERE id = '$job'; FETCH 1 FROM c; COMMIT;
	 MOVE 48 IN c; FETCH 2 FROM c; CLOSE c");
is($out, "1\n50", 'a cursor that outlives its transaction: the rows');
is_deeply($files, [200], 'a cursor that outlives its transaction: one download');
($out, $err, $files) = run("SELECT count(*), count(DISTINCT n) FROM once WHERE id = 'proof.n-50.once-1.parts-3'");
is($out, '150|150', 'parts: the rows');
is_deeply($files, [ 200, 200, 200 ], 'parts: one download each');
no_file_left('after all these');

# What came incomplete is asked for again
($out, $err, $files) = run("SELECT verdict('once', '$job.cut-1000')");
is($out, $right, 'incomplete: the rows');
is_deeply($files, [ 200, 206 ], 'incomplete: asked for again from there on');
($out, $err, $files) = run("SELECT verdict('once', '$job.cut-1000.range-no')");
is($out, $right, 'incomplete, without ranges: the rows');
is_deeply($files, [ 200, 200 ], 'incomplete, without ranges: asked for again');
($out, $err, $files) = run(
	"SELECT count(*), count(DISTINCT r.n) FROM generate_series(1, 2) AS i, LATERAL (SELECT n FROM once WHERE id = '$job.cut-1000' OFFSET i * 0) AS r");
is($out, '100|50', 'incomplete, and read again: the rows');
is_deeply($files, [ 200, 206 ], 'incomplete, and read again: downloaded once');

# What proves its end neither by its framing nor by itself is no more complete for being spooled
foreach my $table ('strict', 'once')
{
	is(verdict($node, $table, "proof.n-50.kind-plain.cut-164.frame-close.count-2.seed-" . length($table)), 'XX001 results file is not provably complete',
		"$table: plain, ended with the connection after two records");
	like(verdict($node, $table, 'proof.n-50.kind-gzip.cut-99999.frame-close'), qr/^rows 50 /, "$table: gzip, ended with the connection");
	like(verdict($node, $table, 'proof.n-50.kind-plain.cut-99999.frame-ended'), qr/^rows 50 /, "$table: plain, in chunks");
}
($out, $err, $files) = run("SELECT count(*) FROM generate_series(1, 2) AS i, LATERAL (SELECT n FROM once
	WHERE id = 'proof.n-2.kind-plain.cut-99999.frame-close' OFFSET i * 0) AS r");
like($err, qr/ERROR:  XX001: results file is not provably complete/, 'a subquery for each row: the same');
($out, $err, $files) = run("SELECT count(*) FROM once WHERE id = 'html'");
like($err, qr/ERROR:  XX001: results file is not JSON.*its type is text\/html/s, 'a page: its type is told');

# Damage is an error, not another download
($out, $err, $files) = run("SELECT count(*) FROM once WHERE id = '$job.flip-9000'");
like($err, qr/ERROR:  XX001: results file is corrupt/, 'damage: an error');
is_deeply($files, [200], 'damage: no second download');
no_file_left('after damage');

# temp_file_limit holds
my $large = 'proof.n-3000.w-1000';
($out, $err, $files) = run("SET temp_file_limit = '1MB'; SELECT count(*) FROM once WHERE id = '$large'");
like($err, qr/ERROR:  53400: temporary file size exceeds/, 'temp_file_limit: an error');
no_file_left('after temp_file_limit');
($out, $err, $files) = run("SET temp_file_limit = '1MB'; SELECT count(*) FROM proof WHERE id = '$large'");
is($out, '3000', 'temp_file_limit: nothing is spooled without the option');

# Nothing is left of a scan that did not end
$out = $node->safe_psql(
	'postgres', qq{
	BEGIN;
	SAVEPOINT a;
	DECLARE c CURSOR FOR SELECT n FROM once WHERE id = '$large';
	FETCH 1 FROM c;
	SELECT count(*) FROM pg_ls_tmpdir();
	ROLLBACK TO a;
	SELECT count(*) FROM pg_ls_tmpdir();
	DECLARE d CURSOR FOR SELECT n FROM once WHERE id = '$large';
	SAVEPOINT b;
	FETCH 1 FROM d;
	ROLLBACK TO b;
	CLOSE d;
	SELECT count(*) FROM pg_ls_tmpdir();
	COMMIT;
});
is($out =~ s/\n+/ /gr, '1 1 0 1 0', 'a savepoint takes the temporary file along');
$out = $node->safe_psql(
	'postgres', qq{
	DO \$\$ BEGIN
		FOR i IN 1 .. 20 LOOP
			BEGIN
				PERFORM 1 / (n - 2000) FROM once WHERE id = '$large';
			EXCEPTION WHEN division_by_zero THEN NULL;
			END;
		END LOOP;
	END \$\$;
	SELECT count(*) FROM pg_ls_tmpdir();
});
is($out, '0', 'errors that were caught leave no temporary file');
($out, $err, $files) = run("SELECT n FROM once WHERE id = '$large' LIMIT 1");
is($out, '1', 'a LIMIT');
no_file_left('after a LIMIT');
foreach my $how ('pg_cancel_backend', 'pg_terminate_backend')
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->query_until(qr/started/,
		"\\echo started\nSELECT count(*) FROM once WHERE id = '$large.piece-100000.pause-200000.seed-1';\n");
	$node->poll_query_until('postgres', 'SELECT count(*) = 1 AND max(size) > 100000 FROM pg_ls_tmpdir()');
	$node->safe_psql('postgres', "SELECT $how($pid)");
	$node->poll_query_until('postgres',
		"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid AND state = 'active')");
	no_file_left("after $how");
	eval { $session->quit };
}

$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
