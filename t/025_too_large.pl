# What is too large for its type is a bad value, as any other: it is passed over where it may be.
# The largest want some GB, and are read with BATCH_FDW_FULL=1 only.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('too_large');
my $most = 0x0FFFFFFF;    # bytes of a string, an array or an object in jsonb

$node->safe_psql(
	'postgres', qq{
	CREATE SERVER files FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url '$imitation->{files}',
		allow_private_hosts 'true', max_record_size '500MB')});

# Give the hexadecimal digits of a text.
sub hex_of
{
	return unpack('H*', $_[0]);
}

# Read a record as a value of a type, and another one behind it; give the lines read, and what was passed over.
sub verdicts
{
	my ($type, $count, $before, $piece, $after, $good) = @_;
	my $url = join('/', "$imitation->{files}/repeat/$count", map { hex_of($_) } $before, $piece, "$after\n$good\n");
	my ($code, $out, $err) = $node->psql('postgres', qq{
		SET client_min_messages = warning;
		DROP FOREIGN TABLE IF EXISTS one;
		CREATE FOREIGN TABLE one (line int OPTIONS (meta 'line'), v $type OPTIONS (path '\$')) SERVER files
			OPTIONS (resource 'results', result_format 'jsonl', url '$url', on_error 'skip');
		SELECT string_agg(line::text, ',' ORDER BY line) FROM one WHERE pg_column_size(v) > 0;
		SELECT line, column_name, sqlstate, message FROM batch_fdw_rejects()});

	return join(' ', split(/\n/, $out . $err));
}

my $too_large = "an array or object is too large for jsonb (It takes more than $most bytes.)";
is(verdicts('jsonb', $most + 1, '"', 'x', '"', '"y"'),
	"2 1|v|54000|a string is too long for jsonb (It has @{[$most + 1]} bytes, and at most $most are possible.)",
	'a string of jsonb that is too long');
is(verdicts('jsonb', $most + 1, '{"a":[1,"', 'x', '",{"b":"\\u0000"}]}', '"y"') =~ s/\(.*\)/()/r,
	'2 1|v|54000|a string is too long for jsonb ()', 'the same among others: the first error counts');
my $words = '"' . 'x' x 1000 . '"';
is(verdicts('jsonb', 269_000, '{"a":[', "$words,", '1]}', '[1]'), "2 1|v|54000|$too_large", 'an array that is too large');
is(verdicts('jsonb', 269_000, '[', "{\"a\":$words},", '1]', '[1]'), "2 1|v|54000|$too_large", 'what it holds is not');
SKIP:
{
	skip 'BATCH_FDW_FULL is not set', 5 unless $ENV{BATCH_FDW_FULL};
	is(verdicts('jsonb', $most - 8, '"', 'x', '"', '"y"'), '1,2', 'a string that fits');
	is(verdicts('jsonb', 267_000, '{"a":[', "$words,", '1]}', '[1]'), '1,2', 'an array that fits');
	is(verdicts('jsonb', 33_554_431, '[', '1,', '1]', '[1]') =~ s/\(.*\)/()/r,
		'2 1|v|54000|an array or object is too large for jsonb ()', 'an array of too many elements');
	is(verdicts('jsonb', 20_000_000, '{', '"":1,', '"a":1}', '[1]') =~ s/\(.*\)/()/r,
		'2 1|v|54000|an array or object is too large for jsonb ()', 'an object of too many members');
	is(verdicts('name[]', 17_000_000, '[', '"",', '""]', '[""]'),
		'2 1|v|54000|array size exceeds the maximum allowed (1073741823)', 'an array of SQL');
}
done_testing();
