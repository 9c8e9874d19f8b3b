# auth_hosts of a user mapping: further origins whose results get the key; no other
# one does, whatever redirects, results and templates name.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my @names = qw(api.example more.example sub.more.example other.example files.example);

# Start a server that speaks TLS and passes all on to a port; returns its own.
sub start_front
{
	my ($to) = @_;
	my $pid = open(my $out, '-|', 'python3', '-c', q{
import socket, ssl, sys, threading
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(sys.argv[1] + "/own.crt", sys.argv[1] + "/own.key")
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass
def serve(raw):
    try:
        front, back = c.wrap_socket(raw, server_side=True), socket.create_connection(("127.0.0.1", int(sys.argv[2])))
        threading.Thread(target=pump, args=(back, front), daemon=True).start()
        pump(front, back)
    except OSError:
        pass
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
}, $dir, $to) or die $!;
	my $port = <$out>;
	chomp $port;
	return { pid => $pid, out => $out, port => $port };
}

system("cd $dir && openssl req -x509 -newkey rsa:2048 -nodes -keyout own.key -out own.crt -days 30 -subj /CN=api.example"
	. ' -addext subjectAltName=' . join(',', map { "DNS:$_" } @names) . ' >openssl.log 2>&1') == 0
  or die slurp_file("$dir/openssl.log");
chmod 0755, $dir;
my $imitation = Imitation->new;
my $node = $imitation->cluster_of_names('auth_hosts', map { $_ => '127.0.0.1' } @names);
my ($api) = $imitation->{api} =~ /:(\d+)$/;
my ($files) = $imitation->{files} =~ /:(\d+)$/;
my @fronts = (start_front($api), start_front($api));
my ($tls, $tls2) = map { $_->{port} } @fronts;
my $further = "https://more.example:$tls";
my $hosts = "result_hosts '" . join(', ', @names, '127.0.0.1') . "'";

# Make a server and its tables job and results, in a schema of its name.
sub make_server
{
	my ($name, $options) = @_;
	$node->safe_psql(
		'postgres', qq{
		CREATE SCHEMA $name;
		CREATE SERVER $name FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', max_retries '0',
			base_url 'http://api.example:$api/named', allow_private_hosts 'true', ca_file '$dir/own.crt',
			headers '{"x-extra": "also-secret"}', $options);
		CREATE USER MAPPING FOR PUBLIC SERVER $name OPTIONS (api_key 'key-of-origin', auth_hosts '$further, https://none.example');
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

# 30 redirects: of the API to the further origin, and of results there
my %places = (
	'itself' => "$further/x",
	'the API' => "http://api.example:$api/x",
	'other host' => "https://other.example:$tls/x",
	'other port' => "https://more.example:$tls2/x",
	'other scheme' => "http://more.example:$api/x",
	'relative' => "../landed");
my ($followed, $leaked, $asked) = (0, 0, 0);
foreach my $status (301, 302, 303, 307, 308)
{
	my $hex = unpack('H*', $places{itself});
	my ($outcome, @log) = ask('raw.job', "$status/$hex");
	is("$outcome of " . @log, '08006 of 1', "$status of the API to the further origin is not followed");
	($outcome, @log) = ask_results('plain.results', unpack('H*', "http://api.example:$api/named/$status/$hex"));
	is(join(',', map { has_key($_) } @log), '1,1,0', "$status of results of the API to the further origin takes no key along");
	foreach my $place (sort keys %places)
	{
		$hex = unpack('H*', $places{$place});
		($outcome, @log) = ask_results('plain.results', unpack('H*', "$further/named/$status/$hex"));
		my ($first, $second, @hops) = @log;
		is($outcome, '58P01', "$status of results at the further origin to $place");
		is(scalar(@hops), 1, "... hops");
		$asked += has_key($first) && has_key($second);
		$followed += @hops;
		$leaked += grep { has_key($_) } @hops;
	}
}
is($asked, 30, 'the further origin got the key each time');
is($followed, 30, 'its redirects were followed');
is($leaked, 0, 'none of them brought the key');

# Where results may be, and whether the key goes along
my %results = (
	"$further/x" => 1,
	"https://MORE.Example:$tls/x" => 1,
	"HTTPS://more%2eexample:$tls/x?a=b" => 1,
	"http://api.example:$api/x" => 1,
	"http://more.example:$api/x" => 0,
	"https://more.example:$tls2/x" => 0,
	"https://sub.more.example:$tls/x" => 0,
	"https://other.example:$tls/x" => 0,
	"https://api.example:$tls/x" => 0,
	"http://more.example:$files/fault/small" => 0,
	"//more.example:$api/x" => 0);
make_server('never', "$hosts, result_auth 'never'");
make_server('query', "$hosts, auth_param 'k'");
make_server('narrow', "result_hosts 'api.example'");
foreach my $url (sort keys %results)
{
	my $id = unpack('H*', $url);
	my (undef, @log) = ask_results('plain.results', $id);
	is(join(',', map { has_key($_) } @log), "1,$results{$url}", "the key and results at $url");
	(undef, @log) = ask_results('never.results', $id);
	is(join(',', map { has_key($_) } @log), '1,0', "result_auth never and results at $url");
	(undef, @log) = ask_results('query.results', $id);
	is(join(',', map { has_key($_) ? ($_->{query} // '') =~ /k=key-of-origin/ ? 'query' : 'header' : 0 } @log),
		$url =~ /^http:..api/ ? 'query,query' : $results{$url} ? 'query,0' : 'query,0', "auth_param and results at $url");
}
my ($outcome, @log) = ask_results('narrow.results', unpack('H*', "$further/x"));
is("$outcome of " . @log, '22023 of 1', 'auth_hosts allows no host that result_hosts does not');
is($unlike, 0, 'asking the job again changes nothing of that');

# Templates that lead to the further origin ask for nothing: it is one of results
make_server('away', "$hosts, job_url '$further/named/batch/{id}', list_url '$further/named/json/5b5d'");
($outcome, @log) = ask('away.job', '61');
is("$outcome of " . @log, '22023 of 0', 'a job_url there is refused');
$imitation->ask('_reset');
is($node->safe_psql('postgres', "SELECT outcome_of('SELECT count(*) FROM away.job')"), '22023', 'a list_url there is refused');
is(scalar(@{ $imitation->ask('_log') }), 0, '... and not asked for');
make_server('stored', "$hosts, urls_path '\$.none', results_url '$further/x/{batch_id}'");
(undef, @log) = ask_results('stored.results', '61');
is(join(',', map { has_key($_) } @log), '1,1', 'a results_url there is asked for with the key');

# A table's url is read without a key
$node->safe_psql('postgres', qq{CREATE FOREIGN TABLE direct (id text) SERVER plain
	OPTIONS (resource 'results', url '$further/named/batch/61')});
$imitation->ask('_reset');
$node->safe_psql('postgres', 'SELECT count(*) FROM direct');
is(join(',', map { has_key($_) } @{ $imitation->ask('_log') }), '0', "a table's url is read without the key");

# It is a matter of whoever has the key: another user's mapping names no further origin
$node->safe_psql('postgres', q{
	CREATE ROLE other;
	GRANT USAGE ON SCHEMA plain TO other;
	GRANT SELECT ON plain.results TO other;
	CREATE USER MAPPING FOR other SERVER plain OPTIONS (api_key 'key-of-origin')});
$imitation->ask('_reset');
$node->psql('postgres', "SET ROLE other; SELECT count(*) FROM plain.results WHERE id = '" . unpack('H*', "$further/x") . "'");
is(join(',', map { has_key($_) } @{ $imitation->ask('_log') }[ 0, 1 ]), '1,0', 'the mapping of another user');

# expected_host pins the key all the same
$node->safe_psql('postgres', "ALTER USER MAPPING FOR PUBLIC SERVER plain OPTIONS (ADD expected_host 'more.example')");
($outcome, @log) = ask('plain.results', unpack('H*', "$further/x"));
is("$outcome of " . @log, '28000 of 0', 'expected_host is of base_url, whatever auth_hosts has');

# What can be named
foreach my $origins ('http://more.example', 'more.example', 'https://more.example/x', 'https://more.example?a', 'https://more.example#a',
	'https://a:b@more.example', 'https://*.example', 'https://', '*', '', 'https://more.example,', 'ftp://more.example', 'https://more.example:0x')
{
	like($node->safe_psql('postgres', "SELECT outcome_of(\$\$ ALTER USER MAPPING FOR PUBLIC SERVER never OPTIONS (SET auth_hosts '$origins') \$\$)"),
		qr/22023/, "auth_hosts '$origins' is refused");
}
is( $node->safe_psql('postgres', "SELECT outcome_of(\$\$ ALTER SERVER never OPTIONS (ADD auth_hosts '$further') \$\$)"),
	'HV00D', 'a server has no auth_hosts');
kill 'TERM', map { $_->{pid} } @fronts;
done_testing();
