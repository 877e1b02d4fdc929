#include "net/net_tls_staple.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/tls1.h>

#include "base/log.h"
#include "net/net_tls_text.h"
#include "net/net_x509.h"
#include "os/clock.h"

enum {
	BYTES_MOST = 64 << 10,
	SKEW_S = 300,        /* between the authority's clock and ours */
	UNSAID_S = 7 * 86400 /* without nextUpdate: newer ones exist */
};

/* What a response says of one certificate. */
struct word {
	int status; /* V_OCSP_CERTSTATUS_*; -1: nothing */
	int64_t from_s, until_s;
};

/* Does the id name this certificate? The issuer's key only when we have it. */
static bool
is_about(const OCSP_CERTID *id, const X509 *leaf, const X509 *issuer)
{
	ASN1_OBJECT *hash = NULL;
	OCSP_CERTID *copy = OCSP_CERTID_dup(id);
	OCSP_CERTID *ours = NULL;
	const EVP_MD *digest = NULL;
	bool is_same = false;

	if (copy != NULL &&
	    OCSP_id_get0_info(NULL, &hash, NULL, NULL, copy) == 1)
		digest = EVP_get_digestbyobj(hash);
	if (digest != NULL)
		ours = OCSP_cert_to_id(digest, leaf, issuer);
	is_same = ours != NULL && OCSP_id_cmp(id, ours) == 0;
	OCSP_CERTID_free(ours);
	OCSP_CERTID_free(copy);
	ERR_clear_error();
	return is_same;
}

static struct word
word_of(OCSP_BASICRESP *basic, const X509 *leaf, const X509 *issuer)
{
	struct word word = {.status = -1};

	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
		ASN1_GENERALIZEDTIME *from = NULL;
		ASN1_GENERALIZEDTIME *until = NULL;

		if (!is_about(OCSP_SINGLERESP_get0_id(single), leaf, issuer))
			continue;
		word.status =
		    OCSP_single_get0_status(single, NULL, NULL, &from, &until);
		word.from_s = from == NULL ? 0 : net_x509_time(from);
		word.until_s = until == NULL ? word.from_s + UNSAID_S
		                             : net_x509_time(until);
		return word;
	}
	return word;
}

/* Is it signed by the issuer, or by whom the issuer lets sign? */
static bool
is_signed(OCSP_BASICRESP *basic, X509 *issuer)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509_STORE *store = X509_STORE_new();
	bool is_fine =
	    chain != NULL && store != NULL && sk_X509_push(chain, issuer) > 0 &&
	    X509_STORE_add_cert(store, issuer) == 1 &&
	    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1;

	is_fine = is_fine && OCSP_basic_verify(basic, chain, store, 0) == 1;
	sk_X509_free(chain);
	X509_STORE_free(store);
	ERR_clear_error();
	return is_fine;
}

static const char *
judge(const struct word *word)
{
	const int64_t now_s = clock_now_s();

	if (word->status == -1)
		return "it is about another certificate";
	if (word->status == V_OCSP_CERTSTATUS_REVOKED)
		return "the authority says the certificate is REVOKED";
	if (word->status != V_OCSP_CERTSTATUS_GOOD)
		return "the authority does not know the certificate";
	if (word->from_s > now_s + SKEW_S)
		return "it is not yet valid: check this machine's clock";
	if (word->until_s <= now_s)
		return "it is stale: fetch a new one";
	return NULL;
}

/* NULL when it can be stapled, else why not. */
static const char *
read_response(struct net_tls_staple *staple, OCSP_RESPONSE *response,
    X509 *leaf, X509 *issuer)
{
	OCSP_BASICRESP *basic = NULL;
	struct word word = {.status = -1};
	const char *trouble = NULL;

	if (response == NULL)
		return "it is not an OCSP response in DER form";
	if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return "the authority's answer is an error";
	basic = OCSP_response_get1_basic(response);
	if (basic == NULL)
		return "it is of an unknown kind";
	word = word_of(basic, leaf, issuer);
	trouble = judge(&word);
	if (trouble == NULL && !is_signed(basic, issuer))
		trouble = "it is not signed by the certificate's issuer";
	OCSP_BASICRESP_free(basic);
	staple->from_s = word.from_s;
	staple->until_s = word.until_s;
	return trouble;
}

static const char *
take(
    struct net_tls_staple *staple, const STACK_OF(X509) * chain, struct str der)
{
	X509 *leaf = sk_X509_value(chain, 0);
	const unsigned char *at = (const unsigned char *)der.ptr;
	OCSP_RESPONSE *response = NULL;
	const char *trouble = NULL;

	if (der.len > BYTES_MOST)
		return "it is too large";
	if (sk_X509_num(chain) < 2)
		return "the certificate file lacks its issuer's certificate, "
		       "so the response cannot be checked";
	response = d2i_OCSP_RESPONSE(NULL, &at, (long)der.len);
	trouble =
	    read_response(staple, response, leaf, sk_X509_value(chain, 1));
	OCSP_RESPONSE_free(response);
	ERR_clear_error();
	if (trouble != NULL)
		return trouble;
	staple->der = malloc(der.len);
	if (staple->der == NULL)
		return "out of memory";
	memcpy(staple->der, der.ptr, der.len);
	staple->der_bytes = der.len;
	(void)X509_up_ref(leaf);
	staple->leaf = leaf;
	return NULL;
}

void
net_tls_staple_init(struct net_tls_staple *staple, const STACK_OF(X509) * chain,
    const struct net_tls_identity *settings)
{
	const char *trouble = NULL;

	*staple = (struct net_tls_staple){.leaf = NULL};
	if (settings->ocsp_der.len == 0)
		return;
	trouble = take(staple, chain, settings->ocsp_der);
	if (trouble != NULL)
		log_event(LOG_WARN, "tls.ocsp_not_stapled",
		    LOG_C("file", settings->ocsp_name),
		    LOG_C("certificate", settings->certificate_name),
		    LOG_C("why", trouble));
}

void
net_tls_staple_end(struct net_tls_staple *staple)
{
	X509_free(staple->leaf);
	free(staple->der);
	*staple = (struct net_tls_staple){.leaf = NULL};
}

bool
net_tls_staple_give(
    const struct net_tls_staple *staple, SSL *ssl, const X509 *leaf)
{
	const int64_t now_s = clock_now_s();
	unsigned char *copy = NULL;

	if (staple->leaf == NULL || leaf == NULL ||
	    X509_cmp(staple->leaf, leaf) != 0 || now_s >= staple->until_s ||
	    now_s + SKEW_S < staple->from_s)
		return false;
	copy = OPENSSL_memdup(staple->der, staple->der_bytes);
	if (copy == NULL)
		return false;
	/* The SSL owns the copy from now on. */
	if (SSL_set_tlsext_status_ocsp_resp(
	        ssl, copy, (long)staple->der_bytes) == 1)
		return true;
	OPENSSL_free(copy);
	return false;
}
