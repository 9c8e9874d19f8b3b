# A vendor's text in a message is readable, whole to its last character, and never in the way of the message itself.
use strict;
use warnings;
use Encode qw(decode FB_CROAK LEAVE_SRC);
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $imitation = Imitation->new;
my $node = $imitation->cluster('messages');
my @databases = ('postgres', 'latin', 'ascii');

$node->safe_psql('postgres', qq{
	CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
	CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0});
$node->safe_psql($_, 'CREATE EXTENSION batch_fdw') foreach @databases[ 1, 2 ];

# Give the route that answers with a body.
sub told
{
	my ($status, $body, $type) = @_;
	return "/told/$status/" . unpack('H*', $body) . ($type ? '?type=' . unpack('H*', $type) : '');
}

# Give the SQLSTATE that reading raises, or of what it warns, and all the words,
# for a client of some encoding; options is a list that ends with the table's own.
sub outcome
{
	my ($database, $client, $resource, $where, %options) = @_;
	my $mine = delete $options{table} // '';
	my $options = join('', map { my $value = $options{$_}; $value =~ s/'/''/g; ", $_ '$value'" } sort keys %options);
	my ($code, $out, $err) = $node->psql($database, qq{
		SET client_min_messages = error;
		DROP SERVER IF EXISTS s CASCADE;
		CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '$imitation->{api}',
			allow_private_hosts 'true', max_retries '0', error_path '\$.words', urls_path '\$.url' $options);
		CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (api_key 'the-secret-key');
		CREATE FOREIGN TABLE t (id text OPTIONS (meta 'job_id'), a int) SERVER s OPTIONS (resource '$resource' $mine);
		SET client_min_messages = notice;
		SET client_encoding = '$client';
		\\set VERBOSITY verbose
		SELECT count(a) FROM t $where});
	my ($state) = $err =~ /(?:ERROR|WARNING|NOTICE):  (\w{5}):/;
	return ($state // 'none', $err, $out);
}

# Give the text that a client reads of one line of an error, or of all of it.
sub line_of
{
	my ($field, $text, $encoding) = @_;
	my ($line) = $text =~ /^$field: *(.*)$/m;
	return eval { decode($encoding // 'UTF-8', $line // 'none', FB_CROAK | LEAVE_SRC) } // "not $encoding";
}

# 1. Whatever is cut is cut between characters.
foreach my $character ("\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x98\x80")
{
	my @lengths;
	foreach my $shift (0 .. 3)
	{
		my $words = 'x' x $shift . $character x 300;
		my ($state, $err) = outcome('postgres', 'UTF8', 'jobs', "WHERE id = 'a'",
			job_url => told(422, qq({"error":{"message":"$words"}})) . '/{id}');
		my $detail = line_of('DETAIL', $err, 'UTF-8');

		push @lengths, $state eq '22023' && $detail eq substr(decode('UTF-8', $words), 0, length($detail))
		  && length($detail) * length($character) > 480 ? 'cut' : "$state $detail";
	}
	is("@lengths", 'cut cut cut cut', 'a cut never splits a character of ' . length($character) . ' bytes');
}

# 2. Each text of the outside that a message tells: what is told of it to a client in UTF-8.
my $ra = "\xe6\x97\xa5";    # U+65E5
my %job = (id => 'a', status => 'completed');
my $raw = "a\xff\xc3\xa9$ra\x01\xc2\x9b\x7f";
my $json = "a\xc3\xa9$ra\\u0001\\u009b\\u007f";
my @cases = (
	[ 'words of a failure', '22023', 'jobs', "WHERE id = 'a'", job_url => told(422, qq({"message":"$json"})) . '/{id}' ],
	[ 'words of a failure in XML', '22023', 'jobs', "WHERE id = 'a'",
		job_url => told(422, "<Error><Code>$raw</Code><Message>$raw</Message></Error>") . '/{id}' ],
	[ 'words of a job', '55000', 'results', "WHERE id = 'a'", job_url => told(200, qq({"status":"failed","words":"$json"})) . '/{id}' ],
	[ 'the status of a job', '55000', 'results', "WHERE id = 'a'", job_url => told(200, qq({"status":"$json"})) . '/{id}' ],
	[ 'the status of a job that is passed over', '55000', 'results', "WHERE id = 'a'",
		table => ", on_incomplete 'skip'", job_url => told(200, qq({"status":"$json"})) . '/{id}' ],
	[ 'the status of a job without results', '58P01', 'results', "WHERE id = 'a'",
		status_map => 'done=completed', result_states => 'completed', job_url => told(200, qq({"status":"completed"})) . '/{id}',
		job_path => '$' ],
	[ 'the id of a listed job', '22P02', 'jobs', '', list_url => told(200, qq([{"id":"$json","a":"x"}])) ],
	[ 'the id of a listed job that is passed over', '00000', 'jobs', '', table => ", on_error 'skip'",
		list_url => told(200, qq([{"id":"$json","a":"x"}])) ],
	[ 'a value that is passed over', '00000', 'jobs', '', table => ", on_error 'skip'",
		list_url => told(200, qq([{"id":"a","a":"$json"}])) ],
	[ 'more of them than may be', '22P02', 'jobs', '', table => ", on_error 'skip', reject_limit '0'",
		list_url => told(200, qq([{"id":"$json","a":"$json"}])) ],
	[ 'the id of a job whose count is wrong', '01000', 'results', '', list_url =>
		told(200, qq([{"id":"$json","status":"completed","url":"$imitation->{files}/edge/good.gz","count":1}])), count_path => '$.count' ],
	[ 'a URL that is refused', '22023', 'results', "WHERE id = 'a'",
		job_url => told(200, qq({"status":"completed","url":"http://10.0.0.1/a\xc3\xa9$ra"})) . '/{id}' ],
	[ 'a URL that fails', '58P01', 'results', "WHERE id = 'a'",
		job_url => told(200, qq({"status":"completed","url":"$imitation->{files}/a\xc3\xa9$ra"})) . '/{id}' ],
	[ 'a malformed URL', '22023', 'results', "WHERE id = 'a'",
		job_url => told(200, qq({"status":"completed","url":"https://[a\xc3\xa9$ra/"})) . '/{id}' ],
	[ 'a redirect', '22023', 'results', "WHERE id = 'a'", job_url => told(200, qq({"status":"completed","url":"$imitation->{api}/named/302/)
		. unpack('H*', "http://10.0.0.1/a\xff\xc3\xa9$ra") . '"}') . '/{id}' ],
	[ 'a page instead of an answer', '22P02', 'jobs', "WHERE id = 'a'", job_url => told(200, "<a\xff\xc3\xa9$ra>") . '/{id}' ],
	[ 'a page instead of a file, and its type', 'XX001', 'results', "WHERE id = 'a'",
		job_url => told(200, qq({"status":"completed","url":"$imitation->{api}) . told(200, "<a\xff\xc3\xa9$ra>", "text/a\xff\xc3\xa9$ra") . '"}')
		  . '/{id}' ]);

# What a client in some encoding can be told of a database in some encoding, and how that is read.
my ($none, $accent, $both) = ("\\\\u00e9\\\\u65e5", "\x{e9}\\\\u65e5", "\x{e9}\x{65e5}");
my @readers = (
	[ 'postgres', 'UTF8', 'UTF-8', $both ], [ 'postgres', 'LATIN1', 'iso-8859-1', $accent ],
	[ 'postgres', 'WIN1251', 'cp1251', $none ], [ 'postgres', 'EUC_JP', 'euc-jp', $both ],
	[ 'postgres', 'SQL_ASCII', 'UTF-8', $both ],
	[ 'latin', 'UTF8', 'UTF-8', $accent ], [ 'latin', 'LATIN1', 'iso-8859-1', $accent ],
	[ 'latin', 'SQL_ASCII', 'iso-8859-1', $accent ],
	# Here nothing is converted, but what is sent must be valid.
	[ 'ascii', 'UTF8', 'UTF-8', $both ], [ 'ascii', 'LATIN1', 'UTF-8', $both ], [ 'ascii', 'EUC_JP', 'UTF-8', $accent ],
	[ 'ascii', 'SQL_ASCII', 'UTF-8', $both ]);

foreach my $case (@cases)
{
	my ($name, $state, @rest) = @$case;

	foreach my $reader (@readers)
	{
		my ($database, $client, $encoding, $seen) = @$reader;
		my ($got, $err) = outcome($database, $client, @rest);
		my $text = eval { decode($encoding, $err, FB_CROAK | LEAVE_SRC) } // "not $encoding";
		my $expected = $name =~ /without results/ ? 'names no results' : "a(\\\\xff)?$seen";
		my $right = $state;

		# The path of a URL is told percent-encoded.
		$expected = 'a(%FF)?%C3%A9%E6%97%A5' if $name =~ /^a URL|^a redirect/;

		if ($name =~ /value|more/ && $database eq 'latin')
		{
			$expected = "22P05: 1, first in .*It is U\\+65E5";
			$right =~ s/22P02/22P05/;
		}
		ok($got eq $right && $text =~ /$expected/ && $text !~ /[\x{01}\x{7f}-\x{9f}]/, "$database, $client: $name: $right")
		  or diag("got $got: " . unpack("H*", $err));
	}
}

# A worker's message reaches the leader's client.
my $bad = "$imitation->{api}" . told(404, "<Error><Message>$ra</Message></Error>");
my (undef, $out, $err) = $node->psql('postgres', qq{
	SET client_min_messages = error;
	DROP SERVER IF EXISTS s CASCADE;
	CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '$imitation->{api}', auth_header '',
		allow_private_hosts 'true', max_retries '0', urls_path '\$.urls[*]',
		job_url '@{[told(200, qq({"status":"completed","urls":["$bad","$bad?2"]}))]}/{id}');
	CREATE FOREIGN TABLE t (id text OPTIONS (meta 'job_id'), a int) SERVER s OPTIONS (resource 'results', rows '2000000');
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET parallel_leader_participation = off;
	SET client_encoding = 'LATIN1';
	\\set VERBOSITY verbose
	EXPLAIN (COSTS OFF) SELECT count(a) FROM t WHERE id = 'a';
	SELECT count(a) FROM t WHERE id = 'a'});
like("$out$err", qr/Gather.*58P01.*DETAIL:  \\u65e5\n.*CONTEXT: .*parallel worker/s, 'a worker knows who reads its messages');

# A client that changes its encoding between two rows of a cursor is told no more than is safe.
(undef, $out, $err) = $node->psql('postgres', qq{
	SET client_min_messages = error;
	DROP SERVER IF EXISTS s CASCADE;
	CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '$imitation->{api}', auth_header '',
		allow_private_hosts 'true', list_url '@{[told(200, qq([{"id":"b","a":1},{"id":"\xc3\xa9$ra","a":"x"}]))]}');
	CREATE FOREIGN TABLE t (id text OPTIONS (meta 'job_id'), a int) SERVER s OPTIONS (resource 'jobs');
	BEGIN;
	DECLARE c CURSOR FOR SELECT a FROM t;
	FETCH c;
	SET client_encoding = 'LATIN1';
	FETCH c});
like("$out$err", qr/^1.*ERROR:  invalid input syntax for type integer: "x"\n.*job "\\u00e9\\u65e5", column "a"/s, 'a new client encoding');

# 3. A secret is not shown in part, wherever a text is cut.
my @leaks;
foreach my $shift (0 .. 60)
{
	my (undef, $err) = outcome('postgres', 'UTF8', 'jobs', "WHERE id = 'a'", job_url => told(200, '<' . 'x' x $shift . 'the-secret-key') . '/{id}');
	push @leaks, $shift if $err =~ /the-/ || $err !~ /It begins with/;
}
is("@leaks", '', 'a page that tells the key is shown without it');
done_testing();
