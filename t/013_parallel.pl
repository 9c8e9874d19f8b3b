# A parallel scan ends at once, whichever of its processes waits.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

# What an end may take on a busy machine.
use constant PROMPT => 2;

my $imitation = Imitation->new;
my $node = $imitation->cluster('parallel');
my $settings = q{
	SET parallel_setup_cost = 0;
	SET parallel_tuple_cost = 0;
	SET min_parallel_table_scan_size = 0;
	SET max_parallel_workers_per_gather = 2;
};
$node->safe_psql('postgres', "ALTER FOREIGN TABLE results OPTIONS (ADD rows '100000')");
like($node->safe_psql('postgres', "$settings EXPLAIN SELECT count(*) FROM results WHERE id = 'parts-3-10-hang'"),
	qr/Parallel Foreign Scan/, 'the scan is parallel');

# Count the workers that there are.
sub count_workers
{
	return $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker'");
}

# LIMIT: the rows are there, and a worker still waits for a part that never
# comes.  The leader takes no part, since a part that it waits for itself is one
# that it waits for.
my $start = time;
my $rows = $node->safe_psql('postgres', "$settings SET parallel_leader_participation = off;
	SELECT count(*) FROM (SELECT line FROM results WHERE id = 'parts-3-2000-hang' LIMIT 2100) AS few");
is($rows, 2100, 'LIMIT');
cmp_ok(time - $start, '<', 10, 'it does not wait for the part that hangs');
is(count_workers(), 0, 'no worker is left');

# Cancel, time-out and terminate while processes wait; it is a worker that does
# so where the leader takes no part
my $query = "SELECT count(*) FROM results WHERE id = 'parts-3-10-hang'";
$start = time;
my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n$settings SET statement_timeout = 500; $query");
like($err, qr/57014/, 'statement_timeout');
cmp_ok(time - $start, '<', 0.5 + PROMPT, 'it is prompt');
is(count_workers(), 0, 'no worker is left');
foreach my $how ('pg_cancel_backend', 'pg_terminate_backend')
{
	foreach my $who ('client backend', 'parallel worker')
	{
		my $session = $node->background_psql('postgres', on_error_stop => 0);
		$session->query_safe("$settings SET parallel_leader_participation = off;");
		$session->query_until(qr/started/, "\\echo started\n$query;\n");
		$node->poll_query_until('postgres',
			"SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'parallel worker'");
		usleep(300_000);
		my $before = time;
		my $target = $who eq 'parallel worker' ? "backend_type = '$who'" :
		  "query LIKE 'SELECT count%' AND state = 'active' AND backend_type = '$who' AND pid <> pg_backend_pid()";
		$node->safe_psql('postgres', "SELECT $how(pid) FROM pg_stat_activity WHERE $target");
		ok($node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity
			WHERE (query LIKE 'SELECT count%' AND state = 'active' AND pid <> pg_backend_pid()) OR backend_type = 'parallel worker')"),
			"$how of the $who ends the query");
		cmp_ok(time - $before, '<', PROMPT, 'it is prompt') if $who eq 'client backend';
		eval { $session->quit };
	}
}
is($node->safe_psql('postgres', "$settings SELECT count(*) FROM results WHERE id = 'parts-5-100'"), 500,
	'the next query is whole');
done_testing();
