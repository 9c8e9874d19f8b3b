# Every SQL block of the README runs, against the imitation.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->start;

# Point a statement of the README at the imitation.
sub redirect
{
	my ($sql) = @_;
	my $private = ", allow_private_hosts 'true'";

	$sql =~ s/\(provider '(\w+)'/(provider '$1', base_url '$imitation->{api}\/$1'$private/g;
	$sql =~ s/base_url 'https:\/\/api\.mistral\.ai'/base_url '$imitation->{api}\/mistral'$private/;
	$sql =~ s/\(auth_header ''\)/(auth_header '', base_url '$imitation->{files}'$private)/;
	$sql =~ s/https:\/\/files\.example\.com\/2026\/results\.jsonl\.gz/$imitation->{files}\/edge\/good.gz/;
	$sql =~ s/https:\/\/files\.example\.com\/2026\/wrapped\.json/$imitation->{files}\/edge\/wrapped_array.json/;
	$sql =~ s/api_key '…'/api_key 'test-key'/g;
	return $sql;
}

# The SQL blocks, in order.
my @blocks = slurp_file("$FindBin::RealBin/../README.md") =~ /```sql\n(.*?)```/gs;
cmp_ok(scalar(@blocks), '>', 20, 'the README has blocks of SQL');

# What the README takes for granted.
my $granted = q{
	CREATE SCHEMA crm;
	CREATE TABLE crm.accounts (domain text, owner text);
	CREATE ROLE analyst;
};
foreach my $vendor ('companyenrich', 'pulse')
{
	$granted .= redirect(qq{
		CREATE SERVER $vendor FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider '$vendor');
		CREATE USER MAPPING FOR CURRENT_USER SERVER $vendor OPTIONS (api_key '…');
		CREATE SCHEMA $vendor;
		IMPORT FOREIGN SCHEMA batch FROM SERVER $vendor INTO $vendor;
	});
}

my $number = 0;
foreach my $block (@blocks)
{
	my $sql = redirect($block);
	my ($first) = $block =~ /^(.{1,60})/;

	$number++;
	# Only one mapping of a user can be; the files of all jobs include missing ones;
	# pg_cron may not be there.
	next if $block =~ /^SET log_statement|cron\.schedule/;
	$sql =~ s/(SELECT batch_id, count\(\*\) FROM crustdata.results) (GROUP)/$1 WHERE batch_id = '53ab0000-0000-4000-8000-000000000002' $2/;
	$sql =~ s/(CALL batch_fdw_load\('crustdata.results', '[\w.]+')\)/$1, jobs => ARRAY['53ab0000-0000-4000-8000-000000000001'])/;
	my ($code, $out, $err) = $node->psql('postgres', $sql, on_error_stop => 1);
	$err =~ s/^\S+ NOTICE:  (?:jobs loaded into|made) table .*\n?//gm;
	is($err, '', "block $number runs: $first");
	$node->safe_psql('postgres', $granted) if $block =~ /^CREATE EXTENSION/;
}
done_testing();
