# Parts are read side by side where that is faster, each record exactly once.
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
my $node = $imitation->cluster('parts');
prepare($imitation, $node);

# Show how often each part was asked for, and over how many connections.
sub part_requests
{
	my ($log) = @_;
	my (%parts, %connections);
	foreach my $request (grep { $_->{server} eq 'files' } @$log)
	{
		$parts{ ($request->{path} =~ /(\d+)$/)[0] }++;
		$connections{ $request->{connection} } = 1;
	}
	return (\%parts, scalar(keys %connections));
}

# Parts that are there at once are read one after the other, on one connection
my ($verdict, $log) = requests($imitation, $node, 'strict', 'proof.n-20.parts-9');
my ($parts, $connections) = part_requests($log);
like($verdict, qr/^rows 180 /, 'small parts: all rows');
is_deeply($parts, { map { $_ => 1 } 1 .. 9 }, 'small parts: each is asked for once');
is($connections, 1, 'small parts: one connection suffices');
is(scalar(grep { $_->{server} eq 'api' } @$log), 1, 'small parts: one request of the API');

# The rows are those of the parts, each numbered from line 1
my $rows = $node->safe_psql('postgres',
	q{SELECT count(*), count(DISTINCT n), bool_and(n = (part - 1) * 20 + line) FROM proof WHERE id = 'proof.n-20.parts-9'});
is($rows, '180|180|t', 'each row of each part once, in its place');

# Parts that go on only when so many are under way: max_connections are, and no more
my $slow = 'n-200.w-500.parts-6';
my $right = verdict($node, 'strict', "proof.$slow");
like($right, qr/^rows 1200 /, 'larger parts');
foreach my $most (1, 2, 4, 6)
{
	$node->safe_psql('postgres', "ALTER SERVER strict OPTIONS (ADD max_connections '$most', ADD stall_timeout '3s')");
	($verdict, $log) = requests($imitation, $node, 'strict', "proof.$slow.gather-$most.seed-$most");
	($parts, $connections) = part_requests($log);
	is($verdict, $right, "max_connections $most: as many parts go side by side, all rows");
	is_deeply($parts, { map { $_ => 1 } 1 .. 6 }, "max_connections $most: each is asked for once");
	is($connections, $most, "max_connections $most: as many connections");
	if ($most < 6)
	{
		my $more = $most + 1;
		($verdict, $log) = requests($imitation, $node, 'strict', "proof.$slow.gather-$more.seed-$most");
		($parts) = part_requests($log);
		like($verdict, qr/^08006 .*no answer in time/, "max_connections $most: never one more");
		is_deeply($parts, { map { $_ => 1 } 1 .. $most }, "max_connections $most: nor a request for it");
	}
	$node->safe_psql('postgres', 'ALTER SERVER strict OPTIONS (DROP max_connections, DROP stall_timeout)');
}

# A store that is slow on each connection
my $capped = "proof.$slow.piece-20000.pause-50000";
($verdict, $log) = requests($imitation, $node, 'strict', $capped);
($parts, $connections) = part_requests($log);
is($verdict, $right, 'slow connections: all rows');
is_deeply($parts, { map { $_ => 1 } 1 .. 6 }, 'slow connections: each part is asked for once');
is($connections, 4, 'slow connections: four of them');
is($node->safe_psql('postgres', "SELECT count(*), bool_and(n = (part - 1) * 200 + line) FROM strict WHERE id = '$capped.seed-2'"),
	'1200|t', 'slow connections: each row in its place');

# Parts that break off side by side, each on its own
foreach my $store ('range-yes', 'range-no')
{
	($verdict, $log) = requests($imitation, $node, 'proof', "proof.$slow.gather-4.cut-90000.$store");
	($parts) = part_requests($log);
	is($verdict, $right, "parts that break off, $store: all rows");
	is_deeply($parts, { map { $_ => 2 } 1 .. 6 }, "parts that break off, $store: each goes on once");
}

# An error in one part is one of the scan, whichever it is
foreach my $bad (1 .. 6)
{
	my ($code, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSELECT count(*) FROM strict WHERE id = 'proof.$slow.gather-4.bad-$bad'");
	like($err, qr/ERROR:  XX001: results file is corrupt.*CONTEXT:  job "[^"]+", part $bad\b/s, "part $bad is damaged: an error");
}

# LIMIT stops: no further part is asked for, and no count is held against it
$imitation->ask('_reset');
is($node->safe_psql('postgres', "SELECT count(*) FROM (SELECT 1 FROM strict WHERE id = 'proof.n-20.parts-9.count-7' LIMIT 25) AS t"),
	'25', 'LIMIT within the second part');
($parts) = part_requests($imitation->ask('_log'));
is_deeply($parts, { 1 => 1, 2 => 1 }, 'LIMIT: two parts were asked for');

# The count that the job tells is held against all parts together, at the end
is(verdict($node, 'strict', 'proof.n-20.parts-9.count-179'),
	'XX001 job "proof.n-20.parts-9.count-179" tells of 179 results, but 180 were read', 'the count of all parts');
like(verdict($node, 'strict', 'proof.n-20.parts-9.count-180'), qr/^rows 180 /, 'the true count of all parts');
foreach my $limit (1, 20, 179, 180)
{
	is($node->safe_psql('postgres',
			"SELECT count(*) FROM (SELECT 1 FROM strict WHERE id = 'proof.n-20.parts-9.count-500' LIMIT $limit) AS t"),
		$limit, "the count is no matter under LIMIT $limit");
}
is($node->safe_psql('postgres', qq{
	BEGIN;
	DECLARE c CURSOR FOR SELECT n FROM strict WHERE id = 'proof.n-20.parts-9.count-500';
	MOVE 180 IN c;
	CLOSE c;
	COMMIT}), '', 'nor for a cursor that is closed before the end');

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
