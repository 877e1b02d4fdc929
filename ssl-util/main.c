/*
 * iwebmsg-ssl: keys, self-signed certificates and certificate requests for
 * iwebmsgd. Exit codes: 0 done, 1 could not be done, 2 asked wrongly.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/secret.h"
#include "cert.h"
#include "options.h"
#include "show.h"

#define EXIT_FAILED 1
#define EXIT_USAGE  2
#define OUTPUT_MAX  ((size_t)4 << 20)

static const char HELP[] =
    "iwebmsg-ssl makes keys and certificates for the webmail server iwebmsgd.\n"
    "\n"
    "  iwebmsg-ssl selfsigned --name NAME [options]   key and certificate\n"
    "  iwebmsg-ssl csr --name NAME [options]          key and request\n"
    "  iwebmsg-ssl show FILE ...                      what is in a PEM file\n"
    "  iwebmsg-ssl --help | --version\n"
    "\n"
    "Options of selfsigned and csr:\n"
    "  --name NAME       host name or address people type; required\n"
    "  --san dns:NAME    one more name (*.example.org too); repeat as needed\n"
    "  --san ip:ADDRESS  one more address; repeat as needed\n"
    "  --org TEXT        organization in the subject\n"
    "  --key KIND        ec:p256 (default), ec:p384, rsa:2048 to rsa:4096\n"
    "  --days N          selfsigned: valid for 1 to 3650 days (default 365)\n"
    "  --out-dir FOLDER  where server.key and server.pem or server.csr go\n"
    "                    (default: this folder; made if missing)\n"
    "  --key-file FILE   the key's file instead\n"
    "  --cert FILE       selfsigned: the certificate's file instead\n"
    "  --csr FILE        csr: the request's file instead\n"
    "\n"
    "Keys are written with mode 0600. No file is ever overwritten.\n"
    "\n"
    "Example:\n"
    "  iwebmsg-ssl selfsigned --name mail.example.org --san ip:192.0.2.1 \\\n"
    "      --out-dir /etc/iwebmsg/ssl\n"
    "and in iwebmsg.ini, section [SSL]:\n"
    "  EnableSSL=1\n"
    "  Certificate=/etc/iwebmsg/ssl/server.pem\n"
    "  PrivateKey=/etc/iwebmsg/ssl/server.key\n";

static enum err_code
run_selfsigned(const struct options *options, struct buf *out, struct err *err)
{
	enum err_code rc = cert_selfsigned(options, err);

	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "Key (keep it secret): %s\nCertificate: %s\n\n",
	    options->key_path, options->out_path);
	rc = show_file(options->out_path, out, err);
	buf_addf(out,
	    "\nIn iwebmsg.ini, section [SSL]:\n  EnableSSL=1\n"
	    "  Certificate=%s\n  PrivateKey=%s\n",
	    options->out_path, options->key_path);
	return rc;
}

static enum err_code
run_csr(const struct options *options, struct buf *out, struct err *err)
{
	enum err_code rc = cert_request(options, err);

	if (rc != ERR_OK)
		return rc;
	buf_addf(out,
	    "Key (keep it secret, do not send it): %s\n"
	    "Request (send it to your authority): %s\n\n",
	    options->key_path, options->out_path);
	return show_file(options->out_path, out, err);
}

static enum err_code
run_show(const struct options *options, struct buf *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < options->file_count && rc == ERR_OK; i++)
		rc = show_file(options->files[i], out, err);
	return rc;
}

static enum err_code
run(const struct options *options, struct buf *out, struct err *err)
{
	switch (options->command) {
	case OPTIONS_SELFSIGNED:
		return run_selfsigned(options, out, err);
	case OPTIONS_CSR:
		return run_csr(options, out, err);
	case OPTIONS_SHOW:
		return run_show(options, out, err);
	case OPTIONS_VERSION:
		buf_add_c(out, "iwebmsg-ssl " IWEBMSG_VERSION "\n");
		return ERR_OK;
	case OPTIONS_HELP:
	default:
		buf_add_c(out, HELP);
		return ERR_OK;
	}
}

int
main(int argc, char **argv)
{
	struct options options;
	struct err err = ERR_NONE;
	struct str text;

	/* Without it secrets live on the heap and are wiped all the same. */
	(void)secret_slab_init();
	enum err_code rc = options_parse(argc, argv, &options, &err);
	if (rc != ERR_OK) {
		fprintf(stderr, "iwebmsg-ssl: %s\n", err.message);
		return EXIT_USAGE;
	}
	CLEANUP(buf_free) struct buf out;
	buf_init(&out, OUTPUT_MAX);
	rc = run(&options, &out, &err);
	if (rc == ERR_OK)
		rc = buf_end(&out, &text, &err);
	else
		text = buf_str(&out);
	if (text.len > 0 && fwrite(text.ptr, 1, text.len, stdout) != text.len &&
	    rc == ERR_OK)
		rc = err_sayf(
		    &err, ERR_INTERNAL, "The output cannot be written.");
	if (rc == ERR_OK)
		return 0;
	fprintf(stderr, "iwebmsg-ssl: %s\n", err.message);
	return EXIT_FAILED;
}
