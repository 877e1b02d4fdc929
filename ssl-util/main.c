/*
 * iwebmsg-ssl: keys, certificates and what goes with them for iwebmsgd. Exit
 * codes: 0 done, 1 could not be done or something is wrong, 2 asked wrongly.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/secret.h"
#include "ask.h"
#include "ca.h"
#include "cert.h"
#include "check.h"
#include "configure.h"
#include "export.h"
#include "fips.h"
#include "help.h"
#include "import.h"
#include "options.h"
#include "password.h"
#include "path.h"
#include "setup.h"
#include "show.h"
#include "trust.h"
#include "wizard.h"

#define EXIT_FAILED 1
#define EXIT_USAGE  2
#define OUTPUT_MAX  ((size_t)4 << 20)

static void
say_few(const struct options *options, struct buf *out)
{
	if (str_eq_nocase(options->key_kind, STR("ed25519")))
		buf_add_c(out,
		    "note: browsers do not take an Ed25519 certificate of a "
		    "server: good for clients and inner servers only.\n");
}

/* A whole path: those of the ini file start at its own folder. */
static void
add_path(const char *what, const char *path, struct buf *out)
{
	char whole[PATH_BYTES] = "";
	struct err ignored = ERR_NONE;

	if (path != NULL && path_absolute(path, whole, &ignored) == ERR_OK)
		buf_addf(out, "%s%s\n", what, whole);
}

static enum err_code
run_selfsigned(const struct options *options, struct buf *out, struct err *err)
{
	enum err_code rc = cert_selfsigned(options, err);

	if (rc != ERR_OK)
		return rc;
	add_path("Key (keep it secret): ", options->key_path, out);
	add_path("Certificate: ", options->out_path, out);
	say_few(options, out);
	buf_add_c(out, "\n");
	rc = show_file(options->out_path, out, err);
	buf_add_c(out, "\nIn iwebmsg.ini, section [SSL]:\n  EnableSSL=1\n");
	add_path("  Certificate=", options->out_path, out);
	add_path("  PrivateKey=", options->key_path, out);
	add_path("  KeyPasswordFile=", options->password_file, out);
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
	    "Request (send it to your authority): %s\n",
	    options->key_path, options->out_path);
	say_few(options, out);
	buf_add_c(out, "\n");
	return show_file(options->out_path, out, err);
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
		return show_run(options, out, err);
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
	case OPTIONS_SETUP:
		return setup_run(options, out, err);
	case OPTIONS_WIZARD:
		return wizard_run(options, out, err);
	case OPTIONS_VERSION:
		buf_add_c(out, "iwebmsg-ssl " IWEBMSG_VERSION "\n");
		return ERR_OK;
	case OPTIONS_HELP:
	default:
		help_write(options->topic, out);
		return ERR_OK;
	}
}

/* Who asks for nothing at all gets to know what there is. */
static int
complain(int argc, const struct err *err)
{
	CLEANUP(buf_free) struct buf out;
	struct str text;

	buf_init(&out, OUTPUT_MAX);
	if (argc == 1) {
		buf_add_c(&out, "\n");
		help_write(NULL, &out);
	}
	text = buf_str(&out);
	fprintf(stderr, "iwebmsg-ssl: %s\n%.*s", err->message, STR_ARG(text));
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	static char program[] = "iwebmsg-ssl";
	static char word[] = "wizard";
	char *wizard[] = {program, word, NULL};
	struct options options;
	struct err err = ERR_NONE;
	struct str text;

	/* Without it secrets live on the heap and are wiped all the same. */
	(void)secret_slab_init();
	enum err_code rc = options_parse(argc, argv, &options, &err);
	if (rc != ERR_OK && argc == 1 && ask_is_possible())
		rc = options_parse(2, wizard, &options, &err);
	if (rc != ERR_OK)
		return complain(argc, &err);
	rc = fips_start(&options, &err);
	if (rc != ERR_OK) {
		fprintf(stderr, "iwebmsg-ssl: %s\n", err.message);
		return EXIT_FAILED;
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
