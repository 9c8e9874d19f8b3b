# CSV is, value by value, what COPY makes of the same file.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use constant ROWS => $ENV{BATCH_FDW_ROWS} // 2_000;

my $imitation = Imitation->new;
my $node = $imitation->cluster('csv');
my $folder = PostgreSQL::Test::Utils::tempdir;
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER files FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url '$imitation->{files}',
		allow_private_hosts 'true', result_format 'csv');
});

my ($differences, $rows, %shapes) = (0, 0);
foreach my $seed (1 .. 20)
{
	my $file = "$folder/$seed.csv";

	system("python3 '$FindBin::RealBin/../test/imitation/rows.py' $seed @{[ROWS]} > '$file'") == 0 or die 'no rows';
	my $text = slurp_file($file);
	# COPY has no byte order marks
	$text =~ s/^\xef\xbb\xbf//;
	open(my $out, '>:raw', $file) or die $!;
	print $out $text;
	close $out;
	my $columns = () = ($text =~ /^([^\r\n]*)/)[0] =~ /c\d/g;
	my $list = join ', ', map { "c$_ text" } 0 .. $columns - 1;
	my $found = $node->safe_psql(
		'postgres', qq{
		CREATE TABLE copied_$seed (n bigserial, $list);
		COPY copied_$seed (@{[join ', ', map { "c$_" } 0 .. $columns - 1]}) FROM '$file' (FORMAT csv, HEADER);
		CREATE FOREIGN TABLE read_$seed (n bigint OPTIONS (meta 'line'), $list) SERVER files
			OPTIONS (resource 'results', url '$imitation->{files}/gen/rows-$seed-@{[ROWS]}.csv');
		SELECT count(*), count(*) FILTER (WHERE NOT ROW(c.*)::record *= ROW(r.*)::record OR c.n IS NULL OR r.n IS NULL)
			FROM copied_$seed AS c FULL JOIN read_$seed AS r USING (n);
	});
	my ($all, $differ) = split /\|/, $found;
	$differences += $differ;
	$rows += $all;
	$shapes{$columns}++;
	diag("seed $seed, $columns columns: $differ of $all rows differ") if $differ > 0;
}
is($differences, 0, 'no row differs from what COPY reads');
is($rows, 20 * ROWS, 'and there are all');
cmp_ok(scalar keys %shapes, '>', 3, 'of several widths');
done_testing();
