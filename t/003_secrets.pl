# Neither a key nor a signature is in anything that comes out.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('secrets');
$node->append_conf(
	'postgresql.conf', q{
log_min_messages = debug5
log_error_verbosity = verbose
debug_print_plan = on
});
$node->reload;

my @faults = (
	map({ "job WHERE id = 'api-$_'" }
		qw(400 401 402 403 404 410 422 500 html badjson redirect hang stall drop retry-9-503 422-shape1 422-shape4)),
	map({ "results WHERE id = '$_'" }
		qw(truncated cut badcrc stall redirect redirect-relative redirect-loop redirect-api redirect-private
		  html s3-200 expired missing gone cl-short chunked-cut close-framed many-headers bad-line bad-value utf8
		  no-url bad-url-ftp bad-url-userinfo bad-url-private not-done slowdown small))
);
my $output = '';
my $offset = -s $node->logfile;

$node->safe_psql('postgres',
	"ALTER SERVER crustdata OPTIONS (ADD max_retries '0', ADD stall_timeout '300ms')");
foreach my $fault (@faults)
{
	my ($code, $out, $err) = $node->psql(
		'postgres', qq{
		\\set VERBOSITY verbose
		SET client_min_messages = debug5;
		EXPLAIN (VERBOSE) SELECT * FROM $fault;
		EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM $fault;
	}, on_error_stop => 0);
	$output .= "$out\n$err\n";
}
$output .= slurp_file($node->logfile, $offset);
ok($output !~ qr/test-key/, 'no key in any output');
ok($output !~ qr/X-Amz-Signature=[0-9a-f]/i, 'no signature in any output');
ok($output !~ qr/user:secret/, 'no password of a URL in any output');
ok($output =~ qr/HTTP status 401/, 'there is output');

# Every request of the API has the key, none of the object store has
my $log = $imitation->ask('_log');
my @store = grep { $_->{server} eq 'files' } @$log;
my @leaks = grep { $_->{headers}{authorization} || $_->{headers}{'x-api-key'} } @store;
cmp_ok(scalar(@store), '>', 20, 'the object store was asked');
is(scalar(@leaks), 0, 'the object store never saw the key');
my @unsigned = grep { $_->{server} eq 'api' && ($_->{query} // '') =~ /X-Amz/ } @$log;
is(scalar(@unsigned), 0, 'the API never saw a signature');
is(scalar(grep { $_->{method} ne 'GET' } @$log), 0, 'nothing but GET was asked');

# EXPLAIN asks nothing
$imitation->ask('_reset');
$node->safe_psql('postgres', "EXPLAIN SELECT * FROM results WHERE id = 'small'");
is_deeply($imitation->ask('_log'), [], 'EXPLAIN asks nothing of the network');
done_testing();
