#include "chain.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "key.h"
#include "own.h"

bool
chain_is_self_signed(X509 *cert)
{
	bool is = X509_self_signed(cert, 1) == 1;

	ERR_clear_error();
	return is;
}

static bool
is_better(X509 *cert, X509 *than)
{
	bool a = chain_is_self_signed(cert);
	bool b = chain_is_self_signed(than);

	if (a != b)
		return b;
	return ASN1_TIME_compare(
	           X509_get0_notAfter(cert), X509_get0_notAfter(than)) > 0;
}

int
chain_leaf_of(const STACK_OF(X509) * certs, EVP_PKEY *key)
{
	int found = -1;

	for (int i = 0; i < sk_X509_num(certs); i++) {
		X509 *cert = sk_X509_value(certs, i);
		EVP_PKEY *public = X509_get0_pubkey(cert);
		if (public != NULL && EVP_PKEY_eq(public, key) == 1 &&
		    (found < 0 || is_better(cert, sk_X509_value(certs, found))))
			found = i;
	}
	ERR_clear_error();
	return found;
}

int
chain_leaf(const STACK_OF(X509) * certs)
{
	for (int i = 0; i < sk_X509_num(certs); i++) {
		bool is_issuer = false;
		for (int j = 0; j < sk_X509_num(certs) && !is_issuer; j++)
			is_issuer =
			    j != i && X509_check_issued(sk_X509_value(certs, i),
			                  sk_X509_value(certs, j)) == X509_V_OK;
		if (!is_issuer)
			return i;
	}
	return 0;
}

/* -1 when it is not there. Same names are told apart by the signature. */
static int
find_issuer(const STACK_OF(X509) * certs, X509 *cert)
{
	int found = -1;

	for (int i = 0; i < sk_X509_num(certs) && found < 0; i++) {
		X509 *issuer = sk_X509_value(certs, i);
		if (X509_check_issued(issuer, cert) == X509_V_OK &&
		    X509_verify(cert, X509_get0_pubkey(issuer)) == 1)
			found = i;
	}
	ERR_clear_error();
	return found;
}

enum err_code
chain_order(const STACK_OF(X509) * certs, int leaf, STACK_OF(X509) * *out,
    struct err *err)
{
	int at = leaf;

	*out = sk_X509_new_null();
	if (*out == NULL)
		return key_fail("order the certificates", err);
	/* The count ends rings of cross-signed authorities. */
	for (int i = 0; at >= 0 && i < sk_X509_num(certs); i++) {
		X509 *cert = sk_X509_value(certs, at);
		bool is_root = chain_is_self_signed(cert);
		if (is_root && at != leaf)
			return ERR_OK;
		if (X509_add_cert(*out, cert, X509_ADD_FLAG_UP_REF) != 1)
			return key_fail("order the certificates", err);
		if (is_root)
			return ERR_OK;
		at = find_issuer(certs, cert);
	}
	return ERR_OK;
}

void
chain_name(const X509_NAME *name, char out[CHAIN_NAME_BYTES])
{
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	long len = 0;

	out[0] = '\0';
	if (bio == NULL)
		return;
	/* RFC 2253 escapes controls and all beyond ASCII. */
	X509_NAME_print_ex(
	    bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)XN_FLAG_DN_REV);
	len = BIO_get_mem_data(bio, &bytes);
	if (len >= CHAIN_NAME_BYTES)
		len = CHAIN_NAME_BYTES - 1;
	if (len > 0)
		memcpy(out, bytes, (size_t)len);
	out[len > 0 ? len : 0] = '\0';
}

/* Where the issuer's certificate is, as the certificate says (AIA). */
static void
find_url(X509 *cert, char out[CHAIN_NAME_BYTES])
{
	AUTHORITY_INFO_ACCESS *list =
	    X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);

	out[0] = '\0';
	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(list); i++) {
		const ACCESS_DESCRIPTION *one =
		    sk_ACCESS_DESCRIPTION_value(list, i);
		if (OBJ_obj2nid(one->method) != NID_ad_ca_issuers ||
		    one->location->type != GEN_URI)
			continue;
		const ASN1_IA5STRING *url =
		    one->location->d.uniformResourceIdentifier;
		const unsigned char *bytes = ASN1_STRING_get0_data(url);
		int len = ASN1_STRING_length(url);
		bool is_plain =
		    len > 0 && len < CHAIN_NAME_BYTES &&
		    str_starts_nocase(str_of((const char *)bytes, (size_t)len),
		        STR("http://"));
		for (int j = 0; is_plain && j < len; j++)
			is_plain = bytes[j] > 0x20 && bytes[j] < 0x7f;
		if (!is_plain)
			continue;
		memcpy(out, bytes, (size_t)len);
		out[len] = '\0';
		break;
	}
	AUTHORITY_INFO_ACCESS_free(list);
}

static void
judge(X509_STORE_CTX *ctx, struct chain_verdict *out)
{
	int error = X509_STORE_CTX_get_error(ctx);
	X509 *at = X509_STORE_CTX_get_current_cert(ctx);

	out->why = X509_verify_cert_error_string(error);
	if (at != NULL) {
		chain_name(X509_get_subject_name(at), out->last);
		chain_name(X509_get_issuer_name(at), out->issuer);
		find_url(at, out->url);
	}
	if (error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT)
		out->state = CHAIN_SELF_SIGNED;
	else if (error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
		out->state = CHAIN_UNKNOWN_ROOT;
	else if (error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	         error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)
		out->state = CHAIN_INCOMPLETE;
	else
		out->state = CHAIN_BROKEN;
}

static enum err_code
trust(X509_STORE *store, const char *root_path, struct err *err)
{
	/* A system without a store trusts nobody: the verdict says so. */
	(void)X509_STORE_set_default_paths(store);
	ERR_clear_error();
	if (root_path == NULL || X509_STORE_load_file(store, root_path) == 1)
		return ERR_OK;
	ERR_clear_error();
	return err_sayf(err, ERR_INPUT,
	    "--root: %s cannot be read as certificates in PEM form.",
	    root_path);
}

enum err_code
chain_verify(const STACK_OF(X509) * certs, const STACK_OF(X509) * all,
    const char *root_path, struct chain_verdict *out, struct err *err)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_dup(all);
	enum err_code rc = ERR_OK;

	*out = (struct chain_verdict){.state = CHAIN_WHOLE, .why = ""};
	if (store == NULL || ctx == NULL || others == NULL)
		rc = key_fail("verify the chain", err);
	if (rc == ERR_OK)
		rc = trust(store, root_path, err);
	if (rc == ERR_OK && X509_STORE_CTX_init(ctx, store,
	                        sk_X509_value(certs, 0), others) != 1)
		rc = key_fail("verify the chain", err);
	if (rc == ERR_OK) {
		/* Dates and strength get words of their own. */
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
		(void)X509_VERIFY_PARAM_set_flags(
		    param, X509_V_FLAG_NO_CHECK_TIME);
		X509_VERIFY_PARAM_set_auth_level(param, 0);
		if (X509_verify_cert(ctx) != 1)
			judge(ctx, out);
	}
	ERR_clear_error();
	sk_X509_free(others);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return rc;
}
