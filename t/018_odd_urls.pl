# URLs that are none, wherever they come from: an error that says so, never a
# crash, and never a word of what they hide.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('odd_urls');
my ($files) = $imitation->{files} =~ /:(\d+)$/;
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER named FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', max_retries '0',
		base_url '$imitation->{api}/named', allow_private_hosts 'true', result_hosts '*, 127.0.0.1');
	CREATE USER MAPPING FOR PUBLIC SERVER named OPTIONS (api_key 'test-key');
	CREATE FOREIGN TABLE named (id text OPTIONS (meta 'job_id')) SERVER named
		OPTIONS (resource 'results', check_count 'off');
	CREATE FOREIGN TABLE named_job (id text OPTIONS (meta 'job_id')) SERVER named OPTIONS (resource 'jobs');
});

# Read the results at a URL; give the number of rows, or the error in full.
sub read_url
{
	my ($url) = @_;
	my ($code, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSELECT count(*) FROM named WHERE id = '" . unpack('H*', $url) . "'");

	return $code == 0 ? $out : $err;
}

# Read the results at a URL that redirects.
sub follow
{
	my ($location) = @_;
	return read_url("$imitation->{api}/named/302/" . unpack('H*', $location) . '?X-Amz-Signature=SECRET');
}

# Redirects that no URL can be made of
is(follow("http://127.0.0.1:$files/fault/small"), 3, 'a redirect is followed');
foreach my $location (
	'http://127.0.0.1:99999/x', 'http://127.0.0.1:-1/x', 'http://127.0.0.1:0x50/x', 'http://[::1', 'http://', '//',
	"http://127.0.0.1:$files/a b", "http://127.0.0.1:$files/?\x7f", 'http://[fe80::1%25/', '///', 'x:y')
{
	my $error = follow($location);
	(my $shown = $location) =~ s/([^ -~])/sprintf('<%02x>', ord $1)/ge;
	like($error, qr/ERROR:  08006: could not fetch "\Q$imitation->{api}\E[^"?]*": it redirects to a malformed URL\n/, "$shown: a malformed redirect");
	unlike($error, qr/SECRET/, "$shown: no secret");
}
like(follow('http://user:pw@127.0.0.1/'), qr/ERROR:  22023: refused to fetch "http:\/\/\[redacted\]@/, 'a redirect to a user');

# Letters that are not ASCII are shown as they are sent
like(follow("http://127.0.0.1:$files/caf\xe9"), qr/ERROR:  58P01: could not fetch "\Q$imitation->{files}\E\/caf%E9":/,
	'a path that is not UTF-8 is shown in ASCII');

# What a job names: relative is what begins with no scheme, whatever stands in its query
foreach my $url ('/named/302/' . unpack('H*', "$imitation->{files}/fault/small") . '?src=s3://b/k',
	'../302/' . unpack('H*', "$imitation->{files}/fault/small") . '?src=s3://b/k#x://y')
{
	is(read_url($url), 3, "$url is relative to the job's own URL");
}
foreach my $url ('s3://bucket/key?X-Amz-Signature=SECRET', 'x:y?sig=SECRET', "/x\x7fy?sig=SECRET", '//?sig=SECRET', 'http://x y/#SECRET', "//x y/?sig=SECRET")
{
	my $error = read_url($url);
	(my $shown = $url) =~ s/([^ -~])/sprintf('<%02x>', ord $1)/ge;
	like($error, qr/ERROR:  22023: refused to fetch/, "$shown is refused");
	unlike($error, qr/SECRET/, "$shown: no secret");
}

# Templates that were stored before they were refused
foreach my $case ([ 'job_url', '/batch/{jobId}', 'in which {id} or {\+id}' ], [ 'job_url', '/batch', 'in which {id} or {\+id}' ],
	[ 'job_url', '/{account}/{id}', 'in which {id} or {\+id}' ], [ 'list_url', '/batch/{id}', 'without a field' ])
{
	my ($option, $value, $hint) = @$case;
	my ($code, $out, $err) = $node->psql('postgres', qq{
		\\set VERBOSITY verbose
		SET allow_system_table_mods = on;
		UPDATE pg_foreign_server SET srvoptions = srvoptions || '$option=$value'::text WHERE srvname = 'named';
		SELECT * FROM named_job WHERE id = 'x';
		SELECT * FROM named_job;});
	like($err, qr/ERROR:  22023: invalid value for option "$option"\nHINT:  .*$hint/, "$option '$value' that is stored");
	$node->safe_psql('postgres', "ALTER SERVER named OPTIONS (DROP $option)");
}

unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP|leak/i, 'no crash and no leak in the log');
done_testing();
