# Scans that begin again give the same rows as local copies do, kept rows that
# spill to disk too.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use constant QUERIES => $ENV{BATCH_FDW_QUERIES} || 300;
use constant GROUP => 20;    # queries of a session

my $imitation = Imitation->new;
my $node = $imitation->cluster('rewind');

# remote has the foreign tables, local their copies; acc and few are shared
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER hundred FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
		base_url '$imitation->{api}/accounts/hundred', allow_private_hosts 'true', page_size '30');
	CREATE USER MAPPING FOR PUBLIC SERVER hundred OPTIONS (api_key 'test-key');
	CREATE SERVER files FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '',
		base_url '$imitation->{api}', allow_private_hosts 'true');
	CREATE SCHEMA remote;
	CREATE FOREIGN TABLE remote.r (line bigint OPTIONS (meta 'line'), domain text, n int OPTIONS (path '\$.headcount'),
		city text, slogan text, revenue numeric)
		SERVER files OPTIONS (resource 'results', url '$imitation->{files}/gen/narrow-600.jsonl.gz');
	CREATE FOREIGN TABLE remote.s (line bigint OPTIONS (meta 'line'), domain text, n smallint OPTIONS (path '\$.headcount'),
		city text, slogan varchar(120), revenue numeric)
		SERVER files OPTIONS (resource 'results', url '$imitation->{files}/gen/narrow-700.jsonl.gz', on_error 'skip');
	CREATE FOREIGN TABLE remote.j (id text OPTIONS (path '\$.batch_id'), status text, n int OPTIONS (path '\$.result_count'),
		created_at timestamptz, doc jsonb OPTIONS (path '\$')) SERVER hundred OPTIONS (resource 'jobs');
	CREATE FOREIGN TABLE remote.big (internal_id bigint, data jsonb)
		SERVER files OPTIONS (resource 'results', url '$imitation->{files}/gen/enrich-10000.jsonl.gz');
	CREATE SCHEMA local;
	CREATE TABLE local.r AS SELECT * FROM remote.r;
	CREATE TABLE local.s AS SELECT * FROM remote.s;
	CREATE TABLE local.j AS SELECT * FROM remote.j;
	CREATE TABLE acc (a int, b int, c int);
	INSERT INTO acc SELECT g % 50, g % 50, g % 50 FROM generate_series(1, 500) g;
	CREATE TABLE few AS SELECT g AS x, g % 3 AS y, g * 40 AS z FROM generate_series(1, 12) g;
	ANALYZE;
});

# Default settings, and one outer row expected: nothing is materialized, and 10
# rows come.
is($node->safe_psql('postgres',
		'SELECT count(f.data) FROM acc JOIN remote.big f ON f.internal_id > acc.a WHERE a = 7 AND b = 7 AND c = 7'),
	100000, 'a rewinding scan whose kept rows exceed work_mem');

srand($ENV{BATCH_FDW_SEED} || 20261124);

# Pick one of some values.
sub pick { return $_[ int(rand(scalar @_)) ]; }

# A qual on one of the tables, by its alias; outer is what may stand in it, or undef.
sub qual
{
	my ($table, $alias, $outer) = @_;
	my $n = defined $outer ? "$outer * " . int(rand(300)) : int(rand(20000));

	return pick("$alias.n > $n", "$alias.n % 7 = " . (defined $outer ? "$outer % 7" : int(rand(7))), 'true',
		$table eq 'j' ? ("$alias.status <> 'failed'", "$alias.created_at >= '2026-05-31'", "$alias.doc ? 'entity'") :
		  ("$alias.line <= " . int(rand(700)), "length($alias.slogan) > 90", "$alias.revenue > $n * 100",
			defined $outer ? ("$alias.line > $outer * 50") : ()));
}

# The columns of a table that are shown, wide ones among them.
sub columns
{
	my ($table, $alias) = @_;
	return join ', ', map { "$alias.$_" } $table eq 'j' ? qw(id n doc created_at) : qw(line domain slogan revenue);
}

# A query over the tables of one schema.
sub query
{
	my $t = pick(qw(r r s j));
	my $u = pick(qw(r s j));
	my $columns = columns($t, 'f');

	return pick(
		"SELECT few.x, $columns FROM few LEFT JOIN $t f ON " . qual($t, 'f', 'few.x') . " AND few.x < " . pick(3, 6, 13),
		"SELECT few.x, $columns FROM few JOIN $t f ON " . qual($t, 'f', 'few.x') . ' AND ' . qual($t, 'f'),
		"SELECT few.x, (SELECT count(f.*) FROM $t f WHERE " . qual($t, 'f', 'few.x') . ') FROM few',
		"SELECT few.x, l.* FROM few, LATERAL (SELECT $columns FROM $t f WHERE " . qual($t, 'f', 'few.x') . ' LIMIT ' . pick(1, 3, 200) . ') l',
		"SELECT few.x FROM few WHERE " . pick('', 'NOT ') . "EXISTS (SELECT FROM $t f WHERE " . qual($t, 'f', 'few.x') . ')',
		"SELECT few.x FROM few WHERE few.z " . pick('NOT IN', 'IN', '< ANY', '> ALL') . " (SELECT f.n FROM $t f WHERE " . qual($t, 'f') . ' AND f.n IS NOT NULL)',
		"SELECT $columns, g.n FROM $t f JOIN (SELECT n FROM $u WHERE n < 60) g ON " . pick('f.n > g.n * 100', 'g.n < f.n', 'g.n = f.n % 60'),
		"SELECT few.x, $columns FROM few FULL JOIN $t f ON few.z = f.n AND " . qual($t, 'f'),
		"WITH RECURSIVE w (x, n) AS (SELECT x, 0 FROM few WHERE x < 3 UNION ALL SELECT w.x + 1, f.n FROM w, (SELECT * FROM $t f WHERE "
		  . qual($t, 'f') . ' ORDER BY ' . ($t eq 'j' ? 'id' : 'line') . ' LIMIT 2) f WHERE w.x < 6) SELECT * FROM w');
}

# The statements that open a cursor over a query, move in it and close it; the
# rows come in the order of few and of the table.
sub cursor
{
	my $t = pick(qw(r s j));
	my $sql = 'BEGIN; DECLARE c ' . pick('', 'SCROLL ', 'SCROLL ') . 'CURSOR ' . pick('', 'WITH HOLD ') . 'FOR '
	  . "SELECT few.x, " . columns($t, 'f') . " FROM few LEFT JOIN $t f ON f.n > few.x * " . int(rand(900)) . ";\n";
	$sql .= pick('FETCH', 'FETCH', 'MOVE') . ' ' . pick('5', 'FORWARD 400', 'NEXT', $sql =~ /SCROLL/ ? ('BACKWARD 3', 'ABSOLUTE 300', 'FIRST', 'PRIOR') : ())
	  . " FROM c;\n" foreach 1 .. 6;
	return "$sql COMMIT;\n" . ($sql =~ /HOLD/ ? "FETCH ALL FROM c; CLOSE c;\n" : '');
}

# Settings for the query that follows.
sub settings
{
	return join '', map { "SET $_;\n" } 'enable_material = ' . pick('off', 'off', 'on'), 'enable_hashjoin = ' . pick('off', 'off', 'on'),
	  'enable_mergejoin = ' . pick('off', 'off', 'on'), 'enable_memoize = ' . pick('off', 'on'),
	  "work_mem = '" . pick('64kB', '64kB', '100kB', '4MB') . "'", 'jit = ' . pick('off', 'off', 'off', 'on');
}

# Of a query a hash of what it gives; all that a cursor gives.
for my $from (map { $_ * GROUP } 0 .. int((QUERIES - 1) / GROUP))
{
	my @statements = map { settings() . (rand() < 0.15 ? cursor() :
		"SELECT count(*), md5(string_agg(q::text, ';' ORDER BY q::text COLLATE \"C\")) FROM (" . query() . ") q;\n") } 1 .. GROUP;
	my %out;

	foreach my $schema ('remote', 'local')
	{
		my ($code, $out, $err) = $node->psql('postgres', join "\\echo ==\n", "SET search_path = $schema, public;\n", @statements);
		is($code, 0, "queries from $from on run on $schema") or diag($err);
		$out{$schema} = [ split /^==\n?/m, $out ];
	}
	foreach my $i (1 .. GROUP)
	{
		is($out{remote}[$i], $out{local}[$i], 'query ' . ($from + $i)) or diag($statements[ $i - 1 ]);
	}
}
done_testing();
