# TLS is verified: by the system's authorities, or by those of ca_file.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Imitation;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my @servers;

# Run openssl quietly.
sub openssl
{
	my $log = "$dir/openssl.log";
	system("cd $dir && openssl @_ >$log 2>&1") == 0 or die slurp_file($log);
}

# Make a certificate of a name that our authority signs, valid for some days.
sub make_certificate
{
	my ($file, $name, $days) = @_;
	append_to_file("$dir/$file.ext", "subjectAltName=DNS:$name\n");
	openssl("req -newkey rsa:2048 -nodes -keyout $file.key -out $file.csr -subj /CN=$name");
	openssl("x509 -req -in $file.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out $file.crt -days $days -extfile $file.ext");
}

# Start an https server of one JSON document; returns its port.
sub start_server
{
	my ($file, $most) = @_;
	my $pid = open(my $out, '-|', 'python3', '-c', q{
import http.server, ssl, sys
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b'[{"id": "a"}, {"id": "b"}]'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
class S(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass
s = S(("127.0.0.1", 0), H)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(sys.argv[1] + ".crt", sys.argv[1] + ".key")
if sys.argv[2]:
    c.set_ciphers("DEFAULT:@SECLEVEL=0")
    c.minimum_version = ssl.TLSVersion.TLSv1
    c.maximum_version = ssl.TLSVersion[sys.argv[2]]
s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False)
print(s.server_address[1], flush=True)
s.serve_forever()
}, "$dir/$file", $most // '') or die $!;
	my $port = <$out>;
	chomp $port;
	push @servers, { pid => $pid, out => $out };
	return $port;
}

openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=authority');
openssl('req -x509 -newkey rsa:2048 -nodes -keyout own.key -out own.crt -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost');
make_certificate('good', 'localhost', 30);
make_certificate('other', 'elsewhere.example', 30);
openssl('req -newkey rsa:2048 -nodes -keyout expired.key -out expired.csr -subj /CN=localhost');
append_to_file("$dir/expired.ext", "subjectAltName=DNS:localhost\n");
openssl('x509 -req -in expired.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out expired.crt -days 0 -extfile expired.ext');
sleep 1;

my $imitation = Imitation->new;
my $node = $imitation->cluster('tls');

# Give what a scan of an https server says: its rows, or the SQLSTATE.
sub scan
{
	my ($name, $port, $more) = @_;
	$node->safe_psql(
		'postgres', qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', list_url '/jobs',
			base_url 'https://localhost:$port', allow_private_hosts 'true', max_retries '0' $more);
		CREATE FOREIGN TABLE $name (id text) SERVER $name OPTIONS (resource 'jobs');
	});
	my ($code, $out, $err) =
	  $node->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT string_agg(id, ',') FROM $name");
	return $out if $err eq '';
	return $err =~ /ERROR:\s+(\w+)/ ? $1 : $err;
}

my $ca = ", ca_file '$dir/ca.crt'";
is(scan('good', start_server('good'), $ca), 'a,b', 'a certificate of ca_file is trusted');
is(scan('unknown', start_server('good'), ''), '08001', 'an unknown authority is not');
is(scan('own', start_server('own'), $ca), '08001', 'a self-signed certificate is not');
is(scan('other', start_server('other'), $ca), '08001', 'nor one of another host');
is(scan('expired', start_server('expired'), $ca), '08001', 'nor one that has expired');
is(scan('old', start_server('good', 'TLSv1_1'), $ca), '08001', 'TLS 1.1 is refused');
is(scan('twelve', start_server('good', 'TLSv1_2'), $ca), 'a,b', 'TLS 1.2 is not');
is(scan('missing', start_server('good'), ", ca_file '$dir/none.crt'"), '08001', 'nor is anybody by a ca_file that is not there');

# Give the hint on a failed scan of a server's table.
sub hint_of
{
	my ($node, $name) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "SELECT * FROM $name");
	return $err =~ /HINT:  (.*)/ ? $1 : "none: $out$err";
}
is(hint_of($node, 'missing'), 'Check ca_file.', 'a ca_file that is not there: the hint');
like(hint_of($node, 'old'), qr/TLS 1\.2/, 'an old TLS: the hint');

# A machine without authorities says what to install
my $bundle = '/etc/ssl/certs/ca-certificates.crt';
SKIP:
{
	skip 'libcurl has its authorities elsewhere', 2 unless -e $bundle;
	my $shim = "$PostgreSQL::Test::Utils::tmp_check/hide.so";
	system('gcc', '-shared', '-fPIC', '-o', $shim, "$FindBin::RealBin/shim/hide.c", '-ldl') == 0 or die 'could not compile the shim';
	$node->stop;
	{
		local $ENV{LD_PRELOAD} = $shim;
		local $ENV{BATCH_HIDDEN} = $bundle;
		$node->start;
	}
	is(hint_of($node, 'unknown'), 'Install ca-certificates, or set ca_file.', 'no authorities: the hint');
	is($node->safe_psql('postgres', "SELECT string_agg(id, ',') FROM good"), 'a,b', 'no authorities, but those of ca_file');
}
kill 'TERM', map { $_->{pid} } @servers;
done_testing();
