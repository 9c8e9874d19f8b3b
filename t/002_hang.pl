# A scan ends at once while the network itself hangs: connections, TLS and DNS;
# and wherever it waits when the postmaster dies.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Proof;
use Test::More;
use Time::HiRes qw(time usleep);

use constant PROMPT => 2;    # seconds, on a busy machine

my $shim = "$PostgreSQL::Test::Utils::tmp_check/slow_dns.so";
system('gcc', '-shared', '-fPIC', '-o', $shim, "$FindBin::RealBin/shim/slow_dns.c", '-ldl') == 0
  or die 'could not compile the shim';

my $imitation = Imitation->new;
my $node = do { local $ENV{LD_PRELOAD} = $shim; $imitation->cluster('hang') };

# A port that accepts nothing: its queue is full.
my $full = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
my @fillers = map {
	IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $full->sockport, Blocking => 0)
} 1 .. 8;
usleep(100_000);

# A port that accepts and says nothing.
my $mute = IO::Socket::INET->new(Listen => 1024, LocalAddr => '127.0.0.1') or die $!;

# Make a server whose jobs are at a URL, and a table on it.
sub make_server
{
	my ($name, $url, $more) = @_;
	$node->safe_psql(
		'postgres', qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', list_url '/jobs',
			base_url '$url', allow_private_hosts 'true', max_retries '0' $more);
		CREATE FOREIGN TABLE $name (id text) SERVER $name OPTIONS (resource 'jobs');
	});
}

# Tell whether a process runs; one that nobody has waited for does not.
sub is_running
{
	my ($pid) = @_;

	open(my $stat, '<', "/proc/$pid/stat") or return 0;
	return <$stat> !~ /^\d+ \(.*\) Z/;
}

make_server('dns', 'https://api.slow.invalid', '');
make_server('unaccepted', 'http://127.0.0.1:' . $full->sockport, ", connect_timeout '30s'");
make_server('tls', 'https://127.0.0.1:' . $mute->sockport, ", connect_timeout '30s'");
make_server('short_unaccepted', 'http://127.0.0.1:' . $full->sockport, ", connect_timeout '300ms'");
make_server('short_dns', 'https://api.slow.invalid', ", connect_timeout '300ms'");

prepare_ends($node);
my $times = few(1, 100);
foreach my $table ('dns', 'unaccepted', 'tls')
{
	my $start = time;
	my ($code, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY sqlstate\nSET statement_timeout = 300;\nSELECT * FROM $table");
	my $took = time - $start;

	like($err, qr/57014/, "timeout while $table hangs: SQLSTATE");
	cmp_ok($took, '<', 0.3 + PROMPT, "timeout while $table hangs: after $took s");

	foreach my $how ('pg_cancel_backend', 'pg_terminate_backend')
	{
		my @took = sort { $a <=> $b } map { end_backend($node, $how, "SELECT * FROM $table") } 1 .. $times;
		cmp_ok($took[-1], '<', PROMPT * 1000, sprintf '%s while %s hangs, %d times: median %.1f ms, longest %.1f ms',
			$how, $table, $times, $took[ @took / 2 ], $took[-1]);
	}
}

# The time for a connection ends both, with 08006 and in its time
foreach my $table ('short_unaccepted', 'short_dns')
{
	my $start = time;
	my ($code, $out, $err) =
	  $node->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT * FROM $table");
	my $took = time - $start;

	like($err, qr/08006/, "connect_timeout while $table hangs: SQLSTATE");
	cmp_ok($took, '<', 0.3 + PROMPT, "connect_timeout while $table hangs: after $took s");
}

# kill -9 of the postmaster ends a backend wherever it waits
my %phases = (phases(), 'DNS' => 'SELECT * FROM dns', 'a connection' => 'SELECT * FROM unaccepted');
foreach my $phase (sort keys %phases)
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->query_until(qr/started/, "\\echo started\n$phases{$phase};\n");
	usleep(300_000);
	$node->kill9;
	my $start = time;
	usleep(20_000) while is_running($pid) && time - $start < 20;
	my $took = time - $start;
	cmp_ok($took, '<', PROMPT, "a backend ends with its postmaster in $phase: after $took s");
	eval { $session->quit };
	# the postmaster may not have been waited for
	unlink $node->data_dir . '/postmaster.pid', $node->host . '/.s.PGSQL.' . $node->port . '.lock';
	$node->start;
}

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|double free|corruption/, 'no crash in the log');
done_testing();
