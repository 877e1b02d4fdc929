/*
 * iwebmsg-ssl: keys, certificates and what goes with them for iwebmsgd. Exit
 * codes: 0 done, 1 could not be done or something is wrong, 2 asked wrongly.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/secret.h"
#include "ca.h"
#include "cert.h"
#include "check.h"
#include "configure.h"
#include "export.h"
#include "help.h"
#include "import.h"
#include "options.h"
#include "password.h"
#include "show.h"
#include "trust.h"

#define EXIT_FAILED 1
#define EXIT_USAGE  2
#define OUTPUT_MAX  ((size_t)4 << 20)

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
	if (options->password_file != NULL)
		buf_addf(out, "  KeyPasswordFile=%s\n", options->password_file);
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
	case OPTIONS_CHECK:
		return check_run(options, out, err);
	case OPTIONS_IMPORT:
		return import_run(options, out, err);
	case OPTIONS_EXPORT:
		return export_run(options, out, err);
	case OPTIONS_PASSWORD:
		return password_run(options, out, err);
	case OPTIONS_CA_INIT:
		return ca_init(options, out, err);
	case OPTIONS_CA_ISSUE:
		return ca_issue(options, out, err);
	case OPTIONS_CA_REVOKE:
		return ca_revoke(options, out, err);
	case OPTIONS_CA_CRL:
		return ca_crl(options, out, err);
	case OPTIONS_TRUST_ADD:
		return trust_add(options, out, err);
	case OPTIONS_TRUST_LIST:
		return trust_list(options, out, err);
	case OPTIONS_TRUST_REMOVE:
		return trust_remove(options, out, err);
	case OPTIONS_TRUST_TEST:
		return trust_test(options, out, err);
	case OPTIONS_TRUST_FETCH:
		return trust_fetch(options, out, err);
	case OPTIONS_CONFIGURE:
		return configure_run(options, out, err);
	case OPTIONS_VERSION:
		buf_add_c(out, "iwebmsg-ssl " IWEBMSG_VERSION "\n");
		return ERR_OK;
	case OPTIONS_SETUP:
	case OPTIONS_WIZARD:
	case OPTIONS_HELP:
	default:
		help_write(options->topic, out);
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
