# However a results file is damaged, cut into members or into pieces: its exact
# rows, or an error.
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
my $node = $imitation->cluster('damage');
prepare($imitation, $node);
srand(21);
diag($node->safe_psql('postgres', 'SELECT batch_fdw_version()'));

# Hold the verdicts on some jobs to the one that is right.
sub all_right
{
	my ($name, $right, @jobs) = @_;
	my $verdicts = verdicts($node, 'strict', @jobs);
	is_deeply(tally($right, values %$verdicts), { right => scalar(@jobs) }, $name);
	return;
}

# Give the size of the last results file, and the verdict on it.
sub measure
{
	my ($right, $log) = requests($imitation, $node, 'strict', $_[0]);
	return ($right, map { $_->{sent} } grep { $_->{server} eq 'files' } @$log);
}

# Single bits flipped anywhere: in a head some do not matter (its time, its
# system), the first byte's make it no gzip and no JSON, each is XX001 there and everywhere else.
foreach my $shape ('n-50', 'n-50.members-5', 'n-5.w-5')
{
	my ($right, $size) = measure("proof.$shape");
	my @jobs = map { "proof.$shape.flip-" . int(rand($size * 8)) . ".seed-$_" } 1 .. few(400, 3334);
	my $verdicts = verdicts($node, 'strict', @jobs);
	my $counts = tally($right, values %$verdicts);
	is($counts->{wrong} // 0, 0, "flipped bits give no other rows: $shape");
	my @other = grep { $verdicts->{$_} !~ /^XX001 |^rows / } @jobs;
	is_deeply(\@other, [], "flipped bits are XX001: $shape");
	cmp_ok($counts->{XX001}, '>', @jobs / 2, "flipped bits of $shape: $counts->{XX001} errors, " . ($counts->{right} // 0) . ' without effect');
}

# Every bit of the head and of the trailer of a small file
my ($right, $size) = measure('proof.n-1.w-1');
my @bits = (0 .. 79, ($size - 8) * 8 .. $size * 8 - 1);
my $verdicts = verdicts($node, 'strict', map { "proof.n-1.w-1.flip-$_" } @bits);
my %free = map { $_ => 1 } (24, 32 .. 79);    # FTEXT, MTIME, XFL, OS: nobody looks at them
foreach my $bit (@bits)
{
	my $expected = $free{$bit} ? qr/^\Q$right\E$/ : qr/^XX001 /;
	like($verdicts->{"proof.n-1.w-1.flip-$bit"}, $expected, "bit $bit flipped");
}

# Any number of members, with empty ones around each
($right) = measure('proof.n-300');
all_right('many members', $right, map { ("proof.n-300.members-$_", "proof.n-300.empty-1.members-$_") }
	  1 .. few(40, 200), (map { 200 + 49 * $_ } 1 .. few(0, 199)), 9999, 10_000);

# A boundary of members at every offset of a buffer: the first is empty, and as
# long as that
($right) = measure('proof.n-3');
my $step = few(661, 1);
all_right('members that end anywhere', $right,
	map { "proof.n-3.members-2.pad-$_" } map { 31 + $_ * $step } 0 .. int((65_536 - 31) / $step));
all_right('members that end near the end of a buffer', $right,
	map { "proof.n-3.members-2.pad-$_" } 31 .. 60, 65_530 .. 65_542, 262_140 .. 262_148);

# The same of zstd, where the build reads it
my $has_zstd = $node->safe_psql('postgres', 'SELECT batch_fdw_version()') =~ /, zstd /;
SKIP:
{
	skip 'this build reads no zstd', 1 unless $has_zstd;
	foreach my $shape ('n-50.kind-zstd', 'n-50.kind-zstd.members-5')
	{
		my ($right, $size) = measure("proof.$shape");
		my @jobs = map { "proof.$shape.flip-" . int(rand($size * 8)) . ".seed-$_" } 1 .. few(200, 3334);
		my $counts = tally($right, values %{ verdicts($node, 'strict', @jobs) });
		is(($counts->{right} // 0) + ($counts->{XX001} // 0) + ($counts->{54000} // 0), scalar(@jobs),
			"flipped bits of $shape: $counts->{XX001} errors, " . ($counts->{right} // 0) . ' without effect');
	}
	($right) = measure('proof.n-300.kind-zstd');
	all_right('many frames', $right, map { ("proof.n-300.kind-zstd.members-$_", "proof.n-300.kind-zstd.empty-1.members-$_") }
		  1 .. few(20, 200), 9999);
	($right) = measure('proof.n-3.kind-zstd');
	all_right('frames that begin near the end of a buffer', $right,
		map { "proof.n-3.kind-zstd.members-2.pad-$_" } 8 .. 20, 65_530 .. 65_542, 262_140 .. 262_148);
}

# Writes of every size, and of any
foreach my $kind ('gzip', 'plain', 'array', $has_zstd ? 'zstd' : ())
{
	($right) = measure("proof.n-8.kind-$kind");
	all_right("$kind in writes of 1 to 64 bytes", $right, map { "proof.n-8.kind-$kind.pause-50.piece-$_" } 1 .. 64);
	all_right("$kind in any writes", $right, map { "proof.n-8.kind-$kind.pause-100.piece--1.seed-$_" } 1 .. few(30, 170));
}

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
