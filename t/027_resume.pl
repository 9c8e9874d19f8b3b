# A broken transfer of results goes on where it broke off, or is an error: never
# a short result, never another file's bytes.
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
my $node = $imitation->cluster('resume');
prepare($imitation, $node);
srand(20);

my ($right, $log) = requests($imitation, $node, 'proof', 'proof.n-50');
like($right, qr/^rows 50 /, 'an unbroken read');
is_deeply(of_files($log), ['200'], 'an unbroken read is one request');
my ($size) = map { $_->{sent} } grep { $_->{server} eq 'files' } @$log;

# How a transfer resumes: the requests after one that broke off at byte 100
my %ways = (
	'etag-strong.range-yes' => [ '200', qr/^206 bytes=\d+- "[0-9a-f]{32}"$/ ],
	'etag-strong.range-no' => [ '200', qr/^200 bytes=\d+- "[0-9a-f]{32}"$/ ],
	'etag-weak.range-yes' => [ '200', qr/^200$/ ],
	'etag-none.range-yes' => [ '200', qr/^200$/ ]);
foreach my $way (sort keys %ways)
{
	foreach my $frame ('whole', 'reset', 'unended')
	{
		my ($verdict, $log) = requests($imitation, $node, 'proof', "proof.n-50.cut-1000.frame-$frame.$way");
		my $files = of_files($log);
		is($verdict, $right, "$way, $frame: the same rows");
		is(scalar(@$files), 2, "$way, $frame: two requests");
		like($files->[1], $ways{$way}[1], "$way, $frame: the second one");
		like($files->[1], qr/bytes=1000- /, "$way, $frame: its offset") if $way =~ /strong/;
	}
}

# One that never goes on is an error, after all tries
my ($verdict, $requests) = requests($imitation, $node, 'brief', 'proof.n-50.cut-1000.times-99');
like($verdict, qr/^08006 could not fetch "[^"]+": the transfer broke off$/, 'broken for ever: an error');
is_deeply(of_files($requests)->[3], of_files($requests)->[1], 'broken for ever: the same request again');
is(scalar(@{ of_files($requests) }), 4, 'broken for ever: all tries');

# In the middle of a file an outage lasts for retry_timeout, however few the tries
foreach my $way ('range-yes', 'range-no', 'etag-none')
{
	my ($verdict, $log) = requests($imitation, $node, 'patient', "proof.n-50.cut-1000.times-4.$way");
	is($verdict, $right, "an outage, $way: the same rows");
	is(scalar(@{ of_files($log) }), 5, "an outage, $way: as many requests as it takes");
}

# so it does where the job is asked for another URL meanwhile
($verdict, $requests) = requests($imitation, $node, 'patient', 'proof.n-50.cut-1000.ticket-1.busy-3');
is($verdict, $right, 'an outage of the API, for a file that has begun: the same rows');
is_deeply([ map { "$_->{server} $_->{status}" } @$requests ],
	[ 'api 200', 'files 200', 'files 403', ('api 503') x 3, 'api 200', 'files 206' ],
	'an outage of the API, for a file that has begun: the requests');

# of a file that has not begun, and of any where max_retries is 0, it does not
($verdict, $requests) = requests($imitation, $node, 'patient', 'retry-9-500');
like($verdict, qr/^08006 /, 'an outage at the beginning: an error');
is(scalar(@{ of_files($requests) }), 2, 'an outage at the beginning: max_retries');
($verdict, $requests) = requests($imitation, $node, 'patient', 'proof.n-50.ticket-0.busy-3');
like($verdict, qr/^08006 /, 'an outage of the API at the beginning: an error');
is(scalar(grep { $_->{server} eq 'api' } @$requests), 3, 'an outage of the API at the beginning: max_retries');
($verdict, $requests) = requests($imitation, $node, 'strict', 'proof.n-50.cut-1000');
is(scalar(@{ of_files($requests) }), 1, 'max_retries 0: no request again');

# The error tells how it was tried
$node->safe_psql('postgres', "ALTER SERVER patient OPTIONS (SET retry_timeout '1s')");
$imitation->ask('_reset');
my (undef, undef, $failure) = $node->psql('postgres', "SELECT count(*) FROM patient WHERE id = 'proof.n-50.cut-1000.times-99'");
my $tries = @{ of_files($imitation->ask('_log')) };
like($failure, qr/\nCONTEXT:  host "127\.0\.0\.1": $tries tries in \d+ s, 1000 of $size bytes\njob "proof[^"]*", part 1$/,
	'an outage that is too long: tries, time, bytes and host');

# Eight ways in which a file is no longer the one that was begun, for a gzip and
# for plain text, which proves nothing by itself
my %changes = (
	412 => 'The results host says so.',
	416 => 'The results host says so.',
	other => 'no longer the same',
	newetag => 'Its ETag is another.',
	wrongstart => 'another part of it',
	norange => 'another part of it',
	shorter => 'Its length is another.',
	longer => 'Its length is another.',
	star => 'another part of it');
foreach my $kind ('gzip', 'plain')
{
	my $good = verdict($node, 'proof', "proof.n-50.kind-$kind");
	foreach my $change (sort keys %changes)
	{
		my $detail = $changes{$change};
		$imitation->ask('_reset');
		my ($code, $out, $err) = $node->psql('postgres',
			"\\set VERBOSITY verbose\nSELECT count(*) FROM proof WHERE id = 'proof.n-50.kind-$kind.cut-1000.then-$change'");
		like($err, qr/ERROR:  XX001: results file changed while it was read\nDETAIL:  .*\Q$detail\E/, "$kind, then $change: an error");
		is(scalar(@{ of_files($imitation->ask('_log')) }), 2, "$kind, then $change: not tried again");
	}
	is(verdict($node, 'proof', "proof.n-50.kind-$kind.cut-1000.then-part"), $good, "$kind, then part: heals");
	is(verdict($node, 'proof', "proof.n-50.kind-$kind.cut-1000.etag-$_.then-other"),
		'XX001 results file changed while it was read', "$kind, ETag $_, then other: an error") foreach ('weak', 'none');
	# the second file breaks off while it is read again: its ETag proves nothing
	is(verdict($node, 'proof', "proof.n-50.kind-$kind.cut-1000.times-2.then-splice"),
		'XX001 results file changed while it was read', "$kind: a second file is never spliced");

	# the same file breaks off while it is read again, then ranges work
	my ($verdict, $log) = requests($imitation, $node, 'proof', "proof.n-50.kind-$kind.cut-1000.times-2.then-flaky");
	is($verdict, $good, "$kind: broken off while it was read again: heals");
	is(scalar(@{ of_files($log) }), 3, "$kind: broken off while it was read again: three requests");
}

# So it is with zstd, where the build reads it
my $has_zstd = $node->safe_psql('postgres', 'SELECT batch_fdw_version()') =~ /, zstd /;
SKIP:
{
	skip 'this build reads no zstd', 1 unless $has_zstd;
	my ($good, $log) = requests($imitation, $node, 'proof', 'proof.n-200.kind-zstd.members-3');
	like($good, qr/^rows 200 /, 'zstd: an unbroken read');
	my ($whole) = map { $_->{sent} } grep { $_->{server} eq 'files' } @$log;
	my @jobs = map { sprintf 'proof.n-200.kind-zstd.members-3.cut-%d.frame-%s.%s.seed-%d', 1 + int(rand($whole - 1)),
		  ('whole', 'reset', 'unended')[ $_ % 3 ], ('range-yes', 'range-no', 'etag-none')[ $_ / 3 % 3 ], $_ } 1 .. few(60, 5000);
	is_deeply(tally($good, values %{ verdicts($node, 'proof', @jobs) }), { right => scalar(@jobs) }, 'zstd: cuts that show heal');
	@jobs = map { "proof.n-50.kind-zstd.cut-$_.frame-half" } 1 .. few(20, 1000);
	is_deeply(tally('', values %{ verdicts($node, 'proof', @jobs) }), { XX001 => scalar(@jobs) }, 'zstd: cuts that do not show are errors');
}

# The end was given, but not proven: nothing is left to ask for
foreach my $kind ('gzip', 'plain', $has_zstd ? 'zstd' : ())
{
	my $good = verdict($node, 'proof', "proof.n-50.kind-$kind");
	my ($whole) = map { $_->{sent} } (grep { $_->{server} eq 'files' } @{ $imitation->ask('_log') })[-1];
	foreach my $way ('range-yes', 'range-no', 'etag-none')
	{
		is(verdict($node, 'proof', "proof.n-50.kind-$kind.cut-$whole.frame-unended.$way"),
			$good, "$kind, $way: broken behind the last byte");
	}
}

# Cuts anywhere, in every framing and with every kind of store.  Where the length
# or the chunks show the cut, it heals; where they hide it, the gzip shows it.
my @frames = ('whole', 'reset', 'unended', 'half', 'ended', 'close');
my @stores = ('etag-strong.range-yes', 'etag-strong.range-no', 'etag-weak.range-no', 'etag-none.range-yes');
my (%healing, %hidden);
foreach my $i (1 .. few(300, 10_000))
{
	my $frame = $frames[ $i % @frames ];
	my $job = sprintf 'proof.n-50.cut-%d.frame-%s.%s.seed-%d', 1 + int(rand($size - 1)), $frame,
	  $stores[ int($i / @frames) % @stores ], $i;
	($frame =~ /whole|reset|unended/ ? \%healing : \%hidden)->{$job} = 1;
}
my $healed = verdicts($node, 'proof', sort keys %healing);
is_deeply(tally($right, values %$healed), { right => scalar(keys %healing) }, 'cuts that show heal');
my $told = verdicts($node, 'proof', sort keys %hidden);
is_deeply(tally($right, values %$told), { XX001 => scalar(keys %hidden) }, 'cuts that do not show are errors');
my $strict = verdicts($node, 'strict', map { "$_.n-50" } (sort keys %healing)[ 0 .. few(49, 999) ]);
is_deeply(tally($right, values %$strict), { '08006' => few(50, 1000) }, 'without another try they are errors');

# Many resets of a larger file
my $large = 'n-3000.w-1000';
$right = verdict($node, 'proof', "proof.$large");
like($right, qr/^rows 3000 /, 'an unbroken read of a larger file');
$imitation->ask('_reset');
foreach my $store ('frame-reset', 'frame-whole', 'frame-reset.range-no')
{
	my @jobs = map { sprintf 'proof.%s.resets-%d.seed-%d.%s', $large, 1 + int(rand(20)), $_, $store }
	  1 .. ($store =~ /range/ ? few(4, 100) : few(6, 450));
	$imitation->ask('_reset');
	my $runs = verdicts($node, 'proof', @jobs);
	is_deeply(tally($right, values %$runs), { right => scalar(@jobs) }, "many resets: the same rows: $store");

	my %files;
	push @{ $files{ $_->{path} } }, $_ foreach grep { $_->{server} eq 'files' } @{ $imitation->ask('_log') };
	my @again = map { @$_[ 1 .. $#$_ ] } values %files;
	my $asked = grep { ($_->{headers}{range} // '') =~ /^bytes=[1-9]\d*-$/
		  && ($_->{headers}{'if-match'} // '') =~ /^"[0-9a-f]{32}"$/ } @again;
	cmp_ok(scalar(@again), '>=', scalar(@jobs), "many resets: " . @again . " requests again: $store");
	is($asked, scalar(@again), "many resets: each by Range and If-Match: $store");
	is_deeply([ grep { $_->{status} != ($store =~ /range/ ? 200 : 206) } @again ], [], "many resets: statuses: $store");
}

# A cursor that is held open while the connection breaks goes on
my $out = $node->safe_psql(
	'postgres', qq{
	BEGIN;
	DECLARE c CURSOR FOR SELECT n FROM proof WHERE id = 'proof.$large.resets-5.seed-3';
	FETCH 1 FROM c;
	SELECT pg_sleep(1);
	MOVE 1500 IN c;
	SELECT pg_sleep(1);
	FETCH 1 FROM c;
	MOVE 1497 IN c;
	FETCH 2 FROM c;
	COMMIT;
});
is($out =~ s/\n+/ /gr, '1 1502 3000', 'a cursor over breaks gives each row once');

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
