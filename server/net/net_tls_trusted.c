#include "net/net_tls_trusted.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/log.h"
#include "net/net_tls_read.h"
#include "net/net_tls_text.h"

enum {
	DEPTH_MOST = 8,
	NAMES_BYTES_MOST = 48 << 10 /* a CertificateRequest holds 64 KB */
};

/* ---- reading ---- */

static enum err_code
no_memory(struct err *err)
{
	ERR_clear_error();
	return err_set(err, ERR_NO_MEMORY, NULL, "net_tls_trusted");
}

static bool
push(STACK_OF(X509) * list, X509 *one)
{
	return X509_add_cert(list, one, X509_ADD_FLAG_UP_REF) == 1;
}

static enum err_code
read_certificates(struct net_tls_trusted *trusted,
    const struct net_tls_trust *trust, struct err *err)
{
	size_t good = 0;
	STACK_OF(X509) *all =
	    net_tls_read_certificates(trust->pem, NET_TLS_TRUST_MOST, &good);
	bool is_fine = true;

	if (all == NULL && trust->pem.len > 0)
		return err_sayf(err, ERR_CONFIG,
		    "Certificate number %zu in the trust store %s is damaged.",
		    good + 1, trust->name);
	for (int i = 0; i < sk_X509_num(all) && is_fine; i++) {
		X509 *one = sk_X509_value(all, i);
		/* 1 is CA:TRUE; the rest are guesses about old ones. */
		const bool is_authority = X509_check_ca(one) == 1;

		is_fine = push(
		    is_authority ? trusted->authorities : trusted->selves, one);
	}
	net_tls_free_chain(all);
	if (!is_fine)
		return no_memory(err);
	if (good > 0)
		return ERR_OK;
	return err_sayf(err, ERR_CONFIG,
	    "The trust store %s holds no certificate in PEM form "
	    "(-----BEGIN CERTIFICATE-----), so nobody could be trusted.",
	    trust->name);
}

static bool
is_issued_within(const STACK_OF(X509) * authorities, X509 *subject)
{
	for (int i = 0; i < sk_X509_num(authorities); i++) {
		X509 *issuer = sk_X509_value(authorities, i);

		if (net_tls_is_issued(issuer, subject))
			return true;
	}
	return false;
}

static X509 *
find_signer(const struct net_tls_trusted *trusted, X509_CRL *crl)
{
	X509 *found = NULL;

	for (int i = 0; i < sk_X509_num(trusted->authorities) && found == NULL;
	     i++) {
		X509 *one = sk_X509_value(trusted->authorities, i);

		if (X509_NAME_cmp(X509_get_subject_name(one),
		        X509_CRL_get_issuer(crl)) == 0 &&
		    X509_CRL_verify(crl, X509_get0_pubkey(one)) == 1)
			found = one;
	}
	ERR_clear_error();
	return found;
}

/* Says what an admin would otherwise learn from refused people. */
static void
warn_of_crl(X509_CRL *crl, const struct net_tls_trust *trust)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);

	if (next != NULL && X509_cmp_current_time(next) < 0)
		log_event(LOG_WARN, "tls.crl_stale",
		    LOG_C("file", trust->crl_name),
		    LOG_C("hint", trust->accept_stale_crl
		                      ? "accepted, as StaleCRL says"
		                      : "its authority's certificates are "
		                        "refused until it is renewed"));
}

static enum err_code
check_crls(struct net_tls_trusted *trusted, const struct net_tls_trust *trust,
    struct err *err)
{
	for (int i = 0; i < sk_X509_CRL_num(trusted->crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(trusted->crls, i);

		if (find_signer(trusted, crl) == NULL)
			return err_sayf(err, ERR_CONFIG,
			    "Revocation list number %d in %s is not signed by "
			    "an authority of the trust store %s.",
			    i + 1, trust->crl_name, trust->name);
		warn_of_crl(crl, trust);
	}
	return ERR_OK;
}

static enum err_code
read_crls(struct net_tls_trusted *trusted, const struct net_tls_trust *trust,
    struct err *err)
{
	size_t good = 0;

	if (trust->crl_pem.len == 0)
		return ERR_OK;
	trusted->crls =
	    net_tls_read_crls(trust->crl_pem, NET_TLS_TRUST_MOST, &good);
	if (trusted->crls == NULL)
		return err_sayf(err, ERR_CONFIG,
		    "Revocation list number %zu in %s is damaged.", good + 1,
		    trust->crl_name);
	if (good == 0)
		return err_sayf(err, ERR_CONFIG,
		    "%s holds no revocation list in PEM form (-----BEGIN X509 "
		    "CRL-----); a DER file is turned into one by: openssl crl "
		    "-inform DER.",
		    trust->crl_name);
	return check_crls(trusted, trust, err);
}

/* ---- building ---- */

static X509_STORE *
store_new(const struct net_tls_trusted *trusted)
{
	X509_STORE *store = X509_STORE_new();
	bool is_fine = store != NULL;

	for (int i = 0; i < sk_X509_CRL_num(trusted->crls) && is_fine; i++)
		is_fine = X509_STORE_add_crl(
		              store, sk_X509_CRL_value(trusted->crls, i)) == 1;
	if (is_fine && trusted->crls != NULL)
		is_fine =
		    X509_STORE_set_flags(store,
		        X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1;
	if (is_fine && X509_STORE_set_depth(store, DEPTH_MOST) == 1)
		return store;
	X509_STORE_free(store);
	return NULL;
}

static bool
add_top(struct net_tls_trusted *trusted, X509 *one)
{
	if (trusted->tops == NULL) {
		trusted->tops = store_new(trusted);
		if (trusted->tops == NULL ||
		    X509_STORE_set_flags(
		        trusted->tops, X509_V_FLAG_PARTIAL_CHAIN) != 1)
			return false;
	}
	return X509_STORE_add_cert(trusted->tops, one) == 1;
}

static bool
build_stores(struct net_tls_trusted *trusted)
{
	bool is_fine = true;

	trusted->whole = store_new(trusted);
	if (trusted->whole == NULL)
		return false;
	for (int i = 0; i < sk_X509_num(trusted->authorities) && is_fine; i++) {
		X509 *one = sk_X509_value(trusted->authorities, i);

		is_fine = X509_STORE_add_cert(trusted->whole, one) == 1;
		if (is_fine && !is_issued_within(trusted->authorities, one))
			is_fine = add_top(trusted, one);
	}
	return is_fine;
}

static bool
add_name(struct net_tls_trusted *trusted, const X509_NAME *name, int *bytes)
{
	X509_NAME *copy = NULL;
	const int size = i2d_X509_NAME(name, NULL);

	if (size <= 0 || *bytes > NAMES_BYTES_MOST)
		return true;
	*bytes += size + 2;
	copy = X509_NAME_dup(name);
	if (copy != NULL && sk_X509_NAME_push(trusted->names, copy) > 0)
		return true;
	X509_NAME_free(copy);
	return false;
}

/* An empty list means "any" to browsers: better than too long a message. */
static bool
build_names(struct net_tls_trusted *trusted, const struct net_tls_trust *trust)
{
	int bytes = 0;
	bool is_fine = true;

	for (int i = 0; i < sk_X509_num(trusted->authorities) && is_fine; i++)
		is_fine = add_name(trusted,
		    X509_get_subject_name(
		        sk_X509_value(trusted->authorities, i)),
		    &bytes);
	for (int i = 0; i < sk_X509_num(trusted->selves) && is_fine; i++)
		is_fine = add_name(trusted,
		    X509_get_issuer_name(sk_X509_value(trusted->selves, i)),
		    &bytes);
	if (bytes > NAMES_BYTES_MOST) {
		sk_X509_NAME_pop_free(trusted->names, X509_NAME_free);
		trusted->names = sk_X509_NAME_new_null();
		log_event(LOG_WARN, "tls.trust_large",
		    LOG_C("file", trust->name),
		    LOG_C("hint", "too many authorities to name them in "
		                  "handshakes: browsers will offer every "
		                  "certificate they have"));
	}
	return is_fine && trusted->names != NULL;
}

static enum err_code
fill(struct net_tls_trusted *trusted, const struct net_tls_trust *trust,
    struct err *err)
{
	enum err_code rc = ERR_OK;

	trusted->authorities = sk_X509_new_null();
	trusted->selves = sk_X509_new_null();
	trusted->names = sk_X509_NAME_new_null();
	if (trusted->authorities == NULL || trusted->selves == NULL ||
	    trusted->names == NULL)
		return no_memory(err);
	if (str_find(trust->pem, STR("PRIVATE KEY-----"), 0) < trust->pem.len)
		return err_sayf(err, ERR_CONFIG,
		    "The trust store %s holds a private key, which belongs "
		    "nowhere but to its owner: take it out.",
		    trust->name);
	rc = read_certificates(trusted, trust, err);
	if (rc == ERR_OK)
		rc = read_crls(trusted, trust, err);
	if (rc == ERR_OK &&
	    (!build_stores(trusted) || !build_names(trusted, trust)))
		rc = no_memory(err);
	return rc;
}

/* ---- inside net ---- */

enum err_code
net_tls_trusted_new(const struct net_tls_trust *trust,
    struct net_tls_trusted **out, struct err *err)
{
	struct net_tls_trusted *trusted = calloc(1, sizeof(*trusted));
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (trusted == NULL)
		return no_memory(err);
	trusted->accepts_stale_crl = trust->accept_stale_crl;
	rc = fill(trusted, trust, err);
	if (rc != ERR_OK) {
		net_tls_trusted_free(trusted);
		return rc;
	}
	*out = trusted;
	return ERR_OK;
}

void
net_tls_trusted_free(struct net_tls_trusted *trusted)
{
	if (trusted == NULL)
		return;
	X509_STORE_free(trusted->whole);
	X509_STORE_free(trusted->tops);
	net_tls_free_chain(trusted->authorities);
	net_tls_free_chain(trusted->selves);
	sk_X509_NAME_pop_free(trusted->names, X509_NAME_free);
	net_tls_free_crls(trusted->crls);
	free(trusted);
}
