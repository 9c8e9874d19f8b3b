# Running very many scans of jobs whose ids tell what goes wrong (test/imitation/proof.py).
package Proof;

use strict;
use warnings;
use Exporter qw(import);
use PostgreSQL::Test::Utils;
use IPC::Run;
use POSIX ();
use Test::More;

our @EXPORT = qw(prepare verdicts verdict few tally requests of_files phases prepare_ends end_backend);
my $ended = 0;    # sessions, by end_backend

# Tell how many cases to run: few, or as many as BATCH_FDW_FULL asks for.
sub few
{
	my ($few, $many) = @_;
	return $ENV{BATCH_FDW_FULL} ? $many : $few;
}

# Tell where a scan of crustdata's tables can wait: by name, the query that waits there.
sub phases
{
	return (
		'no head of the API' => "SELECT * FROM job WHERE id = 'api-hang'",
		'a stalled answer of the API' => "SELECT * FROM job WHERE id = 'api-stall'",
		'no head of the file' => "SELECT count(*) FROM results WHERE id = 'hang'",
		'a stalled file' => "SELECT count(*) FROM results WHERE id = 'stall'",
		'a slow file' => "SELECT count(*) FROM results WHERE id = 'slow'",
		'a file at full speed' => "SELECT count(*) FROM results WHERE id = 'full-speed'",
		'a pause before another try' => "SELECT * FROM job WHERE id = 'api-retry-99999-429-30'");
}

# Make the function that end_backend calls: how many ms a backend takes to end what it does.
sub prepare_ends
{
	my ($node) = @_;
	$node->safe_psql(
		'postgres', q{
		CREATE FUNCTION end_backend(how text, backend int) RETURNS float LANGUAGE plpgsql AS $$
		DECLARE
			start timestamptz := clock_timestamp();
			most interval := '20 s';
		BEGIN
			EXECUTE format('SELECT %I($1)', how) USING backend;
			LOOP
				PERFORM pg_stat_clear_snapshot();
				EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = backend AND state = 'active');
				EXIT WHEN clock_timestamp() - start > most;
				PERFORM pg_sleep(0.002);
			END LOOP;
			RETURN extract(epoch FROM clock_timestamp() - start) * 1000;
		END $$;
	});
	return;
}

# Begin a query in a session of its own, end it by pg_cancel_backend or
# pg_terminate_backend once it waits, and tell after how many ms it did.
sub end_backend
{
	my ($node, $how, $query) = @_;
	my $name = 'ended ' . ++$ended;
	my $active = "FROM pg_stat_activity WHERE application_name = '$name' AND state = 'active'";
	my $child = fork() // die "could not fork: $!";

	if ($child == 0)
	{
		$ENV{PGAPPNAME} = $name;
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', '/dev/null');
		exec('psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', $query) or POSIX::_exit(1);
	}
	$node->poll_query_until('postgres', "SELECT count(*) = 1 $active");
	my $took = $node->safe_psql('postgres', "SELECT pg_sleep(0.2); SELECT end_backend('$how', pid) $active") =~ s/\s//gr;
	waitpid($child, 0);
	die "no session waited: $query" if $took eq '';
	return $took;
}

# Make servers for the proof's jobs, and a function that reads one: `proof` with
# few retries, `patient` with one, `brief` with no time for more, `once` for what can be had once only, `strict` without a retry.
sub prepare
{
	my ($imitation, $node) = @_;
	my %servers = (
		proof => "max_retries '3'",
		patient => "max_retries '1', retry_timeout '1min'",
		brief => "max_retries '3', retry_timeout '0'",
		once => "max_retries '3', result_once 'true'",
		strict => "max_retries '0'");

	foreach my $name (sort keys %servers)
	{
		$node->safe_psql(
			'postgres', qq{
			CREATE SERVER $name FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
				base_url '$imitation->{api}/crustdata', allow_private_hosts 'true', $servers{$name});
			CREATE USER MAPPING FOR PUBLIC SERVER $name OPTIONS (api_key 'test-key');
			CREATE FOREIGN TABLE $name (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'),
				line bigint OPTIONS (meta 'line'), n int, name text)
				SERVER $name OPTIONS (resource 'results', check_count 'error');
		});
	}
	$node->safe_psql(
		'postgres', q{
		CREATE FUNCTION verdict(tab text, job text) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE
			answer text;
		BEGIN
			EXECUTE format('SELECT concat_ws($a$ $a$, $a$rows$a$, count(*), md5(string_agg(
				concat_ws($a$ $a$, part, line, n, name), $a$,$a$ ORDER BY n, part, line))) FROM %I WHERE id = %L', tab, job)
				INTO answer;
			RETURN answer;
		EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
		END $$;
	});
	return;
}

# Give the verdict on one job: its rows as "rows COUNT HASH", or "SQLSTATE message".
sub verdict
{
	my ($node, $table, $job) = @_;
	return $node->safe_psql('postgres', "SELECT verdict('$table', '$job')");
}

# Give the verdicts on many jobs, by their ids, read in several sessions at once.
sub verdicts
{
	my ($node, $table, @jobs) = @_;
	my $sessions = 16;
	my (@shares, @runs, %verdicts);

	push @{ $shares[ $_ % $sessions ] }, $jobs[$_] foreach 0 .. $#jobs;
	foreach my $share (@shares)
	{
		my $file = "$PostgreSQL::Test::Utils::tmp_check/share" . @runs;
		append_to_file("$file.sql", join '', map { "SELECT '$_', verdict('$table', '$_');\n" } @$share);
		push @runs, [ $file, IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', "$file.sql" ],
			'<', '/dev/null', '>', $file, '2>', "$file.err") ];
	}
	foreach my $run (@runs)
	{
		my ($file, $handle) = @$run;
		IPC::Run::finish($handle);
		my $out = slurp_file($file);
		diag(slurp_file("$file.err")) if slurp_file("$file.err") =~ /ERROR|FATAL|server closed/;
		$verdicts{$1} = $2 while $out =~ /^([^|\n]+)\|(.*)$/mg;
		unlink $file, "$file.sql", "$file.err";
	}
	is(scalar(keys %verdicts), scalar(@jobs), scalar(@jobs) . ' verdicts');
	return \%verdicts;
}

# Count how often each value is among some; errors count by SQLSTATE, right rows
# as "right" and wrong ones as "wrong".
sub tally
{
	my ($right, @verdicts) = @_;
	my %counts;
	foreach my $verdict (@verdicts)
	{
		my $kind = $verdict eq $right ? 'right' : $verdict =~ /^rows/ ? 'wrong' : substr($verdict, 0, 5);
		diag("wrong: $verdict") if $kind eq 'wrong';
		$counts{$kind}++;
	}
	return \%counts;
}

# Give the verdict on one job, and the requests that it took.
sub requests
{
	my ($imitation, $node, $table, $job) = @_;
	$imitation->ask('_reset');
	my $verdict = verdict($node, $table, $job);
	return ($verdict, $imitation->ask('_log'));
}

# Show requests of the results host: status, Range and If-Match.
sub of_files
{
	my ($log) = @_;
	return [ map { join ' ', $_->{status}, grep { defined } @{ $_->{headers} }{ 'range', 'if-match' } }
		  grep { $_->{server} eq 'files' } @$log ];
}

1;
