# Waiting for jobs that are not finished, and for APIs that limit requests.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

use constant PROMPT => 2;    # seconds, on a busy machine

my $imitation = Imitation->new;
my $node = $imitation->cluster('waiting');
$node->safe_psql(
	'postgres', q{
	CREATE FOREIGN TABLE waiting (id text OPTIONS (meta 'job_id'), name text OPTIONS (path '$.data.name'))
		SERVER crustdata OPTIONS (resource 'results', on_incomplete 'wait', wait_timeout '1500ms');
	CREATE FOREIGN TABLE patient (id text OPTIONS (meta 'job_id'), name text OPTIONS (path '$.data.name'))
		SERVER crustdata OPTIONS (resource 'results', on_incomplete 'wait');
});

# Run SQL on a log that is empty; return output, messages, statuses, seconds.
sub run
{
	my ($sql) = @_;
	$imitation->ask('_reset');
	my $start = time;
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	my $took = time - $start;
	my @statuses = map { $_->{status} } @{ $imitation->ask('_log') };
	return ($out, $err, \@statuses, $took);
}

# Where a job is waited for: by name, the query that waits.
my %waits = (
	'a scan' => "SELECT * FROM patient WHERE id = 'wait-processing'",
	'a scan that was told to come later' => "SELECT * FROM patient WHERE id = 'wait-processing:0:300'",
	'batch_fdw_wait' => "SELECT batch_fdw_wait('job', 'wait-processing')",
	'batch_fdw_await' => "CALL batch_fdw_await('job', ARRAY['wait-processing'])");

foreach my $name (sort keys %waits)
{
	my ($out, $err, $statuses, $took) = run("SET statement_timeout = 500; $waits{$name}");
	like($err, qr/57014/, "timeout in the pause of $name: SQLSTATE");
	cmp_ok($took, '<', 0.5 + PROMPT, "timeout in the pause of $name: after $took s");
	is_deeply($statuses, [200], "timeout in the pause of $name: one request");

	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->query_until(qr/started/, "\\echo started\n$waits{$name};\n");
	$node->poll_query_until('postgres',
		"SELECT wait_event_type = 'Extension' FROM pg_stat_activity WHERE pid = $pid");
	usleep(200_000);
	my $start = time;
	$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
	ok( $node->poll_query_until('postgres',
			"SELECT state = 'idle' FROM pg_stat_activity WHERE pid = $pid"),
		"cancel in the pause of $name ends it");
	cmp_ok(time - $start, '<', PROMPT, "cancel in the pause of $name is prompt");
	$session->quit;
}

# The time to wait ends a scan and the function: looks at 0 s, after 1 s, at the end
foreach my $sql ("SELECT * FROM waiting WHERE id = 'wait-pending-processing'",
	"SELECT batch_fdw_wait('job', 'wait-pending-processing', '1.5 s')")
{
	my ($out, $err, $statuses, $took) = run($sql);
	like($err, qr/ERROR:  55000: job "wait-pending-processing" is not finished after 1\.5 s\nDETAIL:  It is processing\.\nHINT/,
		'not finished in time: SQLSTATE and words');
	is(scalar(() = $err =~ /NOTICE:/g), 2, 'not finished in time: each status was told once');
	is_deeply($statuses, [ 200, 200, 200 ], 'not finished in time: three requests');
}

# Pauses are no shorter than a second, nor than Retry-After
my ($out, $err, $statuses, $took) = run("SELECT batch_fdw_wait('job', 'wait-processing-completed')");
is($out, 'completed', 'a job that is completed at the second look');
cmp_ok($took, '>=', 1, 'the first pause is a second at least');
is_deeply($statuses, [ 200, 200 ], 'two requests');
($out, $err, $statuses, $took) = run("SELECT batch_fdw_wait('job', 'wait-processing:0:3-completed')");
is($out, 'completed', 'a job that said when to come again');
cmp_ok($took, '>=', 3, 'Retry-After of a job is obeyed');
is_deeply($statuses, [ 200, 200 ], 'two requests');

# A failure that passes, between two looks, is tried again
($out, $err, $statuses) = run("SELECT count(*) FROM patient WHERE id = 'wait-processing-busy-completed'");
is($out, '3', 'a 503 while waiting passes');
is_deeply($statuses, [ 200, 503, 200, 200 ], 'a 503 while waiting: four requests');

# What a server that refuses asks for, and the pause that is planned before the
# first retry: at least so many seconds, plus up to half a second.
my @hints = (
	[ '429', 0.5, 'a 429 that says nothing' ],
	[ '429-2', 2, 'Retry-After in seconds' ],
	[ '429-1.5', 1.5, 'Retry-After with a fraction' ],
	[ '429-date4', 4, 'Retry-After as a date' ],
	[ '429-skew4', 4, 'Retry-After as a date of a clock that is a day ahead' ],
	[ '429-skew-5', 0, 'Retry-After as a date that has passed' ],
	[ '429-reset2', 2, 'x-ratelimit-reset in seconds' ],
	[ '429-epoch4', 4, 'x-ratelimit-reset as an epoch' ],
	[ '429-epoch-3600', 0, 'x-ratelimit-reset as an epoch that has passed' ],
	[ '429-3_reset1', 3, 'Retry-After goes before x-ratelimit-reset' ],
	[ '429-soon_reset2', 2, 'x-ratelimit-reset behind a Retry-After that is garbage' ],
	[ '429-0', 0, 'Retry-After 0' ],
	[ '429--1', 0, 'Retry-After below 0' ],
	[ '429-1e12', 600, 'Retry-After 1e12' ],
	[ '429-1000000000000', 600, 'Retry-After 10^12' ],
	[ '429-reset1e12', 600, 'x-ratelimit-reset 1e12' ],
	[ '429-date999999999', 600, 'Retry-After as a date in 32 years' ],
	[ '429-inf', 0.5, 'Retry-After inf' ],
	[ '429-nan_resetnan', 0.5, 'Retry-After nan' ],
	[ '429-1e999', 0.5, 'Retry-After beyond all numbers' ],
	[ '429-soon', 0.5, 'Retry-After that is garbage' ],
	[ '429-12abc', 0.5, 'Retry-After with garbage behind' ],
	[ '503', 0, 'a 503 that says nothing' ],
	[ '503-2', 2, 'Retry-After of a 503' ],
	[ '500-soon', 0, 'Retry-After of a 500 that is garbage' ]);
foreach my $hint (@hints)
{
	my ($kind, $least, $name) = @$hint;
	my $long = $least >= 2;
	my ($out, $err, $statuses, $took) = run(
		'SET client_min_messages = debug1; SET statement_timeout = ' . ($long ? 300 : 10000)
		  . "; SELECT count(*) FROM job WHERE id = 'api-retry-1-$kind'");
	my ($status) = $kind =~ /^(\d+)/;
	my @planned = $err =~ /DEBUG: .*: HTTP status $status .*; trying again in (\d+\.\d+) s$/mg;

	is(scalar(@planned), 1, "$name: one pause is planned");
	cmp_ok($planned[0], '>', $least - 0.05, "$name: a pause of at least $least s");
	cmp_ok($planned[0], '<=', $least + 0.5, "$name: and no more than half a second longer");
	is_deeply($statuses, $long ? [$status] : [ $status, 200 ], "$name: requests");
	$long ? like($err, qr/57014/, "$name: holds the next request") : is($out, '1', "$name: then it is there");
}

# Tries are counted, whatever the server asks for
$node->safe_psql('postgres', "ALTER SERVER crustdata OPTIONS (ADD max_retries '2')");
($out, $err, $statuses) = run("SELECT * FROM job WHERE id = 'api-retry-9-429-0'");
like($err, qr/ERROR:  53400/, 'a 429 after all tries: SQLSTATE');
is_deeply($statuses, [ 429, 429, 429 ], 'a 429 after all tries: requests');
$node->safe_psql('postgres', "ALTER SERVER crustdata OPTIONS (DROP max_retries)");

# Point the server at an account that takes so many requests in a "minute" of
# so many seconds, and says so in some way.
sub limit
{
	my ($most, $seconds, $how) = @_;
	$node->safe_psql('postgres',
		"ALTER SERVER crustdata OPTIONS (SET base_url '$imitation->{api}/accounts/limited-$most-$seconds-$how')");
}

# Count how often each status is among those of some answers.
sub tally
{
	my %counts;
	$counts{$_}++ foreach @{ $_[0] };
	return \%counts;
}

# 2,000 jobs are 20 pages; at 15 requests a minute the listing waits once
foreach my $how ('after', 'date', 'reset', 'epoch')
{
	limit(15, 2, $how);
	($out, $err, $statuses) = run('SELECT count(*), count(DISTINCT id) FROM job');
	is($out, '2000|2000', "a limited listing ends by itself: $how");
	is_deeply(tally($statuses), { 200 => 20, 429 => 1 }, "a limited listing: requests: $how");
}

# Servers that do not say for how long, or less than is true, are waited for too
foreach my $how ('early', 'silent')
{
	limit(15, 2, $how);
	($out, $err, $statuses) = run('SELECT count(*), count(DISTINCT id) FROM job');
	is($out, '2000|2000', "a limited listing ends by itself: $how");
	my $counts = tally($statuses);
	is($counts->{200}, 20, "a limited listing: good answers: $how");
	cmp_ok($counts->{429}, '<=', 5, "a limited listing: refused $counts->{429} times: $how");
}

# Requests that are in flight together wait once
limit(4, 4, 'after');
my $ids = join ',', map { sprintf "'acc00000-0000-4000-8000-%012d'", $_ } 0 .. 7;
($out, $err, $statuses) = run("SET client_min_messages = debug1; SELECT count(*) FROM job WHERE id IN ($ids)");
is($out, '8', 'eight jobs, four at a time, of an API that takes four');
my $pauses = 0;
$pauses += $_ foreach $err =~ /trying again in (\d+\.\d+) s$/mg;
cmp_ok($pauses, '<=', 4 + 4 * 0.5, "requests in flight together wait once: $pauses s");
my $counts = tally($statuses);
is($counts->{200}, 8, 'requests in flight together: good answers');
cmp_ok($counts->{429}, '<=', 4, 'requests in flight together: each is refused once at most');

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP/, 'no crash in the log');
done_testing();
