#include "trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "chain.h"
#include "key.h"
#include "load.h"
#include "net/net_tls_verify.h"
#include "os/file.h"
#include "own.h"
#include "trust_cert.h"

#define FILE_BYTES ((size_t)4 << 20)
/* As the server's contexts: RSA 2048, no SHA-1. */
#define SECURITY_LEVEL 2

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

/* Of mail servers, as the mail leg takes them. */
static enum err_code
fill(const struct trust *trust, X509_STORE *store, struct buf *out,
    struct err *err)
{
	const struct config_site *site = trust->site;
	bool has_system = site != NULL && !site->mail_trust_store_only;
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
pass_stale(int is_fine, X509_STORE_CTX *ctx)
{
	if (is_fine ||
	    X509_STORE_CTX_get_error(ctx) != X509_V_ERR_CRL_HAS_EXPIRED)
		return is_fine;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static enum err_code
verify_mail(const struct trust *trust, STACK_OF(X509) * certs, int *out_reason,
    struct buf *out, struct err *err)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE *store = X509_STORE_new();
	enum err_code rc = ERR_OK;

	if (ctx == NULL || store == NULL)
		rc = key_fail("take the trust store", err);
	if (rc == ERR_OK)
		rc = fill(trust, store, out, err);
	if (rc == ERR_OK && X509_STORE_CTX_init(ctx, store,
	                        sk_X509_value(certs, 0), certs) != 1)
		rc = key_fail("verify the certificate", err);
	if (rc == ERR_OK) {
		(void)X509_STORE_CTX_set_default(ctx, "ssl_server");
		X509_VERIFY_PARAM_set_auth_level(
		    X509_STORE_CTX_get0_param(ctx), SECURITY_LEVEL);
		/* As net_tls_client_new: what is trusted ends the chain. */
		(void)X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
		if (trust->site != NULL &&
		    trust->site->stale_crl == CONFIG_STALE_CRL_ACCEPT)
			X509_STORE_CTX_set_verify_cb(ctx, pass_stale);
		*out_reason = X509_verify_cert(ctx) == 1
		                  ? X509_V_OK
		                  : X509_STORE_CTX_get_error(ctx);
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	return rc;
}

static enum err_code
store_pem(const struct trust *trust, BIO *bio, struct str *out, struct err *err)
{
	char *bytes = NULL;

	for (size_t i = 0; bio != NULL && i < trust->store.count; i++)
		if (PEM_write_bio_X509(bio, trust->store.certs[i].cert) != 1)
			return key_fail("take the trust store", err);
	if (bio == NULL)
		return key_fail("take the trust store", err);
	long len = BIO_get_mem_data(bio, &bytes);
	*out = str_of(bytes, (size_t)len);
	return ERR_OK;
}

/* The lists of the ini file, in PEM form whatever they are. */
static enum err_code
read_lists(const struct trust *trust, BIO *bio, struct net_tls_trust *text,
    struct err *err)
{
	const struct config_site *site = trust->site;
	const unsigned char *at = NULL;
	char *pem = NULL;

	if (site == NULL || site->client_crl.len == 0)
		return ERR_OK;
	text->crl_name = site->client_crl.ptr;
	text->accept_stale_crl = site->stale_crl == CONFIG_STALE_CRL_ACCEPT;
	enum err_code rc = file_read(
	    text->crl_name, FILE_BYTES, trust->arena, &text->crl_pem, err);
	if (rc != ERR_OK)
		return rc;
	at = (const unsigned char *)text->crl_pem.ptr;
	X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)text->crl_pem.len);
	if (crl != NULL && bio != NULL &&
	    PEM_write_bio_X509_CRL(bio, crl) == 1) {
		long len = BIO_get_mem_data(bio, &pem);
		text->crl_pem = str_of(pem, (size_t)len);
	}
	X509_CRL_free(crl);
	ERR_clear_error();
	return ERR_OK;
}

/* By the very code that the handshake uses. */
static enum err_code
verify_client(const struct trust *trust, STACK_OF(X509) * certs,
    int *out_reason, struct buf *out, struct err *err)
{
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_mem());
	CLEANUP(own_bio_free) BIO *lists = BIO_new(BIO_s_mem());
	struct net_tls_trust text = {.name = trust->store.path};
	struct net_tls_trusted *trusted = NULL;
	enum err_code rc = store_pem(trust, bio, &text.pem, err);

	if (rc == ERR_OK)
		rc = read_lists(trust, lists, &text, err);
	if (rc == ERR_OK && text.crl_name != NULL)
		buf_addf(out, "Revocation list: %s\n", text.crl_name);
	if (rc == ERR_OK)
		rc = net_tls_trusted_new(&text, &trusted, err);
	if (rc == ERR_OK)
		*out_reason = net_tls_verify_check(
		    trusted, sk_X509_value(certs, 0), certs, SECURITY_LEVEL);
	net_tls_trusted_free(trusted);
	return rc;
}

static enum err_code
judge(const struct trust *trust, int reason, const char *path, struct buf *out,
    struct err *err)
{
	const char *who = trust->is_mail ? "mail server's" : "client's";

	if (reason != X509_V_OK)
		return err_sayf(err, ERR_TRUST,
		    "The server would refuse %s as a %s certificate: %s.", path,
		    who, words_of(reason, trust->is_mail));
	buf_addf(out, "The server would take it as a %s certificate.\n", who);
	return ERR_OK;
}

enum err_code
trust_test(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(trust_end) struct trust trust = {.arena = NULL};
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	const char *path = options->files[0];
	int reason = X509_V_ERR_UNSPECIFIED;
	enum err_code rc = trust_open(options, &trust, err);

	if (rc == ERR_OK)
		rc = load_certs(path, NULL, &found, err);
	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "%s\n", path);
	trust_cert_say(sk_X509_value(found.certs, 0), "  ", out);
	buf_addf(out, "Trust store: %s\n", trust.store.path);
	rc = trust.is_mail
	         ? verify_mail(&trust, found.certs, &reason, out, err)
	         : verify_client(&trust, found.certs, &reason, out, err);
	return rc == ERR_OK ? judge(&trust, reason, path, out, err) : rc;
}
