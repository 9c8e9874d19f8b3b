# The imitation of the APIs (test/api.py) and a cluster that talks to it.
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
	my $script = abs_path("$FindBin::RealBin/../test/api.py");
	my $pid = open(my $out, '-|', 'python3', $script, '--port', '0',
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

	$node->init;
	$node->append_conf('postgresql.conf', 'log_error_verbosity = default');
	$node->start;
	$node->safe_psql(
		'postgres', qq{
		CREATE EXTENSION batch_fdw;
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

# Stop the imitation.
sub DESTROY
{
	my ($self) = @_;
	local $?;
	kill 'TERM', $self->{pid};
	close $self->{out};
}

1;
