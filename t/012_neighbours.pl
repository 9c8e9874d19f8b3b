# Loading batch_fdw does nothing but load it, and other extensions do not mind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('neighbours');
my $library = $node->config_data('--pkglibdir') . '/batch_fdw.so';

# What the library offers to others
my ($out, $err) = run_command([ 'nm', '-D', '--defined-only', $library ]);
my @symbols = sort grep { !/^_/ } map { /\s(\S+)$/ ? $1 : () } split /\n/, $out;
is_deeply(
	\@symbols,
	[ sort 'Pg_magic_func', map { $_, "pg_finfo_$_" } map { "batch_fdw_$_" }
		qw(await check handler infer jobs load_statement providers rejected rejects stats validator version wait) ],
	'the library exports what PostgreSQL needs and nothing else');

# Preloaded, it starts no thread, opens nothing, and asks for nothing
$node->restart;
foreach my $setting ('shared_preload_libraries', 'session_preload_libraries')
{
	my $probe = q{SELECT count(*), (SELECT count(*) FROM pg_ls_dir('/proc/self/fd') f
		WHERE pg_read_file('/proc/self/fdinfo/' || f, 0, 1, true) IS NOT NULL) FROM pg_ls_dir('/proc/self/task')};
	my $before = $node->safe_psql('postgres', $probe);

	$node->append_conf('postgresql.conf', "$setting = 'batch_fdw'");
	$node->restart;
	$imitation->ask('_reset');
	is($node->safe_psql('postgres', $probe), $before, "$setting: threads and file descriptors as before");
	is( $node->safe_psql('postgres', q{SELECT pg_read_file('/proc/self/maps') ~ 'batch_fdw'}),
		't', "$setting: it is loaded");
	is_deeply($imitation->ask('_log'), [], "$setting: nothing was asked");
	is($node->safe_psql('postgres', "SELECT count(*) FROM results WHERE id = 'small'"), 3, "$setting: it works");
	$node->append_conf('postgresql.conf', "$setting = ''");
	$node->restart;
}

# Others that use OpenSSL, and libpq, in the same backend
SKIP:
{
	skip 'pgcrypto and dblink are not installed', 1
	  unless $node->safe_psql('postgres',
		q{SELECT count(*) FROM pg_available_extensions WHERE name IN ('pgcrypto', 'dblink')}) == 2;
	my $connection = sprintf('host=%s port=%d dbname=postgres', $node->host, $node->port);
	my $rows = $node->safe_psql(
		'postgres', qq{
		CREATE EXTENSION pgcrypto;
		CREATE EXTENSION dblink;
		CREATE FUNCTION both_ways(n int) RETURNS bool LANGUAGE sql AS \$\$
			SELECT encode(digest('a', 'sha256'), 'hex') LIKE 'ca978112%'
				AND pgp_sym_decrypt(pgp_sym_encrypt('text ' || n, 'key'), 'key') = 'text ' || n
				AND (SELECT count(*) FROM results WHERE id = 'small') = 3
				AND (SELECT count(*) FROM dblink('c', 'SELECT * FROM results WHERE id = ''small''')
					AS r (id text, line bigint, name text)) = 3
				AND crypt('secret', gen_salt('md5')) LIKE '\$1\$%' \$\$;
		SELECT dblink_connect('c', '$connection');
		SELECT count(*) FILTER (WHERE both_ways(n)) FROM generate_series(1, 20) n;
		SELECT dblink_disconnect('c');
	});
	is((split /\n/, $rows)[1], 20, 'pgcrypto, dblink and scans take turns in one backend');
}
unlike(slurp_file($node->logfile), qr/PANIC|signal 11|TRAP/, 'no crash in the log');
done_testing();
