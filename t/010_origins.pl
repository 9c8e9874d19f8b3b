# The key goes to base_url's scheme, host and port only, whatever redirects,
# results and templates name.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster_of_names('origins', map { $_ => '127.0.0.1' }
	qw(api.example other.example files.example));
my ($api) = $imitation->{api} =~ /:(\d+)$/;
my ($files) = $imitation->{files} =~ /:(\d+)$/;
my $hosts = "result_hosts 'api.example, other.example, files.example, 127.0.0.1'";

# Make a server and its tables job and results, in a schema of its name.
sub make_server
{
	my ($name, $options) = @_;
	$node->safe_psql(
		'postgres', qq{
		CREATE SCHEMA $name;
		CREATE SERVER $name FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', max_retries '0',
			base_url 'http://api.example:$api/named', allow_private_hosts 'true',
			headers '{"x-extra": "also-secret"}', $options);
		CREATE USER MAPPING FOR PUBLIC SERVER $name OPTIONS (api_key 'key-of-origin');
		CREATE FOREIGN TABLE $name.job (id text OPTIONS (meta 'job_id')) SERVER $name OPTIONS (resource 'jobs');
		CREATE FOREIGN TABLE $name.results (id text OPTIONS (meta 'job_id')) SERVER $name
			OPTIONS (resource 'results', check_count 'off');
	});
}

# Ask for a job or its results; give the count or the SQLSTATE, and the requests.
sub ask
{
	my ($table, $id) = @_;
	$imitation->ask('_reset');
	my $outcome = $node->safe_psql('postgres',
		"SELECT outcome_of(\$\$ SELECT count(*) FROM $table WHERE id = '$id' \$\$)");
	return ($outcome, @{ $imitation->ask('_log') });
}

# The same of results, up to where the job is asked again for the URL of a file
# that is not there; what follows then brings the key where it did before.
my $unlike = 0;

sub ask_results
{
	my ($outcome, @log) = ask(@_);
	my ($again) = grep { $_ > 0 && $log[$_]{path} eq $log[0]{path} } 0 .. $#log;
	if (defined $again)
	{
		my @rest = splice(@log, $again);
		$unlike += grep { has_key($rest[$_]) != has_key($log[$_]) } 0 .. $#rest;
	}
	return ($outcome, @log);
}

# Tell whether a request brought the key, or what goes along with it.
sub has_key
{
	my ($request) = @_;
	return grep({ /key-of-origin|also-secret/ } values %{ $request->{headers} },
		$request->{path}, $request->{query} // '') ? 1 : 0;
}

make_server('plain', $hosts);
make_server('raw', "$hosts, job_url '/{+id}'");

# 25 redirects, of the API itself and of results on its origin
my %places = (
	'other host' => "http://other.example:$api/x",
	'other port' => "http://api.example:$files/fault/small",
	'other scheme' => "https://api.example:$files/x",
	'relative' => "../landed",
	'no scheme' => "//files.example:$files/fault/small");
my ($followed, $leaked, $asked) = (0, 0, 0);
foreach my $status (301, 302, 303, 307, 308)
{
	foreach my $place (sort keys %places)
	{
		my $hex = unpack('H*', $places{$place});
		my ($outcome, @log) = ask('raw.job', "$status/$hex");

		is("$outcome of " . @log, '08006 of 1', "$status of the API to $place is not followed");
		$asked += has_key($log[0]);

		my $job = unpack('H*', "http://api.example:$api/named/$status/$hex");
		($outcome, @log) = ask_results('plain.results', $job);
		my ($first, $second, @hops) = @log;
		is($outcome, { 'other port' => 3, 'no scheme' => 3, 'other scheme' => '08001' }->{$place} // '58P01',
			"$status of results to $place");
		is(scalar(@hops), $place eq 'other scheme' ? 0 : 1, "$status of results to $place: hops");
		$asked += has_key($first) && has_key($second);
		$followed += @hops;
		$leaked += grep { has_key($_) } @hops;
	}
}
is($asked, 50, 'the API got the key each time');
is($followed, 20, 'the redirects of results were followed');
is($leaked, 0, 'none of them brought the key');

# Where results may be, and whether the key goes along
my %results = (
	"http://api.example:$api/x" => 1,
	"http://API.Example:$api/x" => 1,
	"http://api%2eexample:$api/x" => 1,
	"/x" => 1,
	"http://api.example:$files/fault/small" => 0,
	"http://other.example:$api/x" => 0,
	"http://127.0.0.1:$api/x" => 0,
	"//files.example:$files/fault/small" => 0);
make_server('never', "$hosts, result_auth 'never'");
foreach my $url (sort keys %results)
{
	my $id = unpack('H*', $url);
	my (undef, @log) = ask_results('plain.results', $id);
	is(join(',', map { has_key($_) } @log), "1,$results{$url}", "the key and results at $url");
	(undef, @log) = ask_results('never.results', $id);
	is(join(',', map { has_key($_) } @log), '1,0', "result_auth never and results at $url");
}

is($unlike, 0, 'asking the job again changes nothing of that');

# Templates that leave the origin ask for nothing
my $n = 0;
foreach my $url ("http://other.example:$api/named/batch", "http://api.example:$files/x", "https://api.example:$api/x",
	"http://127.0.0.1:$api/x", "http://api.example.other.example:$api/x", "http://api.example/x")
{
	$n++;
	make_server("away$n", "$hosts, job_url '$url/{id}', list_url '$url'");
	my ($outcome, @log) = ask("away$n.job", '61');
	is("$outcome of " . @log, '22023 of 0', "a job_url at $url is refused");
	$imitation->ask('_reset');
	is( $node->safe_psql('postgres', "SELECT outcome_of('SELECT count(*) FROM away$n.job')"),
		'22023', "a list_url at $url is refused");
	is(scalar(@{ $imitation->ask('_log') }), 0, '... and not asked for');
}

# A template cannot make its host of values
is( $node->safe_psql('postgres', q{SELECT outcome_of($$ CREATE SERVER made FOREIGN DATA WRAPPER batch_fdw
	OPTIONS (base_url 'https://api.example', job_url 'https://{id}/batch') $$)}),
	'22023', 'a template cannot make its host of values');

# A table's url is read without a key, on base_url's own origin too
$node->safe_psql('postgres', qq{CREATE FOREIGN TABLE direct (id text) SERVER plain
	OPTIONS (resource 'results', url 'http://api.example:$api/named/batch/61')});
$imitation->ask('_reset');
$node->safe_psql('postgres', 'SELECT count(*) FROM direct');
my @log = @{ $imitation->ask('_log') };
is(join(',', map { has_key($_) } @log), '0', "a table's url is read without the key");

# expected_host pins the key
$node->safe_psql('postgres', "ALTER USER MAPPING FOR PUBLIC SERVER plain OPTIONS (ADD expected_host 'API.example')");
(my $outcome, @log) = ask('plain.job', '61');
is("$outcome of " . @log, '1 of 1', 'the host that the key is for');
$node->safe_psql('postgres', "ALTER SERVER plain OPTIONS (SET base_url 'http://other.example:$api/named')");
($outcome, @log) = ask('plain.job', '61');
is("$outcome of " . @log, '28000 of 0', 'another host than the one that the key is for');
done_testing();
