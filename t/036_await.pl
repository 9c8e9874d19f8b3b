# batch_fdw_await holds no snapshot between two looks, so that VACUUM removes
# what was deleted meanwhile.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('await');
$node->append_conf('postgresql.conf', 'autovacuum = off');
$node->reload;
$node->safe_psql(
	'postgres', q{
	CREATE PROCEDURE await_it() LANGUAGE plpgsql AS $$
	DECLARE
		states jsonb;
	BEGIN
		PERFORM count(*) FROM pg_class;
		CALL batch_fdw_await('job', ARRAY['wait-processing'], states => states);
	END $$;
});

# Wait in a session of its own; tell whether what is deleted meanwhile can be
# removed, and whether the session comes to hold no snapshot.
sub watch
{
	my ($statement, $is_free) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	my $mine = "FROM pg_stat_activity WHERE pid = $pid AND wait_event_type = 'Extension'";
	my ($code, $out, $err);

	$node->safe_psql('postgres', 'CREATE TABLE dead AS SELECT generate_series(1, 100)');
	$imitation->ask('_reset');
	$session->query_until(qr/started/, "\\echo started\n$statement;\n");
	# It waits too while it looks, with a snapshot.
	$node->poll_query_until('postgres', "SELECT count(*) > 0 $mine" . ($is_free ? ' AND backend_xmin IS NULL AND backend_xid IS NULL' : ''))
	  or die 'the session does not wait';
	$node->safe_psql('postgres', 'DELETE FROM dead');
	($code, $out, $err) = $node->psql('postgres', 'VACUUM (VERBOSE) dead');
	my $xmin = $node->safe_psql('postgres', "SELECT backend_xmin IS NOT NULL FROM pg_stat_activity WHERE pid = $pid");
	$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
	$node->poll_query_until('postgres', "SELECT state LIKE 'idle%' FROM pg_stat_activity WHERE pid = $pid");
	$session->query('ROLLBACK');
	$session->quit;
	$node->safe_psql('postgres', 'DROP TABLE dead');
	return $err =~ /100 removed, 0 remain/ ? 'removed' : $xmin eq 't' ? 'held back' : "neither: $err";
}

is(watch("CALL batch_fdw_await('job', ARRAY['wait-processing'])", 1), 'removed', 'a CALL');
is(watch("SET default_transaction_isolation = 'repeatable read';\nCALL batch_fdw_await('job', ARRAY['wait-processing'])", 1),
	'removed', 'a CALL under repeatable read');
is(watch('CALL await_it()', 1), 'removed', 'a CALL in a procedure');
is(watch("DO \$\$ DECLARE states jsonb; BEGIN CALL batch_fdw_await('job', ARRAY['wait-processing'], states => states); END \$\$", 1),
	'removed', 'a CALL in DO');
# What the others hold, and so what this test can see
is(watch("SELECT batch_fdw_wait('job', 'wait-processing')"), 'held back', 'batch_fdw_wait');
is(watch("SET batch_fdw.on_incomplete = 'wait';\nSELECT * FROM results WHERE id = 'wait-processing'"), 'held back', 'a scan');
done_testing();
