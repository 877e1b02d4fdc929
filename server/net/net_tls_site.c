#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "net/net_policy.h"
#include "net/net_tls_inside.h"
#include "net/net_tls_read.h"
#include "net/net_tls_text.h"
#include "net/net_x509.h"

enum {
	TICKET_LIFE_MS = 12 * 3600 * 1000, /* when nobody says */
	FRESH_BYTES = 16
};

/* ---- certificates ---- */

/* Chain and key into the context, each kind of key in its own place. */
static enum err_code
use_identity(SSL_CTX *context, const STACK_OF(X509) * chain, EVP_PKEY *key,
    const char *name, struct err *err)
{
	STACK_OF(X509) *rest = sk_X509_new_null();
	bool is_fine = rest != NULL;
	char reason[128];

	for (int i = 1; i < sk_X509_num(chain) && is_fine; i++) {
		X509 *one = sk_X509_value(chain, i);

		/* Whoever knows a root has it: it would be sent in vain. */
		if (X509_self_signed(one, 0) != 1)
			is_fine = sk_X509_push(rest, one) > 0;
	}
	is_fine = is_fine && SSL_CTX_use_cert_and_key(context,
	                         sk_X509_value(chain, 0), key, rest, 0) == 1;
	sk_X509_free(rest);
	if (is_fine)
		return ERR_OK;
	net_policy_reason(reason, sizeof(reason));
	return err_sayf(err, ERR_CONFIG,
	    "The certificate in %s cannot be used: %s. Make one with RSA 2048, "
	    "EC P-256 or better.",
	    name, reason);
}

static enum err_code
note_facts(struct net_tls_place *place, size_t index, X509 *leaf,
    const char *name, struct err *err)
{
	struct arena *arena = place->tls->arena;
	struct net_tls_facts *facts = &place->facts[index];

	*facts = (struct net_tls_facts){
	    .host = place->host.ptr,
	    .file = str_dup_bytes(arena, str_c(name)),
	    .fingerprint_sha256 = net_tls_text_fingerprint(arena, leaf),
	    .subject = net_tls_text_name(arena, X509_get_subject_name(leaf)),
	    .issuer = net_tls_text_name(arena, X509_get_issuer_name(leaf)),
	    .key_kind = net_tls_text_key(arena, X509_get0_pubkey(leaf)),
	    .not_before_s = net_x509_time(X509_get0_notBefore(leaf)),
	    .not_after_s = net_x509_time(X509_get0_notAfter(leaf)),
	    .is_self_signed = X509_self_signed(leaf, 1) == 1,
	};
	ERR_clear_error();
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY, NULL, "net_tls facts");
	if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0)
		log_event(LOG_WARN, "tls.certificate_expired",
		    LOG_C("file", facts->file),
		    LOG_C("subject", facts->subject));
	return ERR_OK;
}

/* RSA and EC side by side: a client takes what it can check. */
static enum err_code
check_kind(const SSL_CTX *context, const struct net_tls_identity *settings,
    size_t index, const EVP_PKEY *key, struct err *err)
{
	const EVP_PKEY *first = SSL_CTX_get0_privatekey(context);

	if (index == 0 ||
	    EVP_PKEY_get_base_id(first) != EVP_PKEY_get_base_id(key))
		return ERR_OK;
	return err_sayf(err, ERR_CONFIG,
	    "The keys %s and %s are of one kind (%s): a second certificate "
	    "makes sense beside an RSA one when it is EC, and the reverse.",
	    settings[-1].key_name, settings->key_name,
	    EVP_PKEY_get0_type_name(key));
}

static enum err_code
add_identity(struct net_tls_place *place,
    const struct net_tls_identity *settings, size_t index, struct err *err)
{
	STACK_OF(X509) *chain = NULL;
	EVP_PKEY *key = NULL;
	enum err_code rc = net_tls_read_identity(settings, &chain, &key, err);

	if (rc == ERR_OK)
		rc = check_kind(place->context, settings, index, key, err);
	if (rc == ERR_OK)
		rc = use_identity(place->context, chain, key,
		    settings->certificate_name, err);
	if (rc == ERR_OK)
		rc = note_facts(place, index, sk_X509_value(chain, 0),
		    settings->certificate_name, err);
	if (rc == ERR_OK) {
		net_tls_staple_init(&place->staples[index], chain, settings);
		place->identity_count++;
	}
	net_tls_free_chain(chain);
	EVP_PKEY_free(key);
	return rc;
}

/* ---- sessions and client certificates ---- */

/*
 * A session counts only where this is equal. Besides the site and whom it
 * believes, it holds random bytes: nothing is resumed across a reload.
 */
static bool
set_session_context(SSL_CTX *context, const struct net_tls_site *site)
{
	const unsigned char verify = (unsigned char)site->verify;
	unsigned char fresh[FRESH_BYTES];
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int hash_bytes = 0;
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool is_fine = digest != NULL;

	secret_fill_random(fresh, sizeof(fresh));
	is_fine =
	    is_fine && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(digest, site->host.ptr, site->host.len) == 1 &&
	    EVP_DigestUpdate(digest, &verify, 1) == 1 &&
	    EVP_DigestUpdate(
	        digest, site->trust.pem.ptr, site->trust.pem.len) == 1 &&
	    EVP_DigestUpdate(digest, site->trust.crl_pem.ptr,
	        site->trust.crl_pem.len) == 1 &&
	    EVP_DigestUpdate(digest, fresh, sizeof(fresh)) == 1 &&
	    EVP_DigestFinal_ex(digest, hash, &hash_bytes) == 1 &&
	    SSL_CTX_set_session_id_context(context, hash, hash_bytes) == 1;
	EVP_MD_CTX_free(digest);
	return is_fine;
}

static bool
set_sessions(struct net_tls_place *place, const struct net_tls_site *site)
{
	SSL_CTX *context = place->context;
	const bool has_tickets =
	    place->tls->has_tickets && site->verify == NET_TLS_VERIFY_NONE;

	/* Tickets only: no cache has to be locked, or can be asked for. */
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_max_early_data(context, 0);
	(void)SSL_CTX_set_recv_max_early_data(context, 0);
	if (!has_tickets)
		(void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	(void)SSL_CTX_set_num_tickets(context, has_tickets ? 1 : 0);
	(void)SSL_CTX_set_timeout(
	    context, (long)(place->tickets->life_ms / 1000));
	/* The pump gives buffers back when it rests, not after each record. */
	(void)SSL_CTX_clear_mode(context, SSL_MODE_RELEASE_BUFFERS);
	/* Browsers end connections without close_notify; HTTP has lengths. */
	(void)SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	return set_session_context(context, site);
}

static enum err_code
add_trust(struct net_tls_place *place, const struct net_tls_site *site,
    struct err *err)
{
	STACK_OF(X509_NAME) *names = NULL;
	enum err_code rc = ERR_OK;

	if (site->verify == NET_TLS_VERIFY_NONE)
		return ERR_OK;
	rc = net_tls_trusted_new(&site->trust, &place->trusted, err);
	if (rc != ERR_OK)
		return rc;
	names = SSL_dup_CA_list(place->trusted->names);
	if (names == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "SSL_dup_CA_list");
	SSL_CTX_set_client_CA_list(place->context, names);
	return ERR_OK;
}

/* ---- inside net ---- */

enum err_code
net_tls_site_build(struct net_tls_place *place,
    const struct net_tls_server_settings *settings,
    const struct net_tls_site *site, struct err *err)
{
	const int64_t life_ms = settings->ticket_key_life_ms;
	struct arena *arena = place->tls->arena;
	enum err_code rc = ERR_OK;

	place->verify = site->verify;
	place->host = str_c(str_dup_bytes(arena, site->host));
	place->tickets = ARENA_NEW(arena, struct net_tls_tickets);
	if (place->host.ptr == NULL || place->tickets == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "net_tls_site");
	rc = net_tls_tickets_init(
	    place->tickets, life_ms > 0 ? life_ms : TICKET_LIFE_MS, err);
	if (rc == ERR_OK)
		rc = net_policy_context(TLS_server_method(), &settings->policy,
		    &place->context, err);
	for (size_t i = 0; i < site->identity_count && rc == ERR_OK; i++)
		rc = add_identity(place, &site->identities[i], i, err);
	if (rc == ERR_OK)
		rc = add_trust(place, site, err);
	if (rc == ERR_OK && !set_sessions(place, site))
		rc = err_set(err, ERR_INTERNAL, NULL, "session id context");
	if (rc == ERR_OK)
		net_tls_shake_prepare(place);
	ERR_clear_error();
	return rc;
}

void
net_tls_site_end(struct net_tls_place *place)
{
	SSL_CTX_free(place->context);
	net_tls_trusted_free(place->trusted);
	for (size_t i = 0; i < NET_TLS_IDENTITIES; i++)
		net_tls_staple_end(&place->staples[i]);
	net_tls_tickets_end(place->tickets);
}
