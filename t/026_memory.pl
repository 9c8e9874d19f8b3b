# A page, a job or a record of many megabytes takes no more than a few times its
# size, and a cancel acts while it is parsed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# What a cancel may take on a busy machine, beyond the 100 ms of an idle one.
use constant PROMPT => 2;
use constant MB => 24;

my $imitation = Imitation->new;
my $node = $imitation->cluster('memory');
my @shapes = qw(records keys ints floats arrays members escapes text marks);
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER large FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url '$imitation->{api}/large',
		allow_private_hosts 'true', items_path '\$.rows', page_style 'page', page_param 'page', total_path '\$.total',
		list_url '/jobs-@{[MB]}/x', job_url '/{id}', inline_path '\$.rows');
	CREATE SERVER same FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url '$imitation->{api}/large',
		allow_private_hosts 'true', items_path '\$.rows', page_style 'page', page_param 'page', total_path '\$.total',
		list_url '/same-@{[MB]}/x');
	CREATE FOREIGN TABLE listed (id text, status text) SERVER large OPTIONS (resource 'jobs');
	CREATE FOREIGN TABLE same (id text, status text) SERVER same OPTIONS (resource 'jobs');
	CREATE FOREIGN TABLE single (id text OPTIONS (meta 'job_id'), status text) SERVER large OPTIONS (resource 'jobs');
	CREATE FOREIGN TABLE inside (id text OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line')) SERVER large
		OPTIONS (resource 'results');
	CREATE FUNCTION peak_kb() RETURNS bigint LANGUAGE sql AS
	\$\$ SELECT (regexp_match(pg_read_file('/proc/self/status', 0, 4096), 'VmHWM:\\s+(\\d+)'))[1]::bigint \$\$;
} . join('', map { qq{
	CREATE FOREIGN TABLE "$_" (b jsonb OPTIONS (path '\$')) SERVER large
		OPTIONS (resource 'results', url '$imitation->{files}/large/$_-@{[MB]}', result_format 'jsonl');
} } @shapes));

# Run a query of one value in a session of its own; give the value, by how many MB
# memory peaked, and how many seconds it took.
sub run
{
	my ($query) = @_;
	my $out = $node->safe_psql('postgres', qq{
		SELECT count(*) FROM single WHERE id = 'ints-1';
		SELECT peak_kb() AS before \\gset
		SELECT clock_timestamp() AS start \\gset
		$query;
		SELECT (peak_kb() - :before) * 1024 / 1e6, extract(epoch FROM clock_timestamp() - :'start')});
	return $out =~ /^1\n(.*)\n(.*)\|(.*)$/;
}

# Cancel a query at some moments of the time that it takes; give by how many
# seconds it came late at most.
sub latest
{
	my ($query, $takes) = @_;
	my $latest = 0;

	foreach my $share (0.5, 0.8)
	{
		my $timeout = int($takes * $share * 1000) + 1;
		my $start = time;
		my ($code, $out, $err) = $node->psql('postgres', "SET statement_timeout = $timeout; $query");
		my $late = time - $start - $timeout / 1000;

		$latest = $late if $late > $latest;
	}
	return $latest;
}

# What is read, the answer, and how many times the answer's or the record's size
# memory may grow, beside a jsonb that is given out
my @cases = (
	[ 'a page of jobs', 'SELECT count(*) FROM listed', qr/^2[12]\d000$/, 4 ],
	[ 'a page of one job that is dropped each time but one', 'SELECT count(*) FROM same', qr/^1$/, 4 ],
	[ 'a job with a long text', "SELECT status FROM single WHERE id = 'text-@{[MB]}'", qr/^completed$/, 4 ],
	[ 'a job with its results inside', "SELECT count(*) FROM inside WHERE id = 'records-@{[MB]}'", qr/^8400$/, 4 ],
	[ 'a job with many results inside', "SELECT count(*) FROM inside WHERE id = 'strings-@{[MB]}'", qr/^4820000$/, 4 ]);

$node->safe_psql('postgres', q{
	CREATE FOREIGN TABLE lenient (b jsonb OPTIONS (path '$')) SERVER large OPTIONS (resource 'results',
		url '} . "$imitation->{files}/large/keys-@{[MB]}" . q{', result_format 'jsonl', on_error 'skip');
	CREATE FOREIGN TABLE first (b int OPTIONS (path '$[0]')) SERVER large OPTIONS (resource 'results',
		url '} . "$imitation->{files}/large/ints-@{[MB]}" . q{', result_format 'jsonl')});
push @cases, [ 'the first number of many', 'SELECT b FROM first', qr/^1$/, 1 ];
push @cases, [ 'jsonb of keys, where an error is passed over', 'SELECT pg_column_size(b) FROM lenient', qr/^\d+$/, 4 ];
push @cases, [ "jsonb of $_", qq{SELECT pg_column_size(b) FROM "$_"}, qr/^\d+$/, 6 ] foreach @shapes;
foreach my $case (@cases)
{
	my ($what, $query, $expected, $times) = @$case;
	my ($answer, $grown, $takes) = run($query);

	like($answer, $expected, "$what: the answer");
	$grown -= $answer / 1e6 if $what =~ /^jsonb/;
	cmp_ok($grown, '<', $times * 1.05 * MB, sprintf '%s: memory grew by %.1f times its size', $what, $grown / MB);
	my $late = latest($query, $takes);
	cmp_ok($late, '<', PROMPT, sprintf '%s: takes %.1f s, and is canceled %.3f s late at most', $what, $takes, $late);
}
unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
