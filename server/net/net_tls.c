#include "net/net_tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>

#include "base/log.h"
#include "net/net_policy.h"

enum {
	NAME_BYTES = 512,
	FINGERPRINT_BYTES = 3 * 32,
	CHAIN_MOST = 16
};

struct net_tls {
	atomic_uint refs;
	SSL_CTX *context; /* owned */
	struct net_tls_facts facts;
	char fingerprint[FINGERPRINT_BYTES];
	char subject[NAME_BYTES];
	char issuer[NAME_BYTES];
};

/* ---- reading PEM ---- */

static BIO *
bio_of(struct str pem)
{
	if (pem.len == 0 || pem.len > (size_t)16 << 20)
		return NULL;
	return BIO_new_mem_buf(pem.ptr, (int)pem.len);
}

static bool
holds(struct str pem, struct str what)
{
	return str_find(pem, what, 0) < pem.len;
}

/* All certificates of the text, in its order; NULL when one is broken. */
static STACK_OF(X509) * read_certificates(struct str pem)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO *bio = bio_of(pem);
	bool is_fine = chain != NULL && bio != NULL;

	while (is_fine) {
		X509 *one = PEM_read_bio_X509(bio, NULL, NULL, NULL);

		if (one == NULL) {
			/* "no start line" is the text's end. */
			is_fine = ERR_GET_REASON(ERR_peek_last_error()) ==
			          PEM_R_NO_START_LINE;
			break;
		}
		if (sk_X509_num(chain) >= CHAIN_MOST ||
		    sk_X509_push(chain, one) <= 0) {
			X509_free(one);
			is_fine = false;
		}
	}
	BIO_free(bio);
	ERR_clear_error();
	if (is_fine)
		return chain;
	sk_X509_pop_free(chain, X509_free);
	return NULL;
}

/* PEM's question for the password; -1 is "no". */
static int
tell_password(char *buf, int size, int is_writing, void *ctx)
{
	const struct secret *password = ctx;

	(void)is_writing;
	if (password->len == 0 || size < 0 || password->len > (size_t)size)
		return -1;
	memcpy(buf, password->ptr, password->len);
	return (int)password->len;
}

static enum err_code
read_key(
    const struct net_tls_identity *settings, EVP_PKEY **out, struct err *err)
{
	const struct str pem = secret_str(settings->key_pem);
	struct secret borrowed = {.ptr = NULL};
	const bool is_locked = holds(pem, STR("BEGIN ENCRYPTED PRIVATE KEY")) ||
	                       holds(pem, STR("Proc-Type: 4,ENCRYPTED"));
	const char *name = settings->key_name;
	BIO *bio = NULL;

	*out = NULL;
	if (settings->key_password != NULL)
		borrowed = *settings->key_password;
	if (!holds(pem, STR("PRIVATE KEY-----")))
		return err_sayf(err, ERR_CONFIG,
		    "The key file %s holds no private key in PEM form "
		    "(-----BEGIN PRIVATE KEY-----).",
		    name);
	if (is_locked && borrowed.len == 0)
		return err_sayf(err, ERR_CONFIG,
		    "The key in %s is encrypted and no password for it is "
		    "configured.",
		    name);
	bio = bio_of(pem);
	/* A password nobody asked for is no harm. */
	if (bio != NULL)
		*out = PEM_read_bio_PrivateKey(
		    bio, NULL, tell_password, &borrowed);
	BIO_free(bio);
	ERR_clear_error();
	if (*out != NULL)
		return ERR_OK;
	if (is_locked)
		return err_sayf(err, ERR_CONFIG,
		    "The configured password does not open the key in %s.",
		    name);
	return err_sayf(err, ERR_CONFIG,
	    "The private key in %s is damaged or of an unknown kind.", name);
}

/* ---- checking ---- */

static bool
issued(X509 *issuer, X509 *subject)
{
	return X509_NAME_cmp(X509_get_subject_name(issuer),
	           X509_get_issuer_name(subject)) == 0 &&
	       X509_verify(subject, X509_get0_pubkey(issuer)) == 1;
}

static enum err_code
check_key(const STACK_OF(X509) * chain, EVP_PKEY *key,
    const struct net_tls_identity *settings, struct err *err)
{
	bool is_fitting = X509_check_private_key(sk_X509_value(chain, 0), key);

	if (is_fitting)
		return ERR_OK;
	for (int i = 1; i < sk_X509_num(chain) && !is_fitting; i++)
		is_fitting =
		    X509_check_private_key(sk_X509_value(chain, i), key) == 1;
	ERR_clear_error();
	if (is_fitting)
		return err_sayf(err, ERR_CONFIG,
		    "The certificates in %s are out of order: the server's "
		    "own must come first.",
		    settings->certificate_name);
	return err_sayf(err, ERR_CONFIG,
	    "The key in %s does not belong to the certificate in %s.",
	    settings->key_name, settings->certificate_name);
}

static enum err_code
check_chain(const STACK_OF(X509) * chain, const char *name, struct err *err)
{
	for (int i = 1; i < sk_X509_num(chain); i++) {
		if (issued(
		        sk_X509_value(chain, i), sk_X509_value(chain, i - 1)))
			continue;
		return err_sayf(err, ERR_CONFIG,
		    "The certificates in %s are out of order: number %d did "
		    "not issue number %d. Put each one's issuer after it.",
		    name, i + 1, i);
	}
	return ERR_OK;
}

/* ---- the context ---- */

/* ALPN (RFC 7301, 3.2): HTTP/1.1 or, when offered only others, an alert. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned int in_len, void *ctx)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen = NULL;

	(void)ssl;
	(void)ctx;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in,
	        in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static enum err_code
fill_context(SSL_CTX *context, const STACK_OF(X509) * chain, EVP_PKEY *key,
    const char *name, struct err *err)
{
	static const unsigned char context_id[] = "iwebmsg";
	bool is_fine =
	    SSL_CTX_use_certificate(context, sk_X509_value(chain, 0)) == 1 &&
	    SSL_CTX_use_PrivateKey(context, key) == 1;
	char reason[128];

	for (int i = 1; i < sk_X509_num(chain) && is_fine; i++)
		is_fine = SSL_CTX_add1_chain_cert(
		              context, sk_X509_value(chain, i)) == 1;
	if (!is_fine) {
		net_policy_reason(reason, sizeof(reason));
		return err_sayf(err, ERR_CONFIG,
		    "The certificate in %s cannot be used: %s. Make one with "
		    "RSA 2048, EC P-256 or better.",
		    name, reason);
	}
	/* Tickets only: sealed by this context's own keys, so that nothing
	 * is resumed across a reload, and no cache has to be locked. */
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_session_id_context(
	    context, context_id, sizeof(context_id) - 1);
	(void)SSL_CTX_set_max_early_data(context, 0);
	(void)SSL_CTX_set_recv_max_early_data(context, 0);
	/* Browsers end connections without close_notify; HTTP has lengths. */
	(void)SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return ERR_OK;
}

/* ---- facts ---- */

static int64_t
unix_time(const ASN1_TIME *time)
{
	int days = 0;
	int seconds = 0;
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int64_t out = 0;

	if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1)
		out = (int64_t)days * 86400 + seconds;
	ASN1_TIME_free(epoch);
	return out;
}

static void
write_name(const X509_NAME *name, char *buf, size_t len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int got = 0;

	/* RFC 2253 escapes what could break a line, UTF-8 stays. */
	if (bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
	        XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
		got = BIO_read(bio, buf, (int)len - 1);
	buf[got > 0 ? got : 0] = '\0';
	BIO_free(bio);
}

static void
note_facts(struct net_tls *tls, X509 *leaf)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int hash_bytes = 0;
	char *out = tls->fingerprint;

	if (X509_digest(leaf, EVP_sha256(), hash, &hash_bytes) != 1)
		hash_bytes = 0;
	for (unsigned int i = 0; i < hash_bytes && i < 32; i++) {
		*out++ = digits[hash[i] >> 4];
		*out++ = digits[hash[i] & 15];
		*out++ = i + 1 < hash_bytes ? ':' : '\0';
	}
	write_name(
	    X509_get_subject_name(leaf), tls->subject, sizeof(tls->subject));
	write_name(
	    X509_get_issuer_name(leaf), tls->issuer, sizeof(tls->issuer));
	tls->facts = (struct net_tls_facts){
	    .fingerprint_sha256 = tls->fingerprint,
	    .subject = tls->subject,
	    .issuer = tls->issuer,
	    .not_before_s = unix_time(X509_get0_notBefore(leaf)),
	    .not_after_s = unix_time(X509_get0_notAfter(leaf)),
	    .is_self_signed = X509_self_signed(leaf, 1) == 1,
	};
	if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0)
		log_event(LOG_WARN, "tls.certificate_expired",
		    LOG_C("subject", tls->subject));
}

/* ---- exported ---- */

static enum err_code
build(struct net_tls *tls, const struct net_tls_server_settings *all,
    const STACK_OF(X509) * chain, struct err *err)
{
	const struct net_tls_identity *settings = &all->sites[0].identities[0];
	EVP_PKEY *key = NULL;
	enum err_code rc = read_key(settings, &key, err);

	if (rc == ERR_OK)
		rc = check_key(chain, key, settings, err);
	if (rc == ERR_OK)
		rc = check_chain(chain, settings->certificate_name, err);
	if (rc == ERR_OK)
		rc = net_policy_context(
		    TLS_server_method(), &all->policy, &tls->context, err);
	if (rc == ERR_OK)
		rc = fill_context(
		    tls->context, chain, key, settings->certificate_name, err);
	if (rc == ERR_OK)
		note_facts(tls, sk_X509_value(chain, 0));
	EVP_PKEY_free(key);
	ERR_clear_error();
	return rc;
}

enum err_code
net_tls_new(const struct net_tls_server_settings *settings,
    struct net_tls **out, struct err *err)
{
	const struct net_tls_identity *first =
	    &settings->sites[0].identities[0];
	STACK_OF(X509) *chain = read_certificates(first->certificate_pem);
	struct net_tls *tls = NULL;
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (chain == NULL || sk_X509_num(chain) == 0) {
		const bool is_broken = chain == NULL;

		sk_X509_pop_free(chain, X509_free);
		return err_sayf(err, ERR_CONFIG,
		    is_broken && first->certificate_pem.len > 0
		        ? "A certificate in %s is damaged: its PEM text "
		          "cannot be read."
		        : "The certificate file %s holds no certificate in "
		          "PEM form (-----BEGIN CERTIFICATE-----).",
		    first->certificate_name);
	}
	tls = calloc(1, sizeof(*tls));
	if (tls == NULL) {
		sk_X509_pop_free(chain, X509_free);
		return err_set(err, ERR_NO_MEMORY, NULL, "net_tls");
	}
	atomic_init(&tls->refs, 1);
	rc = build(tls, settings, chain, err);
	sk_X509_pop_free(chain, X509_free);
	if (rc != ERR_OK) {
		net_tls_unref(tls);
		return rc;
	}
	*out = tls;
	return ERR_OK;
}

struct net_tls *
net_tls_ref(struct net_tls *tls)
{
	if (tls != NULL)
		atomic_fetch_add(&tls->refs, 1);
	return tls;
}

void
net_tls_unref(struct net_tls *tls)
{
	if (tls == NULL || atomic_fetch_sub(&tls->refs, 1) != 1)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

const struct net_tls_facts *
net_tls_facts(const struct net_tls *tls)
{
	return &tls->facts;
}

SSL_CTX *
net_tls_context(const struct net_tls *tls)
{
	return tls->context;
}

const struct net_tls_facts *
net_tls_facts_of(const struct net_tls *tls, struct str host)
{
	(void)host;
	return &tls->facts;
}

const struct net_tls_facts *
net_tls_facts_at(const struct net_tls *tls, size_t index)
{
	return index == 0 ? &tls->facts : NULL;
}

enum net_tls_verify
net_tls_verify_of(const struct net_tls *tls, struct str host)
{
	(void)tls;
	(void)host;
	return NET_TLS_VERIFY_NONE;
}
