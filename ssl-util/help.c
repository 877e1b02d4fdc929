#include "help.h"

static const char summary[] =
    "iwebmsg-ssl makes, installs and checks keys and certificates for the\n"
    "webmail server iwebmsgd. The manual, iwebmsg-ssl(1), has the details.\n"
    "Without arguments, on a terminal, it asks and explains each choice.\n"
    "\n"
    "  iwebmsg-ssl selfsigned --name NAME [options]   key and certificate\n"
    "  iwebmsg-ssl csr --name NAME [options]          key and request\n"
    "  iwebmsg-ssl import FILE ... [options]   what came back from the "
    "authority\n"
    "  iwebmsg-ssl check [options]             what is wrong, and what mends "
    "it\n"
    "  iwebmsg-ssl check HOST:PORT [options]   a running server, with a "
    "grade\n"
    "  iwebmsg-ssl show FILE ...               what is in a file\n"
    "  iwebmsg-ssl export --cert FILE --out FILE [options]\n"
    "  iwebmsg-ssl password --key-file FILE [options]\n"
    "  iwebmsg-ssl ca init|issue|revoke|crl [options]   a private authority\n"
    "  iwebmsg-ssl setup --name NAME [options]          all of it in one pass\n"
    "  iwebmsg-ssl configure [options]                  keys of the ini file\n"
    "  iwebmsg-ssl trust add|list|remove|test|fetch     whom the server "
    "believes\n"
    "  iwebmsg-ssl COMMAND --help | --help | --version\n";

static const char making[] =
    "  --name NAME       host name or address people type; required\n"
    "  --san dns:NAME    one more name (*.example.org too); repeat as needed\n"
    "  --san ip:ADDRESS  one more address; --san email:ADDRESS\n"
    "  --org TEXT        organization in the subject\n"
    "  --key KIND        ec:p256 (default), ec:p384, rsa:2048 to rsa:4096,\n"
    "                    ed25519 (browsers do not take it of servers)\n"
    "  --days N          selfsigned: valid for 1 to 3650 days (default 398)\n"
    "  --out-dir FOLDER  where server.key and server.pem or server.csr go\n"
    "                    (default: this folder; made if missing)\n"
    "  --key-file FILE   the key's file; one that exists is used again\n"
    "  --cert FILE       selfsigned: the certificate's file instead\n"
    "  --csr FILE        csr: the request's file instead\n"
    "  --password-file FILE  the key is encrypted with the first line\n";

static const char checking[] =
    "  --config FILE     the ini file that names certificate and key\n"
    "                    (check: /etc/iwebmsg/iwebmsg.ini without --cert)\n"
    "  --cert FILE, --key-file FILE, --password-file FILE   by hand\n"
    "  --name NAME       must be among the certificate's names\n"
    "  --root FILE       PEM file of an authority that is trusted too\n"
    "  --in-password-file FILE  import, show: opens the PKCS#12 file\n"
    "  --fetch-chain     import: gets a missing intermediate from where the\n"
    "                    certificate says, by http\n"
    "  --json            check: for scripts\n"
    "  HOST:PORT         check: a running server; --name, --root, --json, and\n"
    "  --starttls imap|smtp   for mail servers\n"
    "  --force           import: replaces files, keeps backups\n";

static const char exporting[] =
    "  --format pem|der|cer|p12   default pem, with the chain\n"
    "  --key-file FILE, --password-file FILE   the key and its password\n"
    "  --with-key        pem: with the key, not encrypted\n"
    "  --out-password-file FILE   of the PKCS#12 file (default: the key's)\n"
    "  --compat          p12 for older systems; --force replaces a file\n";

static const char password[] =
    "  --password-file FILE       opens the key now\n"
    "  --new-password-file FILE   will open it; or --remove\n";

static const char authority[] =
    "  --ca-dir FOLDER            default: ca\n"
    "  --password-file FILE       of the authority's key\n"
    "  init   --name NAME [--org TEXT --key KIND --days N --crl-url URL]\n"
    "  issue  --csr FILE or --name NAME [--san ... --purpose server|client\n"
    "         --days N --out-dir FOLDER --cert FILE --key-file FILE\n"
    "         --p12 FILE --out-password-file FILE --compat]\n"
    "  revoke --cert FILE or --serial NUMBER [--reason WORD]\n"
    "  crl    [--days N]\n";

static const char trust[] =
    "  --for clients|mail   TrustStore= of [SSL], or MailTrustStore= of "
    "[Mail]\n"
    "  --config FILE        the ini file (default: /etc/iwebmsg/iwebmsg.ini)\n"
    "  --host NAME          what its section [Host NAME] says\n"
    "  --file FILE          this file or folder, whatever the ini file says\n"
    "  add FILE ...         authorities, or certificates that sign themselves\n"
    "  list                 number, subject, fingerprint, end, kind\n"
    "  remove WHICH ...     by number, fingerprint or subject; asks first\n"
    "                       --yes does not, --force removes the last one, too\n"
    "  test FILE            would the server take this certificate, and why "
    "not\n"
    "  fetch HOST:PORT [--starttls imap|smtp]   shows what a server sends, "
    "and\n"
    "                       stores its authority when you say so;\n"
    "                       --yes --fingerprint AA:BB:... for scripts\n";

static const char configure[] =
    "  --config FILE        the ini file (default: /etc/iwebmsg/iwebmsg.ini)\n"
    "  --host NAME          its section [Host NAME], instead of [SSL]\n"
    "  --enable-ssl 0|1, --force-ssl 0|1\n"
    "  --protocol TLSv1.2|TLSv1.3             the oldest that is spoken\n"
    "  --strength modern|intermediate|custom  with custom: --ciphers LIST "
    "(TLS\n"
    "                       1.2) and --suites LIST (TLS 1.3), OpenSSL's words\n"
    "  --verify-client none|optional|required|explain, --trust-store FILE\n"
    "  --mail-trust-store FILE                of mail servers, in [Mail]\n"
    "  --acme-webroot FOLDER                  for certbot, in [Server]\n"
    "  --cert FILE, --key-file FILE, --password-file FILE\n";

static const char setup[] =
    "  Key, self-signed certificate and request of the same key, where the "
    "ini\n"
    "  file says, and the ini file set: the server runs at once, and import "
    "puts\n"
    "  the authority's answer in its place later.\n"
    "  --name NAME, --san, --org, --key, --days   as for selfsigned\n"
    "  --config FILE        the ini file (default: /etc/iwebmsg/iwebmsg.ini)\n"
    "  --out-dir FOLDER     where the files go, if the ini file does not say "
    "it\n"
    "  --password-file FILE encrypts the key; made with a random password if "
    "it\n"
    "                       is not there\n"
    "  --force-ssl 0|1 (default 1), --verify-client, --trust-store, "
    "--protocol,\n"
    "  --strength, --acme-webroot   as for configure\n"
    "  --force              replaces a certificate that is there, keeps a "
    "backup\n"
    "  --any-ini            also an ini file that no running server uses\n"
    "  --yes                is understood: setup never asks; wizard does\n";

static const char ending[] =
    "Keys are written with mode 0600. Nothing is overwritten without --force.\n"
    "--fips: all cryptography from OpenSSL's FIPS provider.\n"
    "Exit codes: 0 done or all well, 1 not done or something wrong, 2 asked\n"
    "wrongly.\n"
    "\n"
    "Example:\n"
    "  iwebmsg-ssl csr --name mail.example.org --out-dir /etc/iwebmsg/ssl\n"
    "  iwebmsg-ssl import answer.pem --out-dir /etc/iwebmsg/ssl\n"
    "  iwebmsg-ssl check\n";

static const struct section {
	const char *title;
	const char *words[2]; /* the commands it is about */
	const char *text;
} SECTIONS[] = {
    {"setup", {"setup", "wizard"}, setup},
    {"selfsigned and csr", {"selfsigned", "csr"}, making},
    {"check and import", {"check", "import"}, checking},
    {"configure", {"configure", NULL}, configure},
    {"trust", {"trust", NULL}, trust},
    {"export", {"export", NULL}, exporting},
    {"password", {"password", NULL}, password},
    {"ca", {"ca", NULL}, authority},
};

static bool
is_about(const struct section *section, const char *topic)
{
	for (size_t i = 0; i < 2; i++)
		if (section->words[i] != NULL &&
		    str_eq(str_c(section->words[i]), str_c(topic)))
			return true;
	return false;
}

void
help_write(const char *topic, struct buf *out)
{
	size_t count = sizeof(SECTIONS) / sizeof(SECTIONS[0]);
	bool is_known = false;

	for (size_t i = 0; topic != NULL && i < count; i++)
		if (is_about(&SECTIONS[i], topic))
			is_known = true;
	if (!is_known)
		buf_addf(out, "%s\n", summary);
	for (size_t i = 0; i < count; i++)
		if (!is_known || is_about(&SECTIONS[i], topic))
			buf_addf(out, "%s:\n%s\n", SECTIONS[i].title,
			    SECTIONS[i].text);
	buf_add_c(out, ending);
}
