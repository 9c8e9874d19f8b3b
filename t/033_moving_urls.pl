# URLs that lead elsewhere, do not last, or are never the same twice: a file is
# read to its end, in a bounded number of requests, and never spliced with another.
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
my $node = $imitation->cluster('moving');
prepare($imitation, $node);
$node->safe_psql('postgres', "ALTER DATABASE postgres SET statement_timeout = '10s'");

# Give the verdict on a job, and the requests that it took; one that does not end is none.
sub read_job
{
	my @result = eval { requests($imitation, $node, 'proof', $_[0]) };
	return @result ? @result : ($@ =~ /statement timeout/ ? 'it does not end' : $@, $imitation->ask('_log'));
}

# Show all requests in their order: server, status, Range.
sub all_of
{
	return [ map { join ' ', grep { defined } $_->{server}, $_->{status}, $_->{headers}{range} } @{ $_[0] } ];
}

# Count the requests to one of the servers.
sub count_of
{
	my ($log, $server) = @_;
	return scalar(grep { $_->{server} eq $server } @$log);
}

my $right = verdict($node, 'proof', 'proof.n-50');
like($right, qr/^rows 50 /, 'the file');

# A redirect to a URL that is signed for half a minute, answered slowly: it is followed, and no more
my ($verdict, $log) = read_job('proof.n-50.detour-1300');
is($verdict, $right, 'a redirected URL that expires soon: the rows');
is_deeply(all_of($log), [ 'api 200', 'files 302', 'files 200' ], '... the requests');
($verdict, $log) = read_job('proof.n-50.detour-1300.cut-1000');
is($verdict, $right, '... that breaks off: the rows');
is_deeply(all_of($log), [ 'api 200', 'files 302', 'files 200', 'files 206 bytes=1000-' ], '... the requests');

# One that is used up when the transfer breaks off: the redirect is asked for again, not the job
($verdict, $log) = read_job('proof.n-50.detour-0.cut-1000.ticket-1');
is($verdict, $right, 'a redirected URL that is used up: the rows');
is_deeply(all_of($log), [ 'api 200', 'files 302', 'files 200', 'files 403 bytes=1000-', 'files 302 bytes=1000-', 'files 206 bytes=1000-' ],
	'... the requests');
($verdict, $log) = read_job('proof.n-50.detour-0.ticket-0');
like($verdict, qr/^58P01 .*HTTP status 403/, 'one that is never good: an error');
is_deeply(all_of($log), [ ('api 200', 'files 302', 'files 403') x 2 ], '... once the job has told the same URL again');

# All changes of the URL of one file together are bounded
my $long = 'n-5000.w-1000';
my $whole = verdict($node, 'proof', "proof.$long");
is(verdict($node, 'proof', "proof.$long.detour-0.ticket-1.resets-8"), $whole, 'eight breaks of a redirected URL: the rows');
$node->safe_psql('postgres', "ALTER DATABASE postgres SET statement_timeout = '2min'");
($verdict, $log) = read_job("proof.$long.detour-0.ticket-1.resets-60");
is($verdict, '08006 results have moved more than 64 times', 'sixty of them: an error');
is(count_of($log, 'api'), 1, '... the job is asked for once');
$node->safe_psql('postgres', "ALTER DATABASE postgres SET statement_timeout = '10s'");

# Renewals are counted by file: jobs one after the other, parts of one job
my $ids = join(',', map { "'proof.n-50.cut-1000.ticket-1.seed-$_'" } 1 .. 8);
$imitation->ask('_reset');
is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT id) FROM proof WHERE id IN ($ids)"), '400|8', 'eight jobs with a renewal each');
is(count_of($imitation->ask('_log'), 'api'), 16, '... the job is asked for again once for each');
my $six = verdict($node, 'proof', 'proof.n-50.parts-6');
($verdict, $log) = read_job('proof.n-50.parts-6.cut-1000.ticket-1');
is($verdict, $six, 'six parts with a renewal each: the rows');
is(count_of($log, 'api'), 7, '... the job is asked for again six times');
($verdict, $log) = read_job('proof.n-50.parts-6.ticket-0');
like($verdict, qr/^58P01 .*HTTP status 403/, 'six parts whose URLs are never good: an error');
is(count_of($log, 'api'), 4, '... after three renewals');

# A token in the paths that is never the same: what was read is held against the new URL, from its first byte on
my $wander = 'proof.n-50.wander-1';
foreach my $store ('etag-strong', 'etag-none', 'range-no')
{
	($verdict, $log) = read_job("$wander.cut-1000.ticket-1.$store");
	my $range = $store eq 'etag-strong' || $store eq 'range-no' ? ' bytes=1000-' : '';
	is($verdict, $right, "a path of its own for each answer, $store: the rows");
	is_deeply(all_of($log), [ 'api 200', 'files 200', "files 403$range", 'api 200', 'files 200' ], '... the requests');
}
is(verdict($node, 'proof', "$wander.cut-1000.ticket-1.moves-1"), 'XX001 results file changed while it was read', '... and another file: an error');
is(verdict($node, 'proof', "$wander.parts-6.cut-1000.ticket-1.moves-1"), 'XX001 results file changed while it was read', '... or part');

# Before anything was read there is nothing to prove
foreach my $parts (1, 6)
{
	($verdict, $log) = read_job("$wander.parts-$parts.stale-2");
	is($verdict, $parts == 1 ? $right : $six, "refused before the first byte, parts $parts: the rows");
	is_deeply(all_of($log), [ ('api 200', 'files 403') x 2, 'api 200', ('files 200') x $parts ], '... the requests');
}

# Of a part that has not begun nothing proves that it is the one that the first answer meant
($verdict, $log) = read_job("$wander.parts-2.cut-1000.ticket-1");
is($verdict, 'XX001 the job names other results than before', 'a part that has not begun, after another was read: an error');
# ... but while its own URL is good it is read by that
is(verdict($node, 'proof', "$wander.parts-6.cut-1000"), $six, 'while the first URLs are good: the rows');

# A signature that ends soon is not worth reading a file again from its first byte
($verdict, $log) = read_job("$wander.sign-59.cut-1800.piece-1000.pause-700000");
is($verdict, $right, 'a signature that ends soon: the rows');
is(scalar(grep { ($_->{headers}{range} // '') eq 'bytes=1800-' } @$log), 1, '... goes on where it broke off');

# ---- Parallel plans
my $parallel = 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;';
$node->safe_psql('postgres', "ALTER FOREIGN TABLE strict OPTIONS (ADD rows '100000')");

# Read a job in parallel; give rows, distinct rows, and how often each part was asked for.
sub read_parallel
{
	my ($settings, $query) = @_;
	$imitation->ask('_reset');
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$parallel $settings; $query");
	my %parts;
	$parts{$_}++ foreach map { $_->{path} =~ m{/(\d+)$} } grep { $_->{server} eq 'files' } @{ $imitation->ask('_log') };
	return ($out . ($err =~ /(ERROR:  .*)/ ? $1 : ''), join(' ', map { "$_:$parts{$_}" } sort keys %parts));
}

my $pace = 'piece-2000.pause-20000';
foreach my $round (1 .. 3)
{
	my $job = "proof.n-50.parts-6.$pace.seed-$round";
	my $query = "SELECT count(*), count(DISTINCT n) FROM strict WHERE id = ";
	my ($rows, $asked) = read_parallel('', "$query '$job.wander-1'");
	is($rows, '300|300', "a parallel plan over paths that wander, $round: each row once");
	is($asked, '1:1 2:1 3:1 4:1 5:1 6:1', '... each part is asked for once');
	($rows) = read_parallel('', "SELECT count(*), count(DISTINCT (id, n)) FROM (SELECT id, n FROM strict WHERE id = '$job.wander-1.w-33'
		UNION ALL SELECT id, n FROM strict WHERE id = '$job.w-34' UNION ALL SELECT id, n FROM strict WHERE id = '$job.wander-1.w-35') AS t");
	is($rows, '900|900', "three scans of an append, $round: each row once");
	($rows) = read_parallel('SET parallel_leader_participation = off', "$query '$job.wander-1'");
	like($rows, qr/^ERROR:  XX001: the job names other results than before/, "without a leader that reads, $round: an error");
	($rows, $asked) = read_parallel('SET parallel_leader_participation = off', "$query 'proof.n-300.$pace.wander-1.seed-$round'");
	is("$rows $asked", '300|300 1:1', "a single file, without a leader that reads, $round: each row once");
}
like($node->safe_psql('postgres', "$parallel EXPLAIN (COSTS OFF) SELECT count(*) FROM strict WHERE id = 'x'"), qr/Parallel Foreign Scan/, 'they are parallel');

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
