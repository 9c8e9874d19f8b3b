# A large file loads in bounded memory.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('large');
$node->append_conf('postgresql.conf', "shared_buffers = 1MB\nwal_level = minimal\nmax_wal_senders = 0\nfsync = off");
$node->restart;

# 175,000 records of about 2.9 kB: 500 MB of JSONL
my $result = $node->safe_psql(
	'postgres', q{
	CREATE FUNCTION peak_kb() RETURNS bigint LANGUAGE sql AS
	$$ SELECT (regexp_match(pg_read_file('/proc/self/status', 0, 4096), 'VmHWM:\s+(\d+)'))[1]::bigint $$;
	CREATE TABLE loaded (line bigint, name text);
	INSERT INTO loaded SELECT line, name FROM results WHERE id = 'big-100';
	SELECT peak_kb() AS before \gset
	INSERT INTO loaded SELECT line, name FROM results WHERE id = 'big-175000';
	SELECT peak_kb() - :before, (SELECT count(*) FROM loaded), (SELECT count(DISTINCT line) FROM loaded);
});
my ($grown, $rows, $lines) = split /\|/, (split /\n/, $result)[-1];
is($rows, 175_100, 'all records were loaded');
is($lines, 175_000, 'each line once');
cmp_ok($grown, '<', 16_384, "the backend's peak grew by $grown kB");
done_testing();
