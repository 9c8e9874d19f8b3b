# A URL that is no longer good in the middle of a scan is renewed by asking for
# the job again, and the transfer goes on where it broke off.
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
my $node = $imitation->cluster('expiry');
prepare($imitation, $node);
my $right = verdict($node, 'proof', 'proof.n-50');

# Show all requests in their order: server, status, Range.
sub all_of
{
	return [ map { join ' ', grep { defined } $_->{server}, $_->{status}, $_->{headers}{range} } @{ $_[0] } ];
}

# A URL that is good for one transfer, which breaks off: whatever the status says
foreach my $code (400, 401, 403, 404, 410)
{
	my ($verdict, $log) = requests($imitation, $node, 'proof', "proof.n-50.cut-1000.ticket-1.code-$code");
	is($verdict, $right, "expired by $code: the same rows");
	is_deeply(all_of($log), [ 'api 200', 'files 200', "files $code bytes=1000-", 'api 200', 'files 206 bytes=1000-' ],
		"expired by $code: the requests");
}
foreach my $store ('range-no', 'etag-none', 'etag-weak')
{
	my ($verdict, $log) = requests($imitation, $node, 'proof', "proof.n-50.cut-1000.ticket-1.$store");
	my $range = $store eq 'range-no' ? ' bytes=1000-' : '';
	is($verdict, $right, "expired, $store: the same rows");
	is_deeply(all_of($log), [ 'api 200', 'files 200', "files 403$range", 'api 200', "files 200$range" ], "expired, $store: the requests");
}

# Three breaks, each with a URL that is used up, are three renewals
my ($verdict, $log) = requests($imitation, $node, 'proof', 'proof.n-50.cut-1000.times-3.ticket-1');
is($verdict, $right, 'three renewals: the same rows');
is(scalar(grep { $_->{server} eq 'api' } @$log), 4, 'three renewals: the job is asked for four times');

# URLs that are never good are renewed three times, with no pause
($verdict, $log) = requests($imitation, $node, 'proof', 'proof.n-50.ticket-0');
like($verdict, qr/^58P01 could not fetch "[^"?]+": HTTP status 403/, 'endless expiry: an error');
is_deeply(all_of($log), [ 'api 200', ('files 403', 'api 200') x 3, 'files 403' ], 'endless expiry: the requests');
($verdict, $log) = requests($imitation, $node, 'proof', 'proof.n-3000.w-1000.resets-4.ticket-1');
like($verdict, qr/^58P01 .*HTTP status 403/, 'endless expiry after breaks: an error');
is(scalar(grep { $_->{server} eq 'api' } @$log), 4, 'endless expiry after breaks: three renewals');

# Renewals count by the file, not by the session
is(verdict($node, 'proof', "proof.n-50.cut-1000.ticket-1.seed-$_"), $right, "the next scan may renew: $_") foreach (1 .. 4);

# After the renewal the job names another object: it is read, and found to be none of this file
($verdict, $log) = requests($imitation, $node, 'proof', 'proof.n-50.cut-1000.ticket-1.moves-1');
is($verdict, 'XX001 results file changed while it was read', 'another object after a renewal');
is_deeply(all_of($log), [ 'api 200', 'files 200', 'files 403 bytes=1000-', 'api 200', 'files 200' ], 'another object: the requests');

# After the renewal the same object is another file
foreach my $then ('other', '412', 'newetag')
{
	is(verdict($node, 'proof', "proof.n-50.cut-1000.ticket-1.then-$then"),
		'XX001 results file changed while it was read', "another file after a renewal: $then");
}

# Parts that are open side by side and expire together: one renewal serves all
my $side = 'n-200.w-500.parts-4';
my $many = verdict($node, 'proof', "proof.$side");
like($many, qr/^rows 800 /, 'four parts');
($verdict, $log) = requests($imitation, $node, 'proof', "proof.$side.gather-4.cut-90000.ticket-1");
is($verdict, $many, 'four parts that expire together: the same rows');
is(scalar(grep { $_->{server} eq 'api' } @$log), 2, 'four parts that expire together: one renewal');
is(scalar(grep { $_->{server} eq 'files' && $_->{status} == 206 } @$log), 4, 'four parts that expire together: each goes on');

# A signature that ends within a minute is renewed before another request, not
# within a second of the last time, and never where it lasts
my $pace = 'piece-1000.pause-1200000';
($verdict, $log) = requests($imitation, $node, 'proof', "proof.n-50.parts-2.$pace.gather-1.sign-59.cut-1800");
like($verdict, qr/^rows 100 /, 'a signature that ends soon: all rows');
my @tickets = map { $_->{query} =~ /ticket=(\d+)/ } grep { $_->{server} eq 'files' } @$log;
ok($tickets[-1] > 1, "a signature that ends soon: renewed before the last request: @tickets");
is_deeply([ grep { $_->{status} !~ /^20/ } @$log ], [], 'a signature that ends soon: none was refused');
($verdict, $log) = requests($imitation, $node, 'proof', "proof.n-50.parts-2.$pace.gather-1.sign-3600.cut-1800");
is(scalar(grep { $_->{server} eq 'api' } @$log), 1, 'a signature that lasts: the job is asked for once');

# Signatures of one second, a store that checks them, breaks later than that
($verdict, $log) = requests($imitation, $node, 'proof', 'proof.n-50.sign-1.cut-2000.times-3.piece-200.pause-150000');
is($verdict, $right, 'signatures of one second: the same rows');
cmp_ok(scalar(grep { $_->{server} eq 'api' } @$log), '>', 1, 'signatures of one second: the job was asked for again');

# A cursor that is held open while the URL expires
my $large = 'n-3000.w-1000';
my $out = $node->safe_psql(
	'postgres', qq{
	BEGIN;
	DECLARE c CURSOR FOR SELECT n FROM proof WHERE id = 'proof.$large.resets-3.seed-3.ticket-1';
	FETCH 1 FROM c;
	SELECT pg_sleep(1);
	MOVE 2997 IN c;
	FETCH 5 FROM c;
	COMMIT;
});
is($out =~ s/\n+/ /gr, '1 2999 3000', 'a cursor over URLs that expire');

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
