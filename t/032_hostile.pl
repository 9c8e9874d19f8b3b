# A server that is broken or means harm: each scan ends by a limit, in bounded
# memory, with an error that says which.
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
my $node = $imitation->cluster('hostile');
prepare($imitation, $node);
$node->safe_psql(
	'postgres', q{
	ALTER SERVER strict OPTIONS (ADD stall_timeout '2s', ADD max_record_size '4MB');
	CREATE FOREIGN TABLE strict_job (id text OPTIONS (meta 'job_id'), status text)
		SERVER strict OPTIONS (resource 'jobs');
	CREATE FUNCTION peak_kb() RETURNS bigint LANGUAGE sql AS
	$$ SELECT (regexp_match(pg_read_file('/proc/self/status', 0, 4096), 'VmHWM:\s+(\d+)'))[1]::bigint $$;
});

# Where harm is done: the verdict that it must get
my %harm = (
	# heads
	'many-headers' => '08P01 .*the head of the answer is too long',
	'endless-1xx' => '08P01 .*the head of the answer is too long',
	'endless-line' => '08P01 .*the head of the answer is too long',
	'endless-trailer' => '08P01 .*the head of the answer is too long',
	'loris-head' => '08006 .*no answer in time',
	'endless-error' => '08006 .*HTTP status 500',
	'head-cut-200' => '08006 .*the transfer broke off',
	'head-cut-302' => '08006 .*the transfer broke off',
	'head-cut-404' => '08006 .*the transfer broke off',
	'head-cut-503' => '08006 .*the transfer broke off',
	# lengths and chunks
	'cl-short' => '08006 .*the transfer broke off',
	'cl-garbage' => '(?:08006|XX001) .*',
	'cl-negative' => '(?:08006|XX001) .*',
	'cl-two' => '(?:08006|XX001|22P02) .*',
	'cl-small' => '22P02 .*',
	'cl-mixed' => '(?:08006|XX001) .*',
	'cl-huge' => '(?:08006|XX001) .*',
	'te-identity' => 'XX001 results file is not provably complete',
	'te-identity-length' => 'XX001 results file is not provably complete',
	'te-chunked-identity' => '(?:08006|XX001) .*',
	'te-chunked-length' => 'rows 3 .*',
	'cl-twice' => 'rows 3 .*',
	'chunked-cut' => '08006 .*the transfer broke off',
	'chunk-garbage' => '08006 .*the transfer broke off',
	'chunk-huge' => '08006 .*the transfer broke off',
	'chunk-longer' => '08006 .*the transfer broke off',
	'endless-extension' => '08006 .*no answer in time',
	# bodies
	'endless-record' => '54000 .*longer than 4194304 bytes',
	'endless-array' => '54000 .*longer than 4194304 bytes',
	'endless-document' => '54000 .*longer than 4194304 bytes',
	'endless-blank' => '54000 .*longer than 4194304 bytes',
	'bomb-record' => '54000 .*longer than 4194304 bytes',
	'bomb-in-bomb' => '54000 .*longer than 4194304 bytes',
	'stall' => '08006 .*no answer in time',
	# a byte every 1.5 s, for ever
	'proof.n-5.piece-1.pause-1500000' => '08006 .*no answer in time');
foreach my $name (sort keys %harm)
{
	my ($verdict, $grown) = split /\|/, $node->safe_psql('postgres', qq{
		SET statement_timeout = '30s';
		SELECT peak_kb() AS before \\gset
		SELECT verdict('strict', '$name') AS verdict \\gset
		SELECT :'verdict', peak_kb() - :before});
	like($verdict, qr/^$harm{$name}/, "$name: the verdict");
	cmp_ok($grown, '<', 48 * 1024, "$name: memory grew by $grown kB");
}

# The API
foreach my $case ([ 'api-endless', '54000', 'longer than 4194304 bytes' ], [ 'api-loris', '08006', 'no answer in time' ],
	[ 'api-hang', '08006', 'no answer in time' ], [ 'api-stall', '08006', 'no answer in time' ],
	[ 'api-drop', '08006', 'the answer is empty' ], [ 'api-badjson', '22P02', 'invalid JSON' ])
{
	my ($name, $sqlstate, $words) = @$case;
	my ($code, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSET statement_timeout = '30s'; SELECT * FROM strict_job WHERE id = '$name'");
	like($err, qr/ERROR:  $sqlstate: .*$words/, "$name: the error");
}

# Listings without end
foreach my $account ([ 'endless', '54000', '100 empty pages in a row' ], [ 'loop', '08P01', 'the same cursor again' ])
{
	my ($name, $sqlstate, $words) = @$account;
	my ($code, $out, $err) = $node->psql('postgres', qq{\\set VERBOSITY verbose
		ALTER SERVER strict OPTIONS (SET base_url '$imitation->{api}/accounts/$name');
		SELECT count(*) FROM strict_job});
	like($err, qr/ERROR:  $sqlstate: the listing gives .*$words/, "a listing without end: $name");
}

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
