# What is inferred holds every record, value by value: those of the fixtures, of
# odd files and of generated shapes; in bounded bytes, and cancelled like a scan.
use strict;
use warnings;
use utf8;
use Encode qw(decode encode);
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use constant SHAPES => $ENV{BATCH_FDW_SHAPES} || 200;

my $imitation = Imitation->new;
my $node = $imitation->cluster('infer');
srand($ENV{BATCH_FDW_SEED} || 20261125);

my $helpers = <<'SQL';
	-- The keys of a path, as #>> takes them.
	CREATE FUNCTION keys_of(path text) RETURNS text[] LANGUAGE sql AS $$
		SELECT coalesce(array_agg(coalesce(m[2], ('"' || m[1] || '"')::json #>> '{}') ORDER BY n), '{}')
		  FROM regexp_matches(substr(path, 2), '\.(?:"((?:[^"\\]|\\.)*)"|([^".]+))', 'g') WITH ORDINALITY AS r (m, n) $$;
	-- A value as a type, as text: json by its own text, an array by its elements.
	CREATE FUNCTION value_of(value json, type text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE result text;
	BEGIN
		IF value IS NULL OR value::text = 'null' THEN
			RETURN NULL;
		ELSIF type = 'json' THEN
			RETURN value::text;
		ELSIF type = 'jsonb' THEN
			RETURN value::jsonb::text;
		ELSIF type LIKE '%[]' THEN
			EXECUTE format('SELECT coalesce(array_agg(e::%s ORDER BY n), ''{}'')::text
				FROM json_array_elements_text($1) WITH ORDINALITY AS a (e, n)', left(type, -2)) INTO result USING value;
		ELSE
			EXECUTE format('SELECT ($1 #>> ''{}'')::%s::text', type) INTO result USING value;
		END IF;
		RETURN result;
	END $$;
	-- What there is in the records: each member of each, as JSON.
	CREATE TABLE wanted (part int, line bigint, keys text[], value json, PRIMARY KEY (part, line, keys));
	-- Infer a table, load it, and tell its types, and where it differs from what is wanted.
	CREATE FUNCTION differences(server text, options text, depth int) RETURNS SETOF text LANGUAGE plpgsql AS $$
	DECLARE c record; r record;
	BEGIN
		EXECUTE format('IMPORT FOREIGN SCHEMA batch LIMIT TO (inferred) FROM SERVER %I INTO public OPTIONS (%s, depth ''%s'')', server, options, depth);
		EXECUTE 'CREATE TEMP TABLE loaded AS SELECT * FROM inferred' || CASE WHEN options LIKE 'job_id%' THEN
			format(' WHERE %I = %s', (SELECT attname FROM pg_attribute WHERE attrelid = 'inferred'::regclass AND attnum = 1), substr(options, 8)) ELSE '' END;
		IF (SELECT array_agg((part, line) ORDER BY part, line) FROM loaded) IS DISTINCT FROM
			(SELECT array_agg((part, line) ORDER BY part, line) FROM wanted WHERE keys = '{}') THEN
			RETURN NEXT 'there are other rows than records';
		END IF;
		CREATE TEMP TABLE columns AS SELECT attname, format_type(atttypid, -1) AS type, path, keys_of(path) AS keys
		  FROM pg_attribute, substr(attfdwoptions[1], 6) AS path
		 WHERE attrelid = 'inferred'::regclass AND attnum > 0 AND attfdwoptions[1] LIKE 'path=%';
		FOR c IN SELECT * FROM columns LOOP
			RETURN NEXT 'type ' || c.type;
			FOR r IN EXECUTE format('SELECT line, l.%I::text AS found, value_of(w.value, %L) AS wanted
				FROM loaded AS l LEFT JOIN (SELECT * FROM wanted WHERE keys = $1) AS w USING (part, line)', c.attname, c.type) USING c.keys LOOP
				IF r.found IS DISTINCT FROM r.wanted THEN
					RETURN NEXT format('line %s, %s as %s: %s instead of %s', r.line, c.path, c.type, r.found, r.wanted);
				END IF;
			END LOOP;
		END LOOP;
		-- Each scalar is in a column, or in one that holds what is around it.
		FOR r IN SELECT DISTINCT keys FROM wanted AS w WHERE value::text !~ '^[{n]' AND NOT EXISTS (
			SELECT FROM columns AS o WHERE w.keys[1:cardinality(o.keys)] = o.keys) LOOP
			RETURN NEXT format('%s is in no column', r.keys);
		END LOOP;
	END $$;
	CREATE SERVER files FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'API', allow_private_hosts 'true');
SQL
$helpers =~ s/API/$imitation->{api}/;
$node->safe_psql('postgres', "ALTER DATABASE postgres SET timezone = 'UTC'; ALTER DATABASE postgres SET client_min_messages = warning; $helpers");

# Go over a value of JSON; append each member in it, with its keys and its text.
# Of a key that comes again the last value counts.
sub list_members
{
	my ($json, $keys, $members) = @_;

	$$json =~ /\G\s*/gc;
	my $start = pos($$json);
	if ($$json =~ /\G([\[{])/gc)
	{
		my ($closer, %last) = ($1 eq '{' ? '}' : ']');
		until ($$json =~ /\G\s*\Q$closer\E/gc)
		{
			my (@inner, $key);
			$$json =~ /\G\s*,?\s*/gc;
			$key = JSON::PP->new->allow_nonref->decode($1) if $closer eq '}' && $$json =~ /\G("(?:[^"\\]|\\.)*+")\s*:/gc;
			list_members($json, [ @$keys, $key ], \@inner);
			$last{$key} = \@inner if defined $key;
		}
		push @$members, map { @{ $last{$_} } } sort keys %last;
	}
	else
	{
		$$json =~ /\G(?:"(?:[^"\\]|\\.)*+"|[^\s,\]}]+)/gc or die "no JSON at " . substr($$json, pos($$json), 20);
	}
	push @$members, [ $keys, substr($$json, $start, pos($$json) - $start) ];
	return;
}

# Tell where an inferred table differs from records, each a text with its part
# and line; their types are counted.
my %types;
sub differences
{
	my ($server, $options, $depth, $records, $database) = @_;
	my $sql = "SET client_encoding = 'UTF8';\nBEGIN;\nCOPY wanted FROM STDIN;\n";

	foreach my $record (@$records)
	{
		my ($part, $line, $json) = @$record;
		my @members;
		pos($json) = 0;
		list_members(\$json, [], \@members);
		foreach my $member (@members)
		{
			my $keys = '{' . join(',', map { '"' . s/(["\\])/\\$1/gr . '"' } @{ $member->[0] }) . '}';
			$sql .= join("\t", map { s/\\/\\\\/gr =~ s/\n/\\n/gr =~ s/\t/\\t/gr =~ s/\r/\\r/gr } $part, $line, $keys, $member->[1]) . "\n";
		}
	}
	$sql .= "\\.\nSET LOCAL client_min_messages = warning;\nSELECT differences('$server', '" . $options =~ s/'/''/gr . "', $depth);\nROLLBACK";
	my ($code, $out, $err) = $node->psql($database // 'postgres', encode('UTF-8', $sql));
	my @lines = split(/\n/, "$out\n$err");
	$types{$_}++ foreach map { /^type (.*)/ ? $1 : () } @lines;
	return join("\n", grep { !/^type |^$/ } @lines);
}

# Give a text's lines that are not blank, as records of part 1.
sub records_of
{
	my ($text, $part, $line) = (@_, 1, 0);

	return [ map { $line++; /\S/ ? [ $part, $line, $_ ] : () } split(/\r?\n/, $text) ];
}

# The fixtures: each vendor's completed jobs, as json has their records
my %jobs = (
	crustdata => [ map { "53ab0000-0000-4000-8000-00000000000$_" } 1, 2, 3, 7, 8 ],
	companyenrich => [ map { "ce5eed00-0000-4000-8000-00000000000$_" } 4, 5 ],
	bigdata => ['batch-cirrus'],
	openai => ['batch_cedar'],
	anthropic => ['msgbatch_beech']);
foreach my $vendor (sort keys %jobs)
{
	$node->safe_psql('postgres', "CREATE SERVER $vendor FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider '$vendor',
		base_url '$imitation->{api}/$vendor', allow_private_hosts 'true');
		CREATE USER MAPPING FOR PUBLIC SERVER $vendor OPTIONS (api_key 'test-key')") if $vendor ne 'crustdata';
	$node->safe_psql('postgres', "CREATE FOREIGN TABLE source_$vendor (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), line bigint OPTIONS (meta 'line'),
		record json OPTIONS (path '\$')) SERVER $vendor OPTIONS (resource 'results')");
	foreach my $job (@{ $jobs{$vendor} })
	{
		my @records = map { [ split(/\t/, $_, 3) ] } split(/\x02/, decode('UTF-8', $node->safe_psql('postgres',
			"SELECT string_agg(concat_ws(E'\\t', part, line, coalesce(record::text, 'null')), E'\\x02') FROM source_$vendor WHERE id = '$job'")));
		foreach my $depth (1, 2, 3, 9)
		{
			is(differences($vendor, "job_id '$job'", $depth, \@records), '', "$vendor: " . @records . " records of $job, to a depth of $depth");
		}
	}
}

# Odd files, and larger ones
foreach my $file (qw(edge/good.jsonl edge/pretty_array.json edge/multi_member.gz edge/duplicate_keys.jsonl
	edge/line_separators.jsonl edge/deep_1000.jsonl edge/non_objects.jsonl edge/nul_escape.jsonl edge/lone_surrogate.jsonl
	gen/narrow-500.jsonl.gz gen/enrich-50.jsonl.gz))
{
	my @records = map { [ split(/\t/, $_, 3) ] } split(/\x02/, decode('UTF-8', $node->safe_psql('postgres', qq{
		CREATE FOREIGN TABLE source (part int OPTIONS (meta 'part'), line bigint OPTIONS (meta 'line'), record json OPTIONS (path '\$'))
		  SERVER files OPTIONS (resource 'results', url '$imitation->{files}/$file');
		SELECT string_agg(concat_ws(E'\\t', part, line, coalesce(record::text, 'null')), E'\\x02') FROM source;
		DROP FOREIGN TABLE source})));
	foreach my $depth (1, 5)
	{
		is(differences('files', "url '$imitation->{files}/$file'", $depth, \@records), '', @records . " records of $file, to a depth of $depth");
	}
}

# Pick one of some values.
sub pick { return $_[ int(rand(scalar @_)) ]; }

# Characters of a string, as JSON has them.
sub characters { return join('', map { pick('a', 'B', '7', ' ', '.', '_', '-', '$', "'", '\\"', '\\\\', '\\n', '\\/', '\\u00e9', 'é', '€', '\\ud83d\\ude00') } 1 .. int(rand($_[0]))); }

# What makes values of one kind.
my %makers = (
	boolean => sub { pick('true', 'false') },
	small => sub { pick(0, 1, -1, int(rand(1e6)), '-0') },
	whole => sub { pick('9223372036854775807', '-9223372036854775808', '9223372036854775808', int(rand(1e9)), '123456789012345678901234567890') },
	fraction => sub { sprintf('%.' . int(1 + rand(9)) . 'f', rand(1e5)) },
	float => sub { sprintf('%.' . int(rand(18)) . pick('e', 'E'), rand(1e5)) . pick('', '', '0') },
	huge => sub { pick('1e200000', '1e-20000', '9' x 1500, '-1.5e+1001', '5') },
	date => sub { sprintf('"%04d-%02d-%02d"', 1990 + rand(40), 1 + rand(12), 1 + rand(28)) },
	stamp => sub { sprintf('"%04d-%02d-%02d%s%02d:%02d:%02d%s%s"', 1990 + rand(40), 1 + rand(12), 1 + rand(28), pick('T', ' '), rand(24), rand(60), rand(60),
			pick('', '.5', '.123456'), pick('Z', '', '+05:30', '-08:00')) },
	almost => sub { pick('"2026-02-30"', '"2026-13-01"', '"0000-01-01"', '"2026-01-01T24:00:00Z"', '"2026-01-01T10:00:60Z"', '"2026-01-01T10:00:00.1234567Z"', '"now"', '"10:00"', '"2026-01-01"') },
	uuid => sub { sprintf('"%08x-%04X-4000-8000-%012x"', rand(2**32), rand(65536), rand(2**40)) },
	text => sub { '"' . characters(12) . '"' },
	odd => sub { '"' . characters(3) . pick('\\u0000', '\\ud800', '\\udc00x', 'x') . '"' },
	empty => sub { pick('{}', '[]', '""', '0') },
	null => sub { 'null' });

# A shape: a kind of scalar, an array of a shape, an object of shapes, or one of several.
sub shape
{
	my ($depth, $odd) = @_;
	my $kind = rand();

	return [ 'array', shape($depth + 1, $odd) ] if $kind < 0.15 && $depth > 0;
	return [ 'either', map { shape($depth + 1, $odd) } 1 .. 2 + int(rand(2)) ] if $kind < 0.27 && $depth > 0 && $depth < 6;
	return [ 'object', map { [ characters(pick(3, 8)) . pick('', 'Name', 'name', 'id'), shape($depth + 1, $odd), pick(1, 1, 0.5), pick(0, 0, 0.3) ] } 1 .. 1 + int(rand(6)) ]
	  if $depth == 0 || ($kind < 0.5 && $depth < 5);
	return [ pick(grep { $odd || !/huge|odd/ } sort keys %makers) ];
}

# A value of a shape.  A key may come twice.
sub value
{
	my ($kind, @parts) = @{ $_[0] };

	return value(pick(@parts)) if $kind eq 'either';
	return '[' . join(',', map { rand() < 0.1 ? 'null' : value($parts[0]) } 1 .. int(rand(5))) . ']' if $kind eq 'array';
	return $makers{$kind}->() if $kind ne 'object';
	my @members = grep { rand() < $_->[2] } map { rand() < 0.05 ? ($_, $_) : $_ } @parts;
	return '{' . join(pick(',', ' , '), map { "\"$_->[0]\":" . pick('', ' ') . (rand() < $_->[3] ? 'null' : value($_->[1])) } @members) . '}';
}

# The URL of a file that is a text.
sub echo { return "$imitation->{files}/echo/" . unpack('H*', encode('UTF-8', $_[0])); }

my $wrong = 0;
foreach my $number (1 .. SHAPES)
{
	my $odd = rand() < 0.3;
	my $shape = shape(0, $odd);
	my $text = join("\n", map { value($shape) } 1 .. 3 + int(rand(20)));
	my $depth = pick(1, 2, 2, 3, 64);
	my $found = differences('files', "url '" . echo($text) . "'", $depth, records_of($text));

	next if $found eq '';
	$wrong++;
	diag("shape $number, to a depth of $depth: $found\n" . substr(encode('UTF-8', $text), 0, 3000)) if $wrong < 4;
}
is($wrong, 0, SHAPES . ' generated shapes are what their records say');
foreach my $type ('boolean', 'bigint', 'numeric', 'double precision', 'date', 'timestamp with time zone', 'uuid', 'text', 'jsonb', 'json', 'text[]')
{
	cmp_ok($types{$type} // 0, '>', 0, "some are of type $type");
}

# No more is read than is wanted: of a file without end so many records, or so many bytes
my $endless = "CREATE FOREIGN TABLE endless () SERVER files OPTIONS (resource 'results', url '$imitation->{files}/fault/full-speed');";
is($node->safe_psql('postgres', "$endless SELECT max(present) FROM batch_fdw_infer('endless', records => 3000)"), 3000, 'records of a file without end');
my ($code, $out, $err) = $node->psql('postgres', "SET client_min_messages = notice; SELECT max(present) > 3000 FROM batch_fdw_infer('endless', records => 2000000000)");
is("$code $out", '0 t', 'bytes of a file without end are bounded');
like($err, qr/NOTICE:  looked at \d+ records only, which have 256 MB/, 'and it is told');
$imitation->ask('_reset');
$node->safe_psql('postgres', "SELECT * FROM batch_fdw_infer('results', 'parts-8-100', records => 150)");
my @asked = grep { $_->{server} eq 'files' } @{ $imitation->ask('_log') };
is(scalar(@asked), 2, 'of several parts those that are wanted are asked for, one after another');

# Cancelled like a scan, wherever it waits
foreach my $fault ('hang', 'stall', 'slow', 'loris-head')
{
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nSET statement_timeout = '300ms'; SELECT * FROM batch_fdw_infer('results', '$fault')");
	like($err, qr/ERROR:  57014/, "$fault is cancelled");
	($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nSET statement_timeout = '300ms';
		IMPORT FOREIGN SCHEMA batch LIMIT TO (inferred) FROM SERVER crustdata INTO public OPTIONS (job_id '$fault')");
	like($err, qr/ERROR:  57014/, "$fault is cancelled in IMPORT");
}
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_class WHERE relname = 'inferred'"), 0, 'no table is made by an IMPORT that is cancelled');

# A database that lacks characters
$node->safe_psql('postgres', "CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
$node->safe_psql('latin1', "CREATE EXTENSION batch_fdw; ALTER DATABASE latin1 SET timezone = 'UTC'; ALTER DATABASE latin1 SET client_min_messages = warning; $helpers");
my $has = '{"é\u00e9":"é\u00e9","Straße":{"é":[1]},"o":{"a":"\u00e9"}}';
is(differences('files', "url '" . echo($has) . "'", 2, records_of($has), 'latin1'), '', 'characters that the database has');
is($node->safe_psql('latin1', "CREATE FOREIGN TABLE t () SERVER files OPTIONS (resource 'results', url '"
	  . echo('{"a":{"日本":1},"b":"日本","c":"\u65e5","d":["\u65e5"],"e":2}') . "');
	SELECT string_agg(concat_ws(' ', column_name, type, path, example), '; ') FROM batch_fdw_infer('t')"),
	'a jsonb $.a {"\\u65e5\\u672c":1}; b text $.b \\u65e5\\u672c; c json $.c \\u65e5; d json $.d ["\\u65e5"]; e bigint $.e 2', 'and that it has not');
done_testing();
