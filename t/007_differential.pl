# Generated queries give the same rows over foreign tables as over local copies.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use constant QUERIES => $ENV{BATCH_FDW_QUERIES} || 200;

my $imitation = Imitation->new;
my $node = $imitation->cluster('differential');

# remote has the foreign tables, local their copies; ids is shared
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER hundred FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
		base_url '$imitation->{api}/accounts/hundred', allow_private_hosts 'true', page_size '30');
	CREATE USER MAPPING FOR PUBLIC SERVER hundred OPTIONS (api_key 'test-key');
	CREATE SCHEMA remote;
	IMPORT FOREIGN SCHEMA batch FROM SERVER hundred INTO remote;
	CREATE SCHEMA local;
	CREATE TABLE local.jobs AS SELECT * FROM remote.jobs;
	CREATE TABLE local.results AS SELECT * FROM remote.results;
	CREATE TABLE ids AS SELECT batch_id AS id, batch_id::text AS txt, ARRAY[batch_id] AS arr, row_number() OVER (ORDER BY batch_id) AS n
	  FROM local.jobs WHERE hashtext(batch_id::text) % 9 = 0;
	INSERT INTO ids VALUES (NULL, NULL, NULL, 0), ('00000000-0000-4000-8000-000000000000', 'x', '{}', 0);
	ANALYZE;
});
my @ids = split /\n/, $node->safe_psql('postgres', 'SELECT batch_id FROM local.jobs ORDER BY created_at');
my @times = split /\n/, $node->safe_psql('postgres', 'SELECT created_at FROM local.jobs ORDER BY created_at');

srand($ENV{BATCH_FDW_SEED} || 20261123);

# Pick one of some values.
sub pick { return $_[ int(rand(scalar @_)) ]; }

# A word of the vocabulary, or one that is none.
sub word { return pick(qw(pending processing completed failed canceled)); }

# An id that is there, or one that is not.
sub id { return rand() < 0.9 ? pick(@ids) : '00000000-0000-4000-8000-000000000001'; }

# A qual on jobs.
sub job_qual
{
	return pick(
		"status = '" . word() . "'",
		"status IN ('" . word() . "', '" . word() . "')",
		"status <> '" . word() . "'",
		"state = '" . word() . "'",
		"state = ANY (ARRAY['" . word() . "', '" . word() . "'])",
		"batch_id = '" . id() . "'",
		"batch_id IN ('" . id() . "', '" . id() . "', '" . id() . "')",
		"batch_id = ANY (ARRAY(SELECT id FROM ids))",
		"batch_id = (SELECT id FROM ids WHERE n = " . int(rand(8)) . " AND n > 0)",
		"batch_id = '" . id() . "' OR status = '" . word() . "'",
		"NOT (batch_id = '" . id() . "')",
		"batch_id IS NOT NULL",
		"result_count > " . int(rand(3)),
		"created_at >= '" . pick(@times) . "'",
		"created_at > '" . pick(@times) . "'",
		"created_at < '" . pick(@times) . "'",
		"created_at BETWEEN '" . pick(@times) . "' AND '" . pick(@times) . "'",
		"error_message IS NULL",
		"error_message LIKE '%number 9%'",
		"EXISTS (SELECT FROM ids WHERE ids.id = batch_id)",
		"batch_id NOT IN (SELECT id FROM ids WHERE id IS NOT NULL)",
		"true");
}

# Some quals on jobs, joined.
sub job_quals { return join(pick(' AND ', ' AND ', ' OR '), map { '(' . job_qual() . ')' } 1 .. 1 + int(rand(3))); }

# A LIMIT and an OFFSET behind an order that leaves nothing open.
sub ordered_limit
{
	my $order = pick('created_at DESC', 'created_at', 'status, created_at DESC', 'created_at DESC, batch_id', 'batch_id');
	my $limit = pick('', ' LIMIT ' . int(rand(50)), ' LIMIT ' . int(rand(9)) . ' OFFSET ' . int(rand(40)), ' OFFSET ' . int(rand(90)));

	return " ORDER BY $order$limit";
}

# A query; what it gives is determined.
sub query
{
	my $quals = job_quals();
	my $kind = int(rand(14));

	return "SELECT batch_id, status, created_at, error_message FROM jobs WHERE $quals" . ordered_limit() if $kind < 3;
	return "SELECT count(*) AS n FROM (SELECT 1 FROM jobs WHERE $quals LIMIT " . int(rand(60)) . ") AS s" if $kind == 3;
	return "SELECT status, count(*), max(created_at) FROM jobs WHERE $quals GROUP BY 1" if $kind == 4;
	return "SELECT DISTINCT ON (status) status, batch_id FROM jobs WHERE $quals ORDER BY status, created_at DESC" if $kind == 5;
	return "SELECT n, state FROM ids " . pick('JOIN', 'LEFT JOIN') . " jobs ON batch_id = id AND ($quals)" if $kind == 6;
	return "SELECT n, status FROM ids JOIN jobs ON batch_id = " . pick('ANY (arr)', 'id', 'ANY (ARRAY[id])') if $kind == 7;
	return "SELECT n, l.* FROM ids, LATERAL (SELECT status, created_at FROM jobs WHERE batch_id = id LIMIT 1) AS l" if $kind == 8;
	return "SELECT batch_id, part, line, original_identifier FROM results WHERE batch_id IN ('" . id() . "', '" . pick(@ids) . "') AND part = 1"
	  if $kind == 9;
	return "SELECT n, count(line) FROM ids LEFT JOIN results ON batch_id = id GROUP BY n" if $kind == 10;
	return "SELECT batch_id, line FROM results WHERE batch_id IN (SELECT batch_id FROM jobs WHERE $quals)" if $kind == 11;
	return "SELECT max(created_at), min(created_at) FROM jobs WHERE $quals" if $kind == 12;
	return "SELECT batch_id FROM jobs WHERE " . job_quals() . " UNION ALL SELECT batch_id FROM jobs WHERE $quals";
}

# What a query gives: a count and a hash of its rows, or the SQLSTATE.
sub outcome
{
	my ($schema, $query, $mode) = @_;
	my $wrapped = "SELECT count(*), md5(string_agg(q::text, '|' ORDER BY q::text)) FROM ($query) AS q";
	my $sql = "\\set VERBOSITY sqlstate\nSET search_path = $schema, public;\n";

	$sql .= "SET plan_cache_mode = $mode;\nPREPARE p AS $wrapped;\nEXECUTE p;\nEXECUTE p;\n" if $mode =~ /force/;
	$sql .= "BEGIN;\nDECLARE c CURSOR FOR $wrapped;\nFETCH ALL FROM c;\nCOMMIT;\n" if $mode eq 'cursor';
	$sql .= "SET enable_material = off;\nSET enable_hashjoin = off;\nSET enable_mergejoin = off;\n" if $mode eq 'rescans';
	$sql .= "$wrapped;\n" if $mode =~ /plain|rescans/;
	my ($code, $out, $err) = $node->psql('postgres', $sql, on_error_stop => 0);
	return $out . join(' ', $err =~ /ERROR:\s+(\w+)/g);
}

# Results of jobs that are not completed are errors by id; skip those jobs, as the copy does
$node->safe_psql('postgres', "ALTER FOREIGN TABLE remote.results OPTIONS (ADD on_incomplete 'skip')");
my ($differences, $errors, $empty) = (0, 0, 0);
foreach my $number (1 .. QUERIES)
{
	my $query = query();
	my $mode = pick('plain', 'rescans', 'force_generic_plan', 'force_custom_plan', 'cursor');
	my $remote = outcome('remote', $query, $mode);
	my $local = outcome('local', $query, $mode);

	$errors++ if $local =~ /^\w{5}$/;
	$empty++ if $local =~ /^0\|/;
	# An id of results that does not exist is an error, and no row of a copy.
	next if $remote eq $local || ($remote =~ /42704/ && $query =~ /results/);
	$differences++;
	diag("query $number ($mode): $query\nremote: $remote\nlocal: $local");
}
is($differences, 0, QUERIES . ' generated queries give the same rows as over local copies');
cmp_ok($errors, '==', 0, 'none of them is an error');
cmp_ok($empty, '<', QUERIES / 2, "most of them have rows: all but $empty");
done_testing();
