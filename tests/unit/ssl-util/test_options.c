/* The command line: what is understood, and what is told when it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../../ssl-util/options.h"

#define ARGS_MAX 12

static enum err_code
parse(const char *words, struct options *out, struct err *err)
{
	static char copy[512];
	char *argv[ARGS_MAX] = {NULL};
	int argc = 0;

	snprintf(copy, sizeof(copy), "iwebmsg-ssl %s", words);
	argv[argc++] = copy;
	for (char *at = copy; *at != '\0'; at++)
		if (*at == ' ') {
			*at = '\0';
			assert_true(argc < ARGS_MAX);
			argv[argc++] = at + 1;
		}
	if (words[0] == '\0')
		argc = 1;
	return options_parse(argc, argv, out, err);
}

static void
test_understood(void **state)
{
	(void)state;
	static struct options o;
	struct err err = ERR_NONE;

	assert_int_equal(
	    parse("selfsigned --name a.example", &o, &err), ERR_OK);
	assert_int_equal(o.command, OPTIONS_SELFSIGNED);
	assert_string_equal(o.key_path, "./server.key");
	assert_string_equal(o.out_path, "./server.pem");
	assert_int_equal(o.days, 398);
	assert_true(str_eq(o.key_kind, STR("ec:p256")));
	assert_int_equal(parse("csr --name=a.example --san dns:b.example "
	                       "--san=ip:::1 --out-dir /x",
	                     &o, &err),
	    ERR_OK);
	assert_int_equal(o.command, OPTIONS_CSR);
	assert_int_equal(o.san_count, 2);
	assert_true(str_eq(o.sans[1], STR("ip:::1")));
	assert_string_equal(o.out_path, "/x/server.csr");
	assert_int_equal(parse("selfsigned --name a --days 30 --cert c.pem "
	                       "--key-file k.pem --key rsa:3072",
	                     &o, &err),
	    ERR_OK);
	assert_int_equal(o.days, 30);
	assert_string_equal(o.out_path, "c.pem");
	assert_string_equal(o.key_path, "k.pem");
	assert_int_equal(parse("show a b", &o, &err), ERR_OK);
	assert_int_equal(o.file_count, 2);
	assert_int_equal(
	    parse("import a b --force --root r", &o, &err), ERR_OK);
	assert_int_equal(o.file_count, 2);
	assert_true(o.force);
	assert_string_equal(o.root, "r");
	assert_string_equal(o.key_path, "./server.key");
	assert_int_equal(
	    parse("ca issue --name a --purpose client", &o, &err), ERR_OK);
	assert_int_equal(o.command, OPTIONS_CA_ISSUE);
	assert_string_equal(o.out_path, "./client.pem");
	assert_string_equal(o.ca_dir, "ca");
	assert_int_equal(parse("ca init --name a", &o, &err), ERR_OK);
	assert_true(str_eq(o.key_kind, STR("ec:p384")));
	assert_int_equal(o.days, 3650);
	assert_int_equal(parse("csr --help", &o, &err), ERR_OK);
	assert_int_equal(o.command, OPTIONS_HELP);
	assert_string_equal(o.topic, "csr");
	assert_int_equal(parse("help trust", &o, &err), ERR_OK);
	assert_string_equal(o.topic, "trust");
	assert_int_equal(parse("--help", &o, &err), ERR_OK);
	assert_null(o.topic);
	assert_int_equal(
	    parse("setup --name dns:bücher.example", &o, &err), ERR_OK);
	assert_true(str_eq(o.name, STR("dns:xn--bcher-kva.example")));
	assert_null(o.out_dir);
	assert_int_equal(
	    parse("ca issue --name Jürgen --purpose client", &o, &err), ERR_OK);
	assert_true(str_eq(o.name, STR("Jürgen")));
	assert_int_equal(
	    parse("ca init --name Bäcker --fips", &o, &err), ERR_OK);
	assert_true(str_eq(o.name, STR("Bäcker")));
	assert_true(o.fips);
	assert_int_equal(
	    parse("configure --ciphers a --verify-client none", &o, &err),
	    ERR_OK);
	assert_int_equal(o.command, OPTIONS_CONFIGURE);
	assert_int_equal(
	    parse("trust fetch a:993 --starttls imap", &o, &err), ERR_OK);
	assert_int_equal(o.command, OPTIONS_TRUST_FETCH);
	assert_int_equal(parse("--version", &o, &err), ERR_OK);
	assert_int_equal(o.command, OPTIONS_VERSION);
}

static void
test_refused(void **state)
{
	(void)state;
	static struct options o;
	const struct {
		const char *words, *says;
	} rows[] = {
	    {"", "selfsigned, csr, import"},
	    {"make", "\"make\" is no command"},
	    {"selfsigned", "--name mail.example.org"},
	    {"selfsigned a.example", "stands alone"},
	    {"selfsigned --name", "needs a value"},
	    {"selfsigned --name a --days 0", "from 1 to 3650"},
	    {"selfsigned --name a --days 3651", "from 1 to 3650"},
	    {"selfsigned --name a --days 3x", "from 1 to 3650"},
	    {"selfsigned --name a --csr f", "no option of this command"},
	    {"csr --name a --days 3", "no option of this command"},
	    {"csr --name a --nmae b", "no option of this command"},
	    {"csr --name a --csr f --key-file f", "two files"},
	    {"show", "Say which file"},
	    {"show --name", "show takes files"},
	    {"check a b", "HOST:PORT"},
	    {"check a --cert c", "HOST:PORT"},
	    {"check --starttls imap", "HOST:PORT"},
	    {"check --force", "no option of this command"},
	    {"import", "Say which file"},
	    {"import a --force=1", "takes no value"},
	    {"export --out o", "--cert server.pem"},
	    {"export --cert c", "--out FILE"},
	    {"export --cert c --out o --format jks", "pem, der, cer or p12"},
	    {"export --cert c --out o --format p12", "--key-file"},
	    {"export --cert c --out o --format der --with-key", "Only"},
	    {"export --cert c --out o --format p12 --key-file k", "password"},
	    {"password", "--key-file"},
	    {"password --key-file k", "either"},
	    {"password --key-file k --remove --new-password-file f", "either"},
	    {"ca", "init, issue, revoke or crl"},
	    {"ca make", "init, issue, revoke or crl"},
	    {"ca init", "--name"},
	    {"ca issue", "--csr FILE"},
	    {"ca issue --name a --purpose mail", "server or client"},
	    {"ca issue --csr r --key-file k", "leave --key-file out"},
	    {"ca issue --name a --p12 f", "--out-password-file"},
	    {"ca issue --csr r --p12 f", "leave --p12 out"},
	    {"ca revoke", "--serial"},
	    {"ca revoke --cert c --serial 1", "--serial"},
	    {"trust", "add, list, remove, test or fetch"},
	    {"trust make", "add, list, remove, test or fetch"},
	    {"trust add f", "--for clients"},
	    {"trust add --for mail", "which file"},
	    {"trust add f --for people", "clients or mail"},
	    {"trust add f --for mail --file t --host h", "--file"},
	    {"trust add f --for mail --yes", "no option of this command"},
	    {"trust list f --for mail", "stands alone"},
	    {"trust remove --for mail", "fingerprint"},
	    {"trust test a b --for mail", "One at a time"},
	    {"trust fetch", "from where"},
	    {"trust fetch a:1 --starttls pop3", "imap or smtp"},
	    {"trust fetch a:1 --for mail --yes", "--fingerprint"},
	    {"trust fetch a:1 --yes", "--for"},
	    {"configure", "--strength"},
	    {"configure --config f", "--strength"},
	    {"configure --strength custom", "--ciphers"},
	    {"configure --strength modern --ciphers a", "custom only"},
	    {"configure --name a", "no option of this command"},
	    {"setup", "--name mail.example.org"},
	    {"setup --name \xff.example", "no host name"},
	    {"wizard --name a", "no option of this command"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_NONE;
		assert_int_equal(parse(rows[i].words, &o, &err), ERR_INPUT);
		if (strstr(err.message, rows[i].says) == NULL)
			print_error("%s: %s\n", rows[i].words, err.message);
		assert_non_null(strstr(err.message, rows[i].says));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_understood),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
