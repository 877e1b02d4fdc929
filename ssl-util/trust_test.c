#include "trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "chain.h"
#include "key.h"
#include "load.h"
#include "os/file.h"
#include "own.h"
#include "trust_cert.h"

#define FILE_BYTES ((size_t)4 << 20)

/* The lists of one PEM or DER file; false when there is none. */
static bool
add_crls(X509_STORE *store, struct str bytes)
{
	CLEANUP(own_bio_free)
	BIO *bio = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	size_t count = 0;
	X509_CRL *crl =
	    bio != NULL ? PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL) : NULL;

	if (crl == NULL)
		crl = d2i_X509_CRL(NULL, &at, (long)bytes.len);
	while (crl != NULL) {
		if (X509_STORE_add_crl(store, crl) == 1)
			count++;
		X509_CRL_free(crl);
		crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	}
	ERR_clear_error();
	return count > 0;
}

static enum err_code
take_crls(const struct trust *trust, struct str path, X509_STORE *store,
    struct buf *out, struct err *err)
{
	struct str bytes;

	if (path.len == 0)
		return ERR_OK;
	enum err_code rc =
	    file_read(path.ptr, FILE_BYTES, trust->arena, &bytes, err);
	if (rc != ERR_OK)
		return rc;
	if (!add_crls(store, bytes))
		return err_sayf(err, ERR_INPUT,
		    "%s holds no revocation list in PEM or DER form.",
		    path.ptr);
	buf_addf(out, "Revocation list: %s\n", path.ptr);
	(void)X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	return ERR_OK;
}

/* The authorities, as the server takes them. */
static enum err_code
fill(const struct trust *trust, X509_STORE *store, struct buf *out,
    struct err *err)
{
	const struct config_site *site = trust->site;
	bool has_system =
	    trust->is_mail && site != NULL && !site->mail_trust_store_only;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < trust->store.count; i++)
		if (X509_STORE_add_cert(store, trust->store.certs[i].cert) != 1)
			rc = key_fail("take the trust store", err);
	if (rc == ERR_OK && has_system) {
		(void)X509_STORE_set_default_paths(store);
		buf_add_c(out, "The system's authorities count too.\n");
	}
	if (rc != ERR_OK || site == NULL)
		return rc;
	if (!trust->is_mail)
		return take_crls(trust, site->client_crl, store, out, err);
	rc = take_crls(trust, site->imap_crl, store, out, err);
	if (rc == ERR_OK && !str_eq(site->imap_crl, site->smtp_crl))
		rc = take_crls(trust, site->smtp_crl, store, out, err);
	return rc;
}

static const char *
words_of(int error, bool is_mail)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "it is expired";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "it is not yet valid";
	case X509_V_ERR_CERT_REVOKED:
		return "it is revoked";
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return "the revocation list is past its time; make it anew "
		       "(iwebmsg-ssl ca crl), or set StaleCRL=accept";
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return "there is no revocation list of its authority";
	case X509_V_ERR_INVALID_PURPOSE:
	case X509_V_ERR_INVALID_CA:
		return is_mail ? "it is not made for servers (extended key "
		                 "usage without serverAuth)"
		               : "it is not made for clients (extended key "
		                 "usage without clientAuth)";
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "its authority is not in the trust store; add it with "
		       "iwebmsg-ssl trust add";
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return "a key or hash of the chain is too weak";
	default:
		return X509_verify_cert_error_string(error);
	}
}

static int
verify(
    const struct trust *trust, X509_STORE *store, const STACK_OF(X509) * certs)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_dup(certs);
	int error = X509_V_ERR_OUT_OF_MEM;

	if (ctx != NULL && others != NULL &&
	    X509_STORE_CTX_init(ctx, store, sk_X509_value(certs, 0), others) ==
	        1) {
		(void)X509_STORE_CTX_set_purpose(
		    ctx, trust->is_mail ? X509_PURPOSE_SSL_SERVER
		                        : X509_PURPOSE_SSL_CLIENT);
		X509_VERIFY_PARAM_set_auth_level(
		    X509_STORE_CTX_get0_param(ctx), 1);
		/* What stands in the store may end a chain. */
		(void)X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
		error = X509_verify_cert(ctx) == 1
		            ? X509_V_OK
		            : X509_STORE_CTX_get_error(ctx);
	}
	sk_X509_free(others);
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return error;
}

static bool
is_stale(int error)
{
	return error == X509_V_ERR_CRL_HAS_EXPIRED ||
	       error == X509_V_ERR_CRL_NOT_YET_VALID;
}

static enum err_code
judge(const struct trust *trust, int error, const char *path, struct buf *out,
    struct err *err)
{
	const char *who = trust->is_mail ? "mail server's" : "client's";

	if (is_stale(error) && trust->site != NULL &&
	    trust->site->stale_crl == CONFIG_STALE_CRL_ACCEPT) {
		buf_add_c(out, "The revocation list is past its time; "
		               "StaleCRL=accept lets it pass.\n");
		error = X509_V_OK;
	}
	if (error != X509_V_OK)
		return err_sayf(err, ERR_TRUST,
		    "The server would refuse %s as a %s certificate: %s.", path,
		    who, words_of(error, trust->is_mail));
	buf_addf(out, "The server would take it as a %s certificate.\n", who);
	return ERR_OK;
}

enum err_code
trust_test(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(trust_end) struct trust trust = {.arena = NULL};
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	X509_STORE *store = X509_STORE_new();
	const char *path = options->files[0];
	enum err_code rc = trust_open(options, &trust, err);

	if (rc == ERR_OK && store == NULL)
		rc = key_fail("take the trust store", err);
	if (rc == ERR_OK)
		rc = load_certs(path, NULL, &found, err);
	if (rc == ERR_OK) {
		buf_addf(out, "%s\n", path);
		trust_cert_say(sk_X509_value(found.certs, 0), "  ", out);
		buf_addf(out, "Trust store: %s\n", trust.store.path);
		rc = fill(&trust, store, out, err);
	}
	if (rc == ERR_OK)
		rc = judge(
		    &trust, verify(&trust, store, found.certs), path, out, err);
	X509_STORE_free(store);
	return rc;
}
