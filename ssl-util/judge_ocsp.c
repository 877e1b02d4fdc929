#include "judge_ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

/* Clocks differ: what RFC 6960 leaves to us. */
#define SKEW_S 300

static void
set(struct judge_ocsp *out, enum judge_ocsp_state state, const char *why)
{
	out->state = state;
	(void)snprintf(out->why, sizeof(out->why), "%s", why);
}

static void
set_until(struct judge_ocsp *out, const ASN1_GENERALIZEDTIME *time)
{
	struct tm tm;

	if (time != NULL && ASN1_TIME_to_tm(time, &tm) == 1)
		(void)snprintf(out->until, sizeof(out->until),
		    "%04d-%02d-%02d %02d:%02d UTC", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

/* By the issuer's key, or one that it signed for this (RFC 6960, 4.2.2.2). */
static bool
is_signed(OCSP_BASICRESP *basic, X509 *issuer)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	X509_STORE *store = X509_STORE_new();
	bool ok = certs != NULL && store != NULL &&
	          sk_X509_push(certs, issuer) > 0 &&
	          X509_STORE_add_cert(store, issuer) == 1 &&
	          X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
	          OCSP_basic_verify(basic, certs, store, 0) == 1;

	sk_X509_free(certs);
	X509_STORE_free(store);
	ERR_clear_error();
	return ok;
}

static OCSP_SINGLERESP *
find(OCSP_BASICRESP *basic, X509 *leaf, X509 *issuer)
{
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *one = OCSP_resp_get0(basic, i);
		const OCSP_CERTID *theirs = OCSP_SINGLERESP_get0_id(one);
		OCSP_CERTID *copy = OCSP_CERTID_dup(theirs);
		ASN1_OBJECT *hash = NULL;
		if (copy != NULL)
			(void)OCSP_id_get0_info(NULL, &hash, NULL, NULL, copy);
		const EVP_MD *digest =
		    hash != NULL ? EVP_get_digestbyobj(hash) : NULL;
		OCSP_CERTID *ours = digest != NULL
		                        ? OCSP_cert_to_id(digest, leaf, issuer)
		                        : NULL;
		bool is_same = ours != NULL && OCSP_id_cmp(ours, theirs) == 0;
		OCSP_CERTID_free(ours);
		OCSP_CERTID_free(copy);
		if (is_same)
			return one;
	}
	return NULL;
}

static void
judge(OCSP_BASICRESP *basic, X509 *leaf, X509 *issuer, struct judge_ocsp *out)
{
	ASN1_GENERALIZEDTIME *from = NULL;
	ASN1_GENERALIZEDTIME *until = NULL;
	OCSP_SINGLERESP *one = find(basic, leaf, issuer);

	if (one == NULL) {
		set(out, JUDGE_OCSP_FOREIGN, "it is for another certificate");
		return;
	}
	int status = OCSP_single_get0_status(one, NULL, NULL, &from, &until);
	set_until(out, until);
	if (!is_signed(basic, issuer))
		set(out, JUDGE_OCSP_BAD,
		    "it is not signed by the certificate's authority");
	else if (OCSP_check_validity(from, until, SKEW_S, -1) != 1)
		set(out, JUDGE_OCSP_STALE, "it is past its time");
	else if (status == V_OCSP_CERTSTATUS_REVOKED)
		set(out, JUDGE_OCSP_REVOKED, "the authority says: revoked");
	else if (status != V_OCSP_CERTSTATUS_GOOD)
		set(out, JUDGE_OCSP_BAD,
		    "the authority does not know the certificate");
	else
		set(out, JUDGE_OCSP_GOOD, "good");
}

void
judge_ocsp_read(
    struct str bytes, const STACK_OF(X509) * chain, struct judge_ocsp *out)
{
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)bytes.len);
	OCSP_BASICRESP *basic = NULL;

	*out = (struct judge_ocsp){
	    .state = JUDGE_OCSP_BAD, .why = "it is damaged"};
	if (response == NULL)
		set(out, JUDGE_OCSP_BAD, "it is no OCSP response (DER)");
	else if (OCSP_response_status(response) !=
	         OCSP_RESPONSE_STATUS_SUCCESSFUL)
		set(out, JUDGE_OCSP_BAD,
		    OCSP_response_status_str(OCSP_response_status(response)));
	else if (sk_X509_num(chain) < 2)
		set(out, JUDGE_OCSP_BAD,
		    "the issuer's certificate is not there to verify it");
	else
		basic = OCSP_response_get1_basic(response);
	if (basic != NULL)
		judge(basic, sk_X509_value(chain, 0), sk_X509_value(chain, 1),
		    out);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	ERR_clear_error();
}
