# jsonb and numeric columns are, byte for byte, what PostgreSQL's own input functions make of the same text.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use constant DOCUMENTS => $ENV{BATCH_FDW_DOCUMENTS} // 20_000;

my $imitation = Imitation->new;
my $node = $imitation->cluster('jsonb');
my $generated = "$imitation->{files}/gen";
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER files FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url '$imitation->{files}',
		allow_private_hosts 'true');
	CREATE FOREIGN TABLE documents (line bigint OPTIONS (meta 'line'), j json OPTIONS (path '\$'), b jsonb OPTIONS (path '\$'))
		SERVER files OPTIONS (resource 'results', url '$generated/documents-@{[DOCUMENTS]}.jsonl');
	CREATE FOREIGN TABLE numbers (line bigint OPTIONS (meta 'line'), j json OPTIONS (path '\$'), b numeric OPTIONS (path '\$'))
		SERVER files OPTIONS (resource 'results', url '$generated/numbers-@{[DOCUMENTS]}.jsonl');
});

# Count the rows of a table, and those whose bytes are not those of an expression, and name the first of them.
sub differences
{
	my ($table, $expected) = @_;
	return $node->safe_psql('postgres',
		"SELECT count(*), count(*) FILTER (WHERE differs), min(line) FILTER (WHERE differs)
			FROM (SELECT line, NOT ROW(b)::record *= ROW($expected)::record AS differs FROM $table) AS d");
}
is(differences('documents', 'j::jsonb'), DOCUMENTS . '|0|', DOCUMENTS . ' generated documents: no jsonb differs');
is(differences('numbers', 'j::text::numeric'), DOCUMENTS . '|0|', DOCUMENTS . ' generated numbers: no numeric differs');

# Paths with [*], and several, beside what is found step by step in the same documents.
my @manies = ('*', '*,a', '*,b', 'a,*', 'b,*', '*,*', '*,a,*', '*,0', '1,*', '*,b,1', '*,*,a');
my (@columns, @expected);
foreach my $n (0 .. $#manies)
{
	my @steps = split /,/, $manies[$n];
	my $path = join '', '$', map { /^\d+$/ ? "[$_]" : $_ eq '*' ? '[*]' : ".$_" } @steps;

	push @columns, "m$n jsonb OPTIONS (path '$path')";
	push @expected, "NOT ROW(m$n)::record *= ROW(all_of(j::jsonb, '{$manies[$n]}'))::record";
}
$node->safe_psql('postgres', qq{
	CREATE FUNCTION follow(j jsonb, steps text[]) RETURNS SETOF jsonb LANGUAGE plpgsql AS
	\$\$ BEGIN
		IF steps = '{}' THEN RETURN NEXT j;
		ELSIF steps[1] = '*' THEN
			IF jsonb_typeof(j) = 'array' THEN
				RETURN QUERY SELECT f FROM jsonb_array_elements(j) WITH ORDINALITY AS e (e, n), LATERAL follow(e, steps[2:]) AS f ORDER BY n;
			END IF;
		ELSIF steps[1] ~ '^[0-9]+\$' THEN
			IF jsonb_typeof(j) = 'array' AND jsonb_array_length(j) > steps[1]::int THEN
				RETURN QUERY SELECT follow(j->steps[1]::int, steps[2:]);
			END IF;
		ELSIF jsonb_typeof(j) = 'object' AND j ? steps[1] THEN RETURN QUERY SELECT follow(j->steps[1], steps[2:]);
		END IF;
	END \$\$;
	CREATE FUNCTION one_of(j jsonb, steps text[]) RETURNS jsonb LANGUAGE sql AS 'SELECT follow(j, steps)';
	CREATE FUNCTION all_of(j jsonb, steps text[]) RETURNS jsonb LANGUAGE sql AS
	\$\$ SELECT CASE WHEN jsonb_typeof(j #> steps[:array_position(steps, '*') - 1]) = 'array'
		THEN (SELECT coalesce(jsonb_agg(f), '[]') FROM follow(j, steps) AS f) END \$\$;
	CREATE FOREIGN TABLE many (line bigint OPTIONS (meta 'line'), j json OPTIONS (path '\$'), one jsonb OPTIONS (path '\$.a, \$.b[1], \$.aa, \$[0]'),
		@{[join ', ', @columns]}) SERVER files OPTIONS (resource 'results', url '$generated/documents-@{[DOCUMENTS]}.jsonl');
});
my $found = $node->safe_psql('postgres', "SELECT array[count(one), " . join(', ', map { "count(*) FILTER (WHERE m$_ <> '[]')" } 0 .. $#manies) . "] FROM many");
my @differing = map { "(SELECT 'm$_ ' || line FROM m WHERE $expected[$_] LIMIT 1)" } 0 .. $#manies;
is($node->safe_psql('postgres', 'WITH m AS MATERIALIZED (SELECT * FROM many WHERE line <= 5000) SELECT concat_ws(chr(44), ' . join(', ', @differing) .
		", (SELECT 'one ' || line FROM m WHERE NOT ROW(one)::record *= ROW(coalesce(nullif(one_of(j::jsonb, '{a}'), 'null'),
			nullif(one_of(j::jsonb, '{b,1}'), 'null'), nullif(one_of(j::jsonb, '{aa}'), 'null'), nullif(one_of(j::jsonb, '{0}'), 'null')))::record LIMIT 1))"),
	'', 'no path with [*], and none of several, finds another value');
unlike($found, qr/[{,]0/, "each of them finds some: $found");

# Texts that are JSON and no jsonb.
my @refused = (
	'"\u0000"', '"a\u0000"', '{"\u0000":1}', '{"a":[1,{"b\u0000":1}]}', '{"a":"\u0000","a":1}',
	'"\ud800"', '"\udc00"', '"\ud800x"', '"\ud800\n"', '"\ud800\ud800"', '"\udc00\ud800"', '"\ud800\u0041"', '"\\\\\ud800"',
	'{"\udbff":1}', '[["\udfff"]]', '{"a":"\ud800","a":1}', '"\ud83d\u0000"', '["\u0000","\ud800"]', '["\ud800","\u0000"]',
	'1e131072', '-1e131072', '[1e131072]', '{"a":1e131072,"a":1}', '12e131071', '0.1e131073', '1e2147483647', '1e99999999999999999999',
	'1e-16384', '0.1e-16383', '1e-99999999999999999999', '["\u0000",1e131072]', '[1e131072,"\u0000"]', '{"b":1e131072,"a":"\u0000"}');
my $cases = join(', ', map { "('$_')" } @refused);
my $verdicts = $node->safe_psql('postgres', qq{
	CREATE FUNCTION verdict(query text) RETURNS text LANGUAGE plpgsql AS
	\$\$ BEGIN EXECUTE query; RETURN 'accepted'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END \$\$;
	CREATE FUNCTION read(body text) RETURNS text LANGUAGE plpgsql AS
	\$\$ BEGIN
		EXECUTE 'DROP FOREIGN TABLE IF EXISTS one';
		EXECUTE format('CREATE FOREIGN TABLE one (b jsonb OPTIONS (path %L)) SERVER files OPTIONS (resource %L, url %L)', '\$', 'results',
			'$imitation->{files}/echo/' || encode(convert_to(body, 'UTF8'), 'hex'));
		RETURN verdict('SELECT count(b) FROM one');
	END \$\$;
	SET client_min_messages = warning;
	SELECT body, verdict(format('SELECT %L::jsonb', body)), read(body) FROM (VALUES $cases) AS c (body);
});
my %states;
foreach my $line (split /\n/, $verdicts)
{
	my ($body, $expected, $read) = split /\|/, $line;

	is($read, $expected, "$body: $expected");
	$states{$expected}++;
}
is(join(' ', sort keys %states), '22003 22P02 22P05', 'each of those states was met, and nothing was accepted');

# Databases in other encodings, which lack characters of some documents.
foreach my $encoding ('LATIN1', 'EUC_JP', 'WIN1251')
{
	my $db = lc $encoding;

	$node->safe_psql('postgres', "CREATE DATABASE $db ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	my ($all, $differ, $lacking) = split /\|/, $node->safe_psql($db, qq{
		CREATE EXTENSION batch_fdw;
		CREATE SERVER files FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url '$imitation->{files}',
			allow_private_hosts 'true');
		CREATE FOREIGN TABLE documents (j json OPTIONS (path '\$'), b jsonb OPTIONS (path '\$'))
			SERVER files OPTIONS (resource 'results', on_error 'null', url '$generated/documents-5000.jsonl');
		CREATE FUNCTION try(j json) RETURNS jsonb LANGUAGE plpgsql AS
		\$\$ BEGIN RETURN j::jsonb; EXCEPTION WHEN untranslatable_character THEN RETURN NULL; END \$\$;
		SET client_min_messages = warning;
		SELECT count(*), count(*) FILTER (WHERE NOT ROW(b)::record *= ROW(try(j))::record), count(*) FILTER (WHERE b IS NULL) FROM documents;
	});

	is("$all $differ", '5000 0', "$encoding: no jsonb differs");
	cmp_ok($lacking, '>', 10, "$encoding: $lacking documents have what it lacks");
}
my $body = unpack('H*', qq({"\xc3\xa9":"\xc3\xa8 \\u00ea","b":[1.50,"\\u00ff"],"a":null}));
my $same = $node->safe_psql('latin1', qq{
	CREATE FOREIGN TABLE one (j json OPTIONS (path '\$'), b jsonb OPTIONS (path '\$'))
		SERVER files OPTIONS (resource 'results', url '$imitation->{files}/echo/$body');
	SELECT ROW(b)::record *= ROW(j::jsonb)::record, encode(convert_to(b->>U&'\\00e9', 'LATIN1'), 'hex') FROM one;
});
is($same, 't|e820ea', 'in a database in LATIN1 jsonb is in LATIN1');
done_testing();
