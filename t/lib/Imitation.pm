# The imitation of the APIs (test/imitation) and a cluster that talks to it.
package Imitation;

use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use JSON::PP;
use HTTP::Tiny;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

# Start the imitation on free ports; it ends with this process.
sub new
{
	my ($class) = @_;
	my $script = abs_path("$FindBin::RealBin/../test/imitation");
	my $pid = open(my $out, '-|', 'python3', '-B', $script, '--port', '0',
		'--files-port', '0', '--parent', $$)
	  or die "could not start $script: $!";
	my $line = <$out> // '';
	my ($api, $files) = $line =~ /^ready (\d+) (\d+)/
	  or die "unexpected first line of $script: $line";
	return bless {
		pid => $pid,
		out => $out,
		api => "http://127.0.0.1:$api",
		files => "http://127.0.0.1:$files"
	}, $class;
}

# Get a control route of the imitation as data.
sub ask
{
	my ($self, $route) = @_;
	my $answer = HTTP::Tiny->new(proxy => undef)->get("$self->{api}/$route");
	die "$route: $answer->{status}" unless $answer->{success};
	return decode_json($answer->{content});
}

# Make a cluster with the extension, a server for crustdata and its tables.
sub cluster
{
	my ($self, $name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
	$node->append_conf('postgresql.conf', 'log_error_verbosity = default');
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION batch_fdw');
	# The library that runs here is the one that is tested.
	my $library = $ENV{BATCH_FDW_LIBRARY} // 'batch_fdw.so';
	my $maps = $node->safe_psql('postgres',
		"SELECT pg_read_file('/proc/self/maps') FROM batch_fdw_version()");
	die "the library is not $library: $maps" unless $maps =~ /\Q$library\E/;
	$node->safe_psql(
		'postgres', qq{
		CREATE SERVER crustdata FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
			base_url '$self->{api}/crustdata', allow_private_hosts 'true');
		CREATE USER MAPPING FOR PUBLIC SERVER crustdata OPTIONS (api_key 'test-key');
		CREATE FOREIGN TABLE job (id text OPTIONS (meta 'job_id'), status text)
			SERVER crustdata OPTIONS (resource 'jobs');
		CREATE FOREIGN TABLE results (id text OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line'),
			name text OPTIONS (path '\$.data.name')) SERVER crustdata OPTIONS (resource 'results');
	});
	return $node;
}

# Make a cluster whose names are those of a hash, each with its addresses, and
# that connects to no other machine; see t/shim/names.c.
sub cluster_of_names
{
	my ($self, $name, %hosts) = @_;
	my $shim = "$PostgreSQL::Test::Utils::tmp_check/names.so";

	system('gcc', '-shared', '-fPIC', '-o', $shim, "$FindBin::RealBin/shim/names.c", '-ldl') == 0
	  or die 'could not compile the shim';
	$self->{shim} = PostgreSQL::Test::Utils::tempdir();
	append_to_file("$self->{shim}/hosts", join('', map { "$_ $hosts{$_}\n" } sort keys %hosts));
	local $ENV{LD_PRELOAD} = $shim;
	local $ENV{BATCH_SHIM} = $self->{shim};
	my $node = $self->cluster($name);
	$node->safe_psql('postgres', q{
		CREATE FUNCTION outcome_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE result text;
		BEGIN
			EXECUTE statement INTO result;
			RETURN result;
		EXCEPTION WHEN OTHERS THEN
			RETURN SQLSTATE;
		END $$});
	return $node;
}

# Give the names that were looked up, or the connections that were made, so far.
sub shim_log
{
	my ($self, $word) = @_;
	my $log = "$self->{shim}/log";
	my @lines = -e $log ? split(/\n/, slurp_file($log)) : ();

	return map { /^$word (.*)/ ? $1 : () } @lines;
}

# Stop the imitation.
sub DESTROY
{
	my ($self) = @_;
	local $?;
	kill 'TERM', $self->{pid};
	close $self->{out};
}

1;
