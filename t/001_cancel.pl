# A scan ends at once wherever it waits, and one broken off leaves nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Proof;
use Test::More;
use Time::HiRes qw(time);

# What a cancel may take on a busy machine, beyond the 100 ms of an idle one.
use constant PROMPT => 2;

my $imitation = Imitation->new;
my $node = $imitation->cluster('cancel');

my %phases = phases();
my $times = few(1, 100);
prepare_ends($node);

# statement_timeout: the SQLSTATE, and how long it took
foreach my $phase (sort keys %phases)
{
	my $start = time;
	my ($code, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY sqlstate\nSET statement_timeout = 300;\n$phases{$phase}");
	my $took = time - $start;

	like($err, qr/57014/, "timeout in $phase: SQLSTATE");
	cmp_ok($took, '<', 0.3 + PROMPT, "timeout in $phase: after $took s");
}

# pg_cancel_backend and pg_terminate_backend from another session
foreach my $how ('pg_cancel_backend', 'pg_terminate_backend')
{
	foreach my $phase (sort keys %phases)
	{
		my @took = sort { $a <=> $b } map { end_backend($node, $how, $phases{$phase}) } 1 .. $times;
		cmp_ok($took[-1], '<', PROMPT * 1000, sprintf '%s in %s, %d times: median %.1f ms, longest %.1f ms',
			$how, $phase, $times, $took[ @took / 2 ], $took[-1]);
	}
}

# Scans broken off by LIMIT, closed cursors and errors in subtransactions: file
# descriptors and memory stay as they were.
my $rounds = few(250, 2500);
my $leaks = $node->safe_psql(
	'postgres', q{
	CREATE FUNCTION descriptors() RETURNS bigint LANGUAGE sql AS
	$$ SELECT count(*) FROM pg_ls_dir('/proc/' || pg_backend_pid() || '/fd') $$;
	CREATE FUNCTION anonymous_kb() RETURNS bigint LANGUAGE sql AS
	$$ SELECT (regexp_match(pg_read_file('/proc/self/status', 0, 4096), 'RssAnon:\s+(\d+)'))[1]::bigint $$;
	CREATE FUNCTION break_off(n int) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		c refcursor;
		dummy record;
	BEGIN
		FOR i IN 1..n LOOP
			BEGIN
				PERFORM 1 / (line - 2) FROM results WHERE id = 'big-300';
			EXCEPTION WHEN division_by_zero THEN NULL;
			END;
			PERFORM * FROM results WHERE id = 'big-300' LIMIT 1;
			OPEN c FOR SELECT * FROM results WHERE id = 'big-300';
			FETCH c INTO dummy;
			CLOSE c;
			BEGIN
				PERFORM * FROM results WHERE id = 'truncated';
			EXCEPTION WHEN data_corrupted THEN NULL;
			END;
		END LOOP;
	END $$;
	SELECT break_off(5);
	SELECT descriptors() AS before_fds, anonymous_kb() AS before_kb \gset
} . "SELECT break_off($rounds);" . q{
	SELECT descriptors() - :before_fds, anonymous_kb() - :before_kb;
});
my ($fds, $kb) = (split /\n/, $leaks)[-1] =~ /^(-?\d+)\|(-?\d+)$/;
is($fds, 0, 4 * $rounds . ' broken-off scans leave no file descriptor');
cmp_ok($kb, '<', 2048, 4 * $rounds . " broken-off scans leave no memory: $kb kB");

# LIMIT reads no more of a file than it must
my $plan = $node->safe_psql('postgres',
	"EXPLAIN (ANALYZE, COSTS OFF) SELECT * FROM results WHERE id = 'big-20000' LIMIT 5");
my ($received) = $plan =~ /Bytes Received: (\d+)/;
cmp_ok($received, '<', 2_000_000, "LIMIT 5 of a large file reads $received bytes");

# The server lived through all of it, and said what ended each scan
$node->stop;
my $log = slurp_file($node->logfile);
unlike($log, qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
is(scalar(() = $log =~ /canceling statement due to user request/g),
	$times * keys %phases, 'every cancel was reported as one');
is(scalar(() = $log =~ /terminating connection due to administrator command/g),
	$times * keys %phases, 'every termination was reported as one');
done_testing();
