/*
 * Certificates, keys, trust, revocation lists, OCSP responses and cipher lists
 * as an admin may give them: any bytes are taken or explained, with one full
 * sentence.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "net/net_tls.h"
#include "net/net_tls_staple.h"

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

/* The texts of a whole site. */
static void
try_site(struct str input, const struct secret *key)
{
	struct net_tls *tls = NULL;
	struct err err = ERR_NONE;
	const struct net_tls_trust trust = {
	    .pem = input, .name = "t", .crl_pem = input, .crl_name = "r"};
	const struct net_tls_site site = {
	    .identities = {{.certificate_pem = input,
	        .key_pem = key,
	        .ocsp_der = input,
	        .certificate_name = "c",
	        .key_name = "k",
	        .ocsp_name = "o"}},
	    .identity_count = 1,
	    .verify = NET_TLS_VERIFY_OPTIONAL,
	    .trust = trust,
	};
	struct net_tls_server_settings settings = {
	    .sites = &site, .site_count = 1};

	check(net_tls_new(&settings, &tls, &err), &err);
	net_tls_unref(tls);
	/* Trust of proxies is read first, whatever the certificate is. */
	err = (struct err)ERR_NONE;
	tls = NULL;
	settings.proxy_trust = &trust;
	check(net_tls_new(&settings, &tls, &err), &err);
	net_tls_unref(tls);
}

/* An OCSP response to certificates that are as empty as they can be. */
static void
try_response(struct str input)
{
	const struct net_tls_identity identity = {.ocsp_der = input,
	    .certificate_name = "c",
	    .key_name = "k",
	    .ocsp_name = "o"};
	STACK_OF(X509) *chain = sk_X509_new_null();
	struct net_tls_staple staple;

	ensure(sk_X509_push(chain, X509_new()) == 1);
	ensure(sk_X509_push(chain, X509_new()) == 2);
	net_tls_staple_init(&staple, chain, &identity);
	net_tls_staple_end(&staple);
	sk_X509_pop_free(chain, X509_free);
}

static void
try_client(struct str input)
{
	struct net_tls_client *client = NULL;
	struct err err = ERR_NONE;
	const struct net_tls_client_settings trust = {
	    .trust = {.pem = input, .name = "ca"},
	};

	check(net_tls_client_new(&trust, &client, &err), &err);
	net_tls_client_unref(client);
}

static void
try_policy(struct str input)
{
	char text[4096];
	struct err err = ERR_NONE;

	if (input.len == 0 || input.len >= sizeof(text))
		return;
	memcpy(text, input.ptr, input.len);
	text[input.len] = '\0';
	check(net_tls_policy_check(
	          &(struct net_tls_policy){
	              .strength = NET_TLS_CUSTOM, .cipher_list = text},
	          &err),
	    &err);
	err = (struct err)ERR_NONE;
	check(net_tls_policy_check(
	          &(struct net_tls_policy){
	              .strength = NET_TLS_CUSTOM, .cipher_suites = text},
	          &err),
	    &err);
	err = (struct err)ERR_NONE;
	check(net_tls_policy_check(
	          &(struct net_tls_policy){.groups = text}, &err),
	    &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str input = {(const char *)data, size};
	struct secret key = {0};
	struct err err = ERR_NONE;

	log_init(no_log, NULL, LOG_ERROR);
	ensure(secret_init(&key, input, &err) == ERR_OK);
	try_site(input, &key);
	try_response(input);
	try_client(input);
	try_policy(input);
	secret_end(&key);
	return 0;
}
