# What other sessions see of a scan that waits, and what its own is told.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('progress');
$node->safe_psql(
	'postgres', q{
	CREATE FOREIGN TABLE patient (id text OPTIONS (meta 'job_id'), name text OPTIONS (path '$.data.name'))
		SERVER crustdata OPTIONS (resource 'results', on_incomplete 'wait');
	CREATE FOREIGN TABLE proof (id text OPTIONS (meta 'job_id'), n int) SERVER crustdata OPTIONS (resource 'results');
	CREATE ROLE watcher;
});

# Of a query that waits: what the view comes to show of it.
my @waits = (
	[ 'no answer of the API', "SELECT * FROM job WHERE id = 'api-hang'",
		q{relation = 'job'::regclass AND phase = 'asking' AND requests = 1 AND part IS NULL AND paused_until IS NULL} ],
	[ 'a pause before another try', "SELECT * FROM job WHERE id = 'api-retry-99999-429-30'",
		q{relation = 'job'::regclass AND phase = 'paused' AND retries = 1 AND paused_until > now() + interval '1 s'} ],
	[ 'a job that is not finished', "SELECT * FROM patient WHERE id = 'wait-processing:0:300'",
		q{relation = 'patient'::regclass AND phase = 'waiting for job' AND paused_until > now() + interval '1 min'} ],
	[ 'a stalled file', "SELECT * FROM results WHERE id = 'stall'",
		q{relation = 'results'::regclass AND phase = 'reading' AND part = 1 AND parts = 1 AND bytes_received > 60000
			AND records > 0 AND requests = 2 AND started_at <= now() AND datname = 'postgres'} ],
	[ 'the last of three parts', "SELECT count(*) FROM results WHERE id = 'parts-3-10-hang'",
		q{phase = 'reading' AND part = 3 AND parts = 3 AND records = 20 AND bytes_total IS NULL} ],
	[ 'a file that begins again', "SELECT count(*) FROM proof WHERE id = 'proof.n-200.kind-plain.range-no.cut-5000.piece-50.pause-50000'",
		q{phase = 'resuming' AND retries = 1} ],
	[ 'an INSERT', "INSERT INTO copied SELECT name FROM results WHERE id = 'stall'",
		q{relation = 'results'::regclass AND phase = 'reading'} ]);

$node->safe_psql('postgres', 'CREATE TABLE copied (name text)');
foreach my $wait (@waits)
{
	my ($name, $query, $condition) = @$wait;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');

	$imitation->ask('_reset');
	$session->query_until(qr/started/, "\\echo started\n$query;\n");
	ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM batch_fdw_progress WHERE pid = $pid AND $condition"),
		"$name: is shown") or diag($node->safe_psql('postgres', 'SELECT * FROM batch_fdw_progress'));
	is($node->safe_psql('postgres', 'SET ROLE watcher; SELECT count(*) FROM batch_fdw_progress'), 0, "$name: not to anyone");
	$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
	ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM batch_fdw_progress'), "$name: no more, once it is cancelled");
	$session->quit;
}

# A COPY has the slot, whatever it reads
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_until(qr/started/, "\\echo started\nCOPY (SELECT name FROM results WHERE id = 'stall') TO '/dev/null';\n");
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_progress_copy WHERE command = 'COPY TO' AND tuples_processed > 0"),
	'a COPY shows its own progress');
is($node->safe_psql('postgres', 'SELECT count(*) FROM batch_fdw_progress'), 0, 'and no other');
$node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_progress_copy");
$session->quit;

# Lines for people: at the interval, of what is read and of what is waited for
sub lines_of
{
	my ($query) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "SET batch_fdw.progress_interval = '200ms'; SET statement_timeout = '3s'; $query");
	return grep { /NOTICE/ } split /\n/, $err;
}
my @lines = lines_of("SELECT * FROM results WHERE id = 'stall'");
cmp_ok(scalar(@lines), '>', 1, 'a scan tells at each interval');
like($lines[-1], qr/NOTICE:  0 of 11 MB, [\d,]+ records/, 'how much came');
@lines = lines_of("SELECT count(*) FROM results WHERE id = 'parts-3-10-hang'");
like($lines[-1], qr/NOTICE:  part 3 of 3, 0 MB, 20 records/, 'which part');
@lines = lines_of("SELECT * FROM patient WHERE id = 'wait-processing:0:300'");
like($lines[-1], qr/NOTICE:  waiting for the job, next look in \d+ s, 0 records$/, 'that it waits for a job');
@lines = lines_of("SELECT * FROM job WHERE id = 'api-retry-99999-429-30'");
like($lines[-1], qr/NOTICE:  paused for \d+ s, 0 records$/, 'that it pauses');
@lines = lines_of("SELECT * FROM job WHERE id = 'api-hang'");
like($lines[-1], qr/NOTICE:  asking the API, 0 records$/, 'that it asks');
@lines = lines_of("SELECT count(*) FROM results WHERE id = 'full-speed'");
like($lines[-1], qr/NOTICE:  \d+ MB, [\d,]+ records, \d+\.\d MB\/s$/, 'how fast');
@lines = grep { !/batch_fdw/ } lines_of('SELECT 1');
is(scalar(@lines), 0, 'nothing where nothing is read');

# A scan that asked again says so in the log
$node->safe_psql('postgres', "SELECT count(*) FROM results WHERE id = 'small'; SELECT count(*) FROM results WHERE id = 'retry-2-503'");
my @logged = slurp_file($node->logfile) =~ /LOG:  (scan of .*)\n.*DETAIL:  (.*)/g;
is($logged[0], 'scan of foreign table "results" sent 2 requests again', 'it is logged');
like($logged[1], qr/^Requests: 4, bytes received: \d+, records: 3, waited: \d+\.\d{3} s\.$/, 'with what it took');
is(scalar(@logged), 2, 'others are not');

# Where there is no slot
is(($node->psql('postgres', "SET track_activities = off; SELECT count(*) FROM results WHERE id = 'small'"))[1],
	3, 'a scan without track_activities');
done_testing();
