# In a database of any encoding: what enters is in its encoding, what leaves is UTF-8.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('encodings');

# Percent-encode as a request does.
sub escape
{
	return join('', map { /[\w.~-]/a ? $_ : sprintf('%%%02X', ord) } split(//, $_[0]));
}

# Give the route that answers with a body.
sub told
{
	return '/told/200/' . unpack('H*', $_[0]);
}

# Run a statement in a database, for a client in UTF-8; give what comes out, or the SQLSTATE.
sub run
{
	my ($database, $sql) = @_;
	my ($code, $out, $err) = $node->psql($database, "SET client_encoding = 'UTF8';\n\\set VERBOSITY verbose\n$sql");

	return $code == 0 ? $out : $err =~ /(?:ERROR):  (\w{5}):/ ? $1 : $err;
}

# The words of an API in some languages, all in UTF-8: accented letters and Japanese.
my %words = (
	latin => { id => "t\xc3\xa2che-\xc3\xa9", done => "termin\xc3\xa9", busy => "\xc3\xa0 faire", name => "\xc3\x89t\xc3\xa9",
		key => "cl\xc3\xa9" },
	japanese => { id => "\xe4\xbb\xbb\xe5\x8b\x99", done => "\xe5\xae\x8c\xe4\xba\x86", busy => "\xe5\xbe\x85\xe6\xa9\x9f",
		name => "\xe6\x9d\xb1\xe4\xba\xac", key => "\xe5\x90\x8d\xe5\x89\x8d" });
my @cases = (
	[ 'UTF8', 'latin' ], [ 'UTF8', 'japanese' ], [ 'LATIN1', 'latin' ], [ 'WIN1252', 'latin' ], [ 'EUC_JP', 'japanese' ],
	[ 'SQL_ASCII', 'latin' ], [ 'SQL_ASCII', 'japanese' ]);

foreach my $case (@cases)
{
	my ($encoding, $language) = @$case;
	my ($id, $done, $busy, $name, $key) = @{ $words{$language} }{qw(id done busy name key)};
	my $db = lc "${encoding}_$language";
	my $file = "$imitation->{files}/echo/" . unpack('H*', qq({"$key":"$name","n":1}\n{"$key":"$name","n":"x"}\n));
	my @jobs = (qq({"id":"$id","status":"$done","url":"$file","$key":"$name"}),
		qq({"id":"plain","status":"$busy","url":"$file","$key":"x"}));

	$node->safe_psql('postgres', "CREATE DATABASE $db ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	is(run($db, qq{
		CREATE EXTENSION batch_fdw;
		CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '$imitation->{api}', allow_private_hosts 'true',
			auth_header '', max_retries '0', list_url '@{[told('[' . join(',', @jobs) . ']')]}', job_url '@{[told($jobs[0])]}/{id}',
			list_filters 'status=$done|$busy, name:$key', status_map '$done=completed', urls_path '\$.url',
			list_lacks 'missing', job_columns 'id text, status text, "$key" text', result_columns '"$key" text, n int');
		CREATE FOREIGN TABLE jobs (id text, jid text OPTIONS (meta 'job_id'), status text, state text OPTIONS (meta 'state'),
			"$key" text) SERVER s OPTIONS (resource 'jobs');
		CREATE FOREIGN TABLE results (jid text OPTIONS (meta 'job_id'), name text OPTIONS (path '\$."$key"'),
			rec json OPTIONS (path '\$'), recb jsonb OPTIONS (path '\$'), names text[] OPTIONS (path '\$.none'))
			SERVER s OPTIONS (resource 'results');
		CREATE FOREIGN TABLE numbers (jid text OPTIONS (meta 'job_id'), n int)
			SERVER s OPTIONS (resource 'results', on_error 'skip')}), '', "$db: options");

	# What enters.
	is(run($db, qq{CREATE TABLE kept AS SELECT * FROM jobs; SELECT id, jid, status, state, "$key" FROM kept ORDER BY id <> 'plain'}),
		"plain|plain|$busy|$busy|x\n$id|$id|$done|completed|$name", "$db: jobs");
	is(run($db, "SELECT count(*) FROM kept WHERE octet_length(id) = octet_length('$id') AND id = '$id' AND state = 'completed'"),
		1, "$db: what is kept is in the database's encoding");
	is(run($db, 'SELECT count(*) FROM jobs WHERE id = jid'), 2, "$db: a column and the meta column of one id are equal");
	is(run($db, qq{SELECT jid, name, rec->>'$key', recb->>'$key' FROM results}), join("\n", ("$id|$name|$name|$name") x 2),
		"$db: results");
	is(run($db, 'SELECT state FROM jobs ORDER BY status, id DESC LIMIT 1'), $busy lt $done ? $busy : 'completed', "$db: ORDER BY");
	is(run($db, q{SELECT jid FROM kept JOIN jobs USING (jid, status) WHERE state = 'completed' OR jid > '' ORDER BY 1} =~ s/state/kept.state/r),
		join("\n", sort $id, 'plain'), "$db: a join by ids");
	is(run($db, "SELECT state FROM jobs WHERE jid = '$id'"), 'completed', "$db: a job by id");
	is(run($db, qq{SELECT batch_fdw_wait('jobs', '$id', '2 s')}), 'completed', "$db: a wait for a job");
	is(run($db, qq{CREATE SCHEMA i; IMPORT FOREIGN SCHEMA batch FROM SERVER s INTO i; SELECT "$key" FROM i.jobs WHERE status = '$done'}),
		$name, "$db: IMPORT");

	# What leaves.
	foreach my $filter ([ "status = '$done'", 'status', $done, 1 ], [ "status = ANY (ARRAY['$busy'])", 'status', $busy, 1 ],
		[ "state = '$busy'", 'status', $busy, 1 ], [ qq("$key" = '$name'), 'name', $name, 1 ])
	{
		my ($qual, $param, $word, $rows) = @$filter;

		$imitation->ask('_reset');
		is(run($db, "SELECT count(*) FROM jobs WHERE $qual") . ' ' . join(' ', map { $_->{query} // 'none' } @{ $imitation->ask('_log') }),
			"$rows $param=" . escape($word), "$db: $param is sent in UTF-8");
	}

	# What is told.
	is(run($db, q{SELECT count(n) FROM numbers; SELECT job_id, line, message FROM batch_fdw_rejects()}),
		qq(1\n$id|2|invalid input syntax for type integer: "x"), "$db: rejects");
	is(run($db, q{SELECT record FROM batch_fdw_rejects()} =~ s/^/SELECT count(n) FROM numbers; /r),
		qq(1\n{"$key":"$name","n":"x"}), "$db: the records of rejects");
	my (undef, undef, $err) = $node->psql($db, "SET client_encoding = 'UTF8'; SELECT n FROM (TABLE numbers) AS x (jid, n);
		ALTER FOREIGN TABLE numbers OPTIONS (DROP on_error); SELECT n FROM numbers");
	like($err, qr/CONTEXT:  job "\Q$id\E", part 1, line 2, column "n"/, "$db: CONTEXT");
	like($err, qr/NOTICE: .*\nDETAIL:  22P02: 1, first in job "\Q$id\E", part 1, line 2/, "$db: NOTICE");
}

# What an encoding lacks is an error of the value, as any other that does not fit.
my $task = "\xe4\xbb\xbb\xe5\x8b\x99";    # U+4EFB U+52D9
my $file = "$imitation->{files}/echo/" . unpack('H*', qq({"t":"$task"}\n{"t":"\xc3\xa9"}\n{"t":"\\u4efb"}\n{"t":"\\u00e9"}\n));
my $listing = qq([{"id":"$task","status":"$task","a":1},{"id":"x","status":"completed","a":2}]);
foreach my $encoding ('LATIN1', 'SQL_ASCII')
{
	my $db = lc "lacking_$encoding";
	my $fits = $encoding eq 'SQL_ASCII';

	$node->safe_psql('postgres', "CREATE DATABASE $db ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	run($db, qq{
		CREATE EXTENSION batch_fdw;
		CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '$imitation->{api}', allow_private_hosts 'true',
			auth_header '', max_retries '0', list_url '@{[told($listing)]}', job_url '/{id}', list_filters 'status, entity=a|b');
		CREATE FOREIGN TABLE jobs (jid text OPTIONS (meta 'job_id'), state text OPTIONS (meta 'state'), a int, status text, entity text)
			SERVER s OPTIONS (resource 'jobs');
		CREATE FOREIGN TABLE lines (line int OPTIONS (meta 'line'), t text, ts text[] OPTIONS (path '\$'), b jsonb OPTIONS (path '\$'),
			j json OPTIONS (path '\$')) SERVER s OPTIONS (resource 'results', url '$file')});
	foreach my $column ('jid', 'state', 'status')
	{
		is(run($db, "SELECT $column FROM jobs"), $fits ? ($column eq 'jid' ? "$task\nx" : "$task\ncompleted") : '22P05',
			"$db: $column is an error");
		is(run($db, "ALTER FOREIGN TABLE jobs OPTIONS (ADD on_error 'null'); SELECT a, $column IS NULL FROM jobs"),
			($fits ? "1|f\n" : "1|t\n") . '2|f', "$db: $column is null");
		is(run($db, "ALTER FOREIGN TABLE jobs OPTIONS (SET on_error 'skip'); SELECT a FROM jobs WHERE $column IS NOT NULL"),
			$fits ? "1\n2" : '2', "$db: $column is passed over");
		is(run($db, 'SELECT count(a) FROM jobs; SELECT count(*) FROM batch_fdw_rejects(); ALTER FOREIGN TABLE jobs OPTIONS (DROP on_error)'),
			"2\n0", "$db: $column does not matter where it is not wanted");
	}
	is(run($db, "ALTER FOREIGN TABLE jobs OPTIONS (ADD on_error 'skip'); SELECT count(jid) FROM jobs;
		SELECT job_id, column_name, sqlstate, message FROM batch_fdw_rejects()"),
		$fits ? '2' : "1\n\\u4efb\\u52d9|jid|22P05|a character has no equivalent in encoding \"LATIN1\" (It is U+4EFB.)", "$db: rejects");
	run($db, "ALTER FOREIGN TABLE lines OPTIONS (ADD on_error 'null')");
	is(run($db, 'SELECT string_agg(coalesce(t, \'-\'), \' \' ORDER BY line) FROM lines'),
		$fits ? "$task \xc3\xa9 \xe4\xbb\xbb \xc3\xa9" : "- \xc3\xa9 - \xc3\xa9", "$db: text");
	is(run($db, 'SELECT string_agg(coalesce(b->>\'t\', \'-\'), \' \' ORDER BY line) FROM lines'),
		$fits ? "$task \xc3\xa9 \xe4\xbb\xbb \xc3\xa9" : "- \xc3\xa9 - \xc3\xa9", "$db: jsonb");
	is(run($db, 'SELECT string_agg(coalesce(j::text, \'-\'), \' \' ORDER BY line) FROM lines'),
		($fits ? qq({"t":"$task"}) : '-') . qq( {"t":"\xc3\xa9"} {"t":"\\u4efb"} {"t":"\\u00e9"}), "$db: json");

	# What is no UTF-8 is in no answer.
	next unless $fits;
	$imitation->ask('_reset');
	is(run($db, q{SET client_encoding = 'SQL_ASCII'; SELECT count(*) FROM jobs WHERE status = E'\\xff';
		SELECT count(*) FROM jobs WHERE entity = ANY (ARRAY[E'\\xff']); SELECT count(*) FROM jobs WHERE jid = ANY (ARRAY[E'\\xff'])}),
		"0\n0\n0", "$db: nothing is what is no UTF-8");
	is(run($db, q{SET client_encoding = 'SQL_ASCII'; SELECT count(*) FROM jobs WHERE jid = E'\\xff'}), '22023', "$db: no id");
	is(run($db, q{SET client_encoding = 'SQL_ASCII'; SELECT batch_fdw_wait('jobs', E'\\xff')}), '22023', "$db: no id to wait for");
	is(scalar @{ $imitation->ask('_log') }, 0, "$db: nothing was asked");
	is(run($db, qq{SET client_encoding = 'SQL_ASCII'; ALTER SERVER s OPTIONS (ADD $_)}), '22P05', "$db: no option: $_")
	  foreach "status_map 'a\xff=completed'", "result_states 'a\xff'", "list_lacks 'a\@\xff'", "list_lacks 'a\xff'", "more_path '\$.\xff'";
}

# A conversion that makes what is not valid in its own encoding is none.
$node->safe_psql('postgres', "CREATE DATABASE euc_tw ENCODING 'EUC_TW' LOCALE 'C' TEMPLATE template0");
is(run('euc_tw', qq{
	CREATE EXTENSION batch_fdw;
	CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '$imitation->{api}', allow_private_hosts 'true');
	CREATE FOREIGN TABLE lines (t text) SERVER s OPTIONS (resource 'results', on_error 'skip',
		url '$imitation->{files}/echo/@{[unpack('H*', qq({"t":"\xe4\xb8\x80"}\n{"t":"\xe4\xb8\x84"}\n))]}');
	SELECT * FROM lines; SELECT message FROM batch_fdw_rejects()}),
	qq(\xe4\xb8\x80\na character has no equivalent in encoding "EUC_TW" (It is U+4E04.)), 'what would not be valid does not enter');
done_testing();
