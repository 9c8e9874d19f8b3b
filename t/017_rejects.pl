# What batch_fdw_rejects() shows is of the last scan, for as long as the session
# is one: not after a pool has cleaned it, and still after a row was rechecked.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('rejects');

$node->safe_psql(
	'postgres', q{
	CREATE FOREIGN TABLE bad (id text OPTIONS (meta 'job_id'), line int OPTIONS (meta 'line'), n int OPTIONS (path '$.data.headcount'))
		SERVER crustdata OPTIONS (resource 'results', on_error 'skip');
	CREATE TABLE t (line int, n int);
	CREATE ROLE reader;
	CREATE ROLE other;
	GRANT SELECT ON bad TO reader, other;
	GRANT CREATE, USAGE ON SCHEMA public TO reader, other;
	CREATE FUNCTION reset_all() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'RESET ALL'; END $$;
});
my $scan = "SELECT count(n) FROM bad WHERE id = 'bad-value'";
my $rejects = 'SELECT count(*) FROM batch_fdw_rejects()';

# Run statements in one session; what the last of them gives.
sub last_of
{
	my @lines = split /\n/, $node->safe_psql('postgres', join ";\n", @_);
	return $lines[-1];
}

is(last_of($scan, $rejects), 1, 'a scan rejects a record');
is(last_of($scan, 'DISCARD ALL', $rejects), 0, 'DISCARD ALL');
is(last_of($scan, 'DISCARD ALL', $scan, $rejects), 1, 'and a scan behind it');
is(last_of($scan, 'RESET ALL', $rejects), 0, 'RESET ALL');
is(last_of($scan, 'SELECT reset_all()', $rejects), 0, 'RESET ALL within a function');
is(last_of($scan, 'DISCARD PLANS', 'DISCARD TEMP', 'RESET work_mem', 'DEALLOCATE ALL', 'CREATE SCHEMA another', $rejects), 1, 'no less than that');
is(last_of("\\set ON_ERROR_STOP off\nBEGIN", $scan, 'DISCARD ALL', 'ROLLBACK', $rejects), 1, 'a DISCARD ALL that fails');
is(last_of("\\set ON_ERROR_STOP off\nBEGIN", $scan, 'SELECT 1/0', 'ROLLBACK', $rejects), 1, 'a rollback');
is(last_of("\\set ON_ERROR_STOP off\nBEGIN", $scan, 'SELECT 1/0', 'ROLLBACK', 'DISCARD ALL', $rejects), 0, 'DISCARD ALL behind a rollback');

# Roles that take turns in a session
is(last_of('SET ROLE reader', $scan, $rejects), 1, 'the role that read');
is(last_of('SET ROLE reader', $scan, 'RESET ROLE', $rejects), 0, 'RESET ROLE');
is(last_of('SET ROLE reader', $scan, 'RESET ROLE', 'SET ROLE other', $rejects), 0, 'another role');
is(last_of('SET ROLE reader', $scan, 'RESET ROLE', 'SET ROLE reader', $rejects), 1, 'the same role again');
is(last_of('SET ROLE reader', $scan, 'RESET ROLE', 'DISCARD ALL', 'SET ROLE reader', $rejects), 0, 'the same role in a session that was cleaned');
is(last_of('SET SESSION AUTHORIZATION reader', $scan, 'DISCARD ALL', 'SET SESSION AUTHORIZATION reader', $rejects), 0, 'the same user');

# What is planned, or begun, and not read
is(last_of($scan, "EXPLAIN $scan", 'PREPARE p AS SELECT * FROM bad', $rejects), 1, 'EXPLAIN and PREPARE');
is(last_of($scan, "SELECT * FROM bad WHERE id = 'small' LIMIT 0", $rejects), 1, 'a scan that reads nothing');
is(last_of($scan, "SELECT count(*) FROM bad WHERE id = 'small'", $rejects), 0, 'a scan that rejects nothing');

# A row that is locked until another transaction has changed it is checked again,
# for which the plan is begun once more, and what depends on the row is read again.
foreach my $case (
	[ "UPDATE t SET n = t.n + b.n FROM bad b WHERE b.id = 'bad-value' AND b.line = t.line", 1 ],
	[ "UPDATE t SET n = t.n + (SELECT count(b.n) FROM bad b WHERE b.id = 'bad-value' AND b.line > t.line)", 2 ],
	[ "SELECT b.* FROM t JOIN bad b ON b.line = t.line WHERE b.id = 'bad-value' FOR UPDATE", 1 ],
	[ "UPDATE t SET n = 0 WHERE n < 50 OR (SELECT count(b.n) FROM bad b WHERE b.id = 'bad-value' AND b.line > t.line) > 0", 1 ])
{
	my ($update, $expected) = @$case;
	$node->safe_psql('postgres', 'TRUNCATE t; INSERT INTO t VALUES (1, 1)');
	my $holder = $node->background_psql('postgres');
	my $waiter = $node->background_psql('postgres', on_error_stop => 0);
	$holder->query_safe('BEGIN');
	$holder->query_safe('UPDATE t SET n = 100');
	my $pid = $waiter->query_safe('SELECT pg_backend_pid()');
	$waiter->query_until(qr/begun/, "\\echo begun\n$update;\n");
	$node->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $pid");
	$holder->query_safe('COMMIT');
	my $shown = $waiter->query("SELECT 'shown ' || count(*) FROM batch_fdw_rejects()");
	like($shown, qr/shown $expected$/, "$update: $expected shown");
	$holder->quit;
	my $notices = () = $waiter->{stderr} =~ /NOTICE/g;
	is($notices, $expected, 'they are told as often');
	$waiter->quit;
}
done_testing();
