# batch_fdw_load: killed at any moment it loses nothing and doubles nothing, and
# two calls at once load no job twice.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use constant KILLS => $ENV{BATCH_FDW_FULL} ? 200 : 10;
use constant JOBS => 100;    # of the account, with 3 records each

srand($ENV{BATCH_FDW_SEED} || 20261125);
my $imitation = Imitation->new;
my $node = $imitation->cluster('load');
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->reload;

# Make a server of an account, and its table of results.
sub make_account
{
	my ($account) = @_;
	$node->safe_psql(
		'postgres', qq{
		CREATE SERVER "$account" FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
			base_url '$imitation->{api}/accounts/$account', allow_private_hosts 'true');
		CREATE USER MAPPING FOR PUBLIC SERVER "$account" OPTIONS (api_key 'test-key');
		CREATE FOREIGN TABLE "$account" (batch_id uuid OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line'),
			name text OPTIONS (path '\$.data.name')) SERVER "$account" OPTIONS (resource 'results');
	});
	return;
}

# Begin a call in a session of its own; return its process.
sub begin_call
{
	my ($call, $out) = @_;
	my $child = fork() // die "could not fork: $!";

	if ($child == 0)
	{
		$ENV{PGAPPNAME} = 'load';
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', $out // '/dev/null');
		open(STDERR, '>&', \*STDOUT);
		exec('psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', $call) or POSIX::_exit(1);
	}
	return $child;
}

# Tell of each job whether its rows are those that the log tells, by exception.
sub differences
{
	my ($target) = @_;
	return $node->safe_psql('postgres', qq{
		SELECT count(*) FROM (SELECT batch_id::text AS job_id, count(*) AS rows, count(DISTINCT line) AS lines FROM $target GROUP BY 1) AS t
		  FULL JOIN (SELECT * FROM ${target}_jobs WHERE loaded_at IS NOT NULL) AS l USING (job_id)
		 WHERE t.rows IS DISTINCT FROM l.rows OR t.rows <> 3 OR t.lines <> 3});
}

# Killed at random moments: the backend by a signal that it cannot catch, by one
# that it can, or the statement cancelled
make_account('slow');
$node->safe_psql('postgres', "CREATE TABLE enriched (batch_id uuid, line bigint, name text);
	CALL batch_fdw_load('slow', 'enriched', max_jobs => 1)");
my ($whole, $kills) = (1, 0);
while ($kills < KILLS)
{
	my $child = begin_call("CALL batch_fdw_load('slow', 'enriched')");
	my $active = "FROM pg_stat_activity WHERE application_name = 'load' AND state = 'active'";

	$node->poll_query_until('postgres', "SELECT count(*) = 1 $active");
	usleep(rand(400_000));
	my $pid = $node->safe_psql('postgres', "SELECT pid $active");
	my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM enriched_jobs');
	if ($pid ne '' && $kills % 3 == 0)
	{
		kill 'KILL', $pid;
		waitpid($child, 0);
		$node->poll_query_until('postgres', 'SELECT true') or die 'the server is not back';
	}
	elsif ($pid ne '')
	{
		my $how = $kills % 3 == 1 ? 'pg_terminate_backend' : 'pg_cancel_backend';
		$node->safe_psql('postgres', "SELECT $how($pid)");
	}
	waitpid($child, 0);
	$kills++ if $pid ne '';
	$whole = 0 if differences('enriched') != 0;
	# Where most is loaded, begin again, so that there is something to kill
	$node->safe_psql('postgres', 'TRUNCATE enriched, enriched_jobs')
	  if $pid eq '' || $before > JOBS / 2;
}
ok($whole, "after each of $kills ends a job has all of its rows, or none");
my ($code, $out, $err) = $node->psql('postgres', "CALL batch_fdw_load('slow', 'enriched')");
like($err, qr/NOTICE:  jobs loaded into table "enriched": \d+, with \d+ rows; failed: 0$/m, 'the next call loads the rest');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT (batch_id, line)), count(DISTINCT batch_id) FROM enriched'),
	join('|', 3 * JOBS, 3 * JOBS, JOBS), 'nothing is lost, nothing is doubled');
is(differences('enriched'), 0, 'the log tells what there is');

# A second call leaves while the first one loads
$node->safe_psql('postgres', 'CREATE TABLE held (id text, name text)');
my $first = begin_call("CALL batch_fdw_load('results', 'held', jobs => ARRAY['hang'])");
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND granted");
($code, $out, $err) = $node->psql('postgres', "CALL batch_fdw_load('results', 'held', jobs => ARRAY['small'])");
is($err, "psql:<stdin>:1: NOTICE:  table \"held\" is being loaded by another session", 'a second call leaves');
is($code, 0, 'without an error');
$node->safe_psql('postgres', 'CREATE TABLE other (id text, name text)');
($code, $out, $err) = $node->psql('postgres', "CALL batch_fdw_load('results', 'other', jobs => ARRAY['small'])");
is($node->safe_psql('postgres', 'SELECT count(*) FROM other'), 3, 'one into another table does not');
$node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'load'");
waitpid($first, 0);
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0, 'the lock goes with the call');

# Several at once, over and over, until all is loaded
make_account('hundred');
$node->safe_psql('postgres', 'CREATE TABLE shared (batch_id uuid, line bigint, name text)');
my @children = map { begin_call("CALL batch_fdw_load('hundred', 'shared')") } 1 .. 4;
waitpid($_, 0) foreach @children;
$node->safe_psql('postgres', "CALL batch_fdw_load('hundred', 'shared')");
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT (batch_id, line)) FROM shared'), '111|111', 'no job is loaded twice');
is(differences('shared'), 0, 'the log tells what there is');

# What was read of a damaged file is taken back
($code, $out, $err) = $node->psql('postgres', "CALL batch_fdw_load('results', 'other', jobs => ARRAY['badcrc'])");
is($node->safe_psql('postgres', "SELECT count(*) FROM other WHERE id = 'badcrc'"), 0, 'a damaged file leaves no row');
is($node->safe_psql('postgres', "SELECT sqlstate FROM other_jobs WHERE job_id = 'badcrc'"), 'XX001', 'and is logged');
done_testing();
