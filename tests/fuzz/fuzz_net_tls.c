/*
 * Certificates and keys as an admin may give them: any bytes are taken or
 * explained, with one full sentence.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "net/net_tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
no_log(void *ctx, enum log_level level, struct str line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

static void
check(enum err_code rc, const struct err *err)
{
	const size_t len = strlen(err->message);

	ensure(rc == ERR_OK || rc == ERR_CONFIG);
	ensure(rc == ERR_OK || (len > 0 && err->message[len - 1] == '.'));
	ensure(str_is_utf8(str_c(err->message)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str input = {(const char *)data, size};
	struct secret key = {0};
	struct net_tls *tls = NULL;
	struct net_tls_client *client = NULL;
	struct err err = ERR_NONE;

	log_init(no_log, NULL, LOG_ERROR);
	ensure(secret_init(&key, input, &err) == ERR_OK);
	{
		const struct net_tls_site site = {
		    .identities = {{.certificate_pem = input,
		        .key_pem = &key,
		        .certificate_name = "c",
		        .key_name = "k"}},
		    .identity_count = 1,
		};
		const struct net_tls_server_settings settings = {
		    .sites = &site, .site_count = 1};
		const struct net_tls_client_settings trust = {
		    .trust = {.pem = input, .name = "ca"},
		};

		check(net_tls_new(&settings, &tls, &err), &err);
		err = (struct err)ERR_NONE;
		check(net_tls_client_new(&trust, &client, &err), &err);
	}
	net_tls_unref(tls);
	net_tls_client_unref(client);
	secret_end(&key);
	return 0;
}
