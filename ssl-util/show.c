#include "show.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "chain.h"
#include "key.h"
#include "load.h"
#include "os/file.h"
#include "own.h"

#define FILE_BYTES_MAX ((size_t)4 << 20)

/* One thing in DER. false: it is none, and nothing was said. */
typedef bool show_fn(const unsigned char *der, long len, struct buf *out);

static bool
show_cert(const unsigned char *der, long len, struct buf *out)
{
	CLEANUP(own_cert_free) X509 *cert = d2i_X509_AUX(NULL, &der, len);

	if (cert == NULL)
		return false;
	buf_add_c(out, "Certificate\n");
	show_x509(cert, out);
	return true;
}

static bool
show_csr(const unsigned char *der, long len, struct buf *out)
{
	CLEANUP(own_request_free)
	X509_REQ *request = d2i_X509_REQ(NULL, &der, len);

	if (request == NULL)
		return false;
	buf_add_c(out, "Certificate request\n");
	show_request(request, out);
	return true;
}

static bool
show_list(const unsigned char *der, long len, struct buf *out)
{
	CLEANUP(own_crl_free) X509_CRL *crl = d2i_X509_CRL(NULL, &der, len);

	if (crl == NULL)
		return false;
	buf_add_c(out, "Revocation list\n");
	show_crl(crl, out);
	return true;
}

static bool
show_response(const unsigned char *der, long len, struct buf *out)
{
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &der, len);

	if (response == NULL)
		return false;
	buf_add_c(out, "OCSP response\n");
	show_ocsp(response, out);
	OCSP_RESPONSE_free(response);
	return true;
}

static bool
show_key(const unsigned char *der, long len, struct buf *out)
{
	CLEANUP(key_free) EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, len);

	if (key == NULL)
		return false;
	buf_add_c(out, "Private key (its secret is not shown)\n");
	show_pkey(key, out);
	return true;
}

static bool
show_public(const unsigned char *der, long len, struct buf *out)
{
	CLEANUP(key_free) EVP_PKEY *key = d2i_PUBKEY(NULL, &der, len);

	if (key == NULL)
		return false;
	buf_add_c(out, "Public key\n");
	show_pkey(key, out);
	return true;
}

static bool
show_locked(const unsigned char *der, long len, struct buf *out)
{
	X509_SIG *locked = d2i_X509_SIG(NULL, &der, len);

	if (locked == NULL)
		return false;
	X509_SIG_free(locked);
	buf_add_c(out, "Private key, encrypted with a password: nothing of it "
	               "can be shown\n");
	return true;
}

static bool
show_bundle(const unsigned char *der, long len, struct buf *out)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	struct err ignored = ERR_NONE;

	/* PKCS#7; all else that it reads was tried before. */
	if (load_certs_of("bundle", str_of((const char *)der, (size_t)len),
	        NULL, &found, &ignored) != ERR_OK ||
	    found.form != LOAD_PKCS7)
		return false;
	for (int i = 0; i < sk_X509_num(found.certs); i++) {
		buf_add_c(out, "Certificate\n");
		show_x509(sk_X509_value(found.certs, i), out);
	}
	return true;
}

/* Words of PEM (RFC 7468); the rows without one are for DER, in order. */
static const struct {
	const char *word;
	show_fn *show;
} FORMS[] = {
    {"CERTIFICATE", show_cert},
    {"X509 CERTIFICATE", show_cert},
    {"TRUSTED CERTIFICATE", show_cert},
    {"CERTIFICATE REQUEST", show_csr},
    {"NEW CERTIFICATE REQUEST", show_csr},
    {"X509 CRL", show_list},
    {"PKCS7", show_bundle},
    {"PUBLIC KEY", show_public},
    {NULL, show_response},
    {NULL, show_key},
    {"ENCRYPTED PRIVATE KEY", show_locked},
};
#define FORM_COUNT (sizeof(FORMS) / sizeof(FORMS[0]))

/* One PEM block; false when it is broken. */
static bool
show_block(struct str name, const char *header, const unsigned char *der,
    long len, struct buf *out)
{
	if (strstr(header, "ENCRYPTED") != NULL) {
		buf_add_c(out, "Private key, encrypted with a password: "
		               "nothing of it can be shown\n");
		return true;
	}
	for (size_t i = 0; i < FORM_COUNT; i++)
		if (FORMS[i].word != NULL && str_eq(name, str_c(FORMS[i].word)))
			return FORMS[i].show(der, len, out);
	if (str_ends(name, STR("PRIVATE KEY")))
		return show_key(der, len, out);
	/* "EC PARAMETERS" and the like say nothing to people. */
	return true;
}

static bool
show_pem(struct str bytes, struct buf *out)
{
	CLEANUP(own_bio_free)
	BIO *bio = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
	char *name = NULL;
	char *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	bool ok = bio != NULL;

	ERR_clear_error();
	while (ok && PEM_read_bio(bio, &name, &header, &der, &len) == 1) {
		ok = show_block(str_c(name), header, der, len, out);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)len);
		if (ok)
			ERR_clear_error();
	}
	/* Else a block was cut off or is no Base-64. */
	return ok &&
	       ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static bool
show_der(struct str bytes, struct buf *out)
{
	bool is_shown = false;

	for (size_t i = 0; i < FORM_COUNT && !is_shown; i++)
		is_shown = FORMS[i].show(
		    (const unsigned char *)bytes.ptr, (long)bytes.len, out);
	return is_shown;
}

static enum err_code
show_pkcs12(const char *path, struct str bytes, const struct secret *password,
    struct buf *out, struct err *err)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	enum err_code rc = load_certs_of(path, bytes, password, &found, err);

	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "PKCS#12, %d certificate(s)%s\n",
	    sk_X509_num(found.certs),
	    found.key != NULL ? " and a private key" : "");
	if (found.key != NULL) {
		buf_add_c(out, "Private key (its secret is not shown)\n");
		show_pkey(found.key, out);
	}
	for (int i = 0; i < sk_X509_num(found.certs); i++) {
		buf_add_c(out, "Certificate\n");
		show_x509(sk_X509_value(found.certs, i), out);
	}
	return ERR_OK;
}

static bool
is_pkcs12(struct str bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	PKCS12 *file = d2i_PKCS12(NULL, &at, (long)bytes.len);
	bool is = file != NULL;

	PKCS12_free(file);
	ERR_clear_error();
	return is;
}

enum err_code
show_bytes(const char *path, struct str bytes, const struct secret *password,
    struct buf *out, struct err *err)
{
	bool is_pem = str_find(bytes, STR("-----BEGIN "), 0) < bytes.len;
	size_t before = buf_str(out).len;

	if (!is_pem && is_pkcs12(bytes))
		return show_pkcs12(path, bytes, password, out, err);
	bool ok = is_pem ? show_pem(bytes, out) : show_der(bytes, out);
	ERR_clear_error();
	if (!ok && is_pem)
		return err_sayf(err, ERR_INPUT,
		    "%s holds a block that cannot be read. Get the file anew "
		    "from where it came from.",
		    path);
	if (!ok || buf_str(out).len == before)
		return err_sayf(err, ERR_INPUT,
		    "%s holds no certificate, request, key, revocation list "
		    "or OCSP response that can be read.",
		    path);
	return ERR_OK;
}

enum err_code
show_locked_file(const char *path, const struct secret *password,
    struct buf *out, struct err *err)
{
	CLEANUP(secret_end) struct secret bytes = {.ptr = NULL};
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = file_open(path, &fd, err);

	if (rc == ERR_OK)
		rc = file_read_secret_fd(fd, FILE_BYTES_MAX, &bytes, err);
	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "%s\n", path);
	size_t before = buf_str(out).len;
	rc = show_bytes(path, secret_str(&bytes), password, out, err);
	struct str text = str_slice(buf_str(out), before, SIZE_MAX);
	bool has_key = str_find(text, STR("Private key"), 0) < text.len ||
	               str_find(text, STR("a private key"), 0) < text.len;
	if (rc == ERR_OK && has_key && file_is_open_to_others(fd))
		buf_addf(out,
		    "  OTHERS MAY READ THIS KEY. Mend it with: chmod 600 %s\n",
		    path);
	return rc;
}

enum err_code
show_file(const char *path, struct buf *out, struct err *err)
{
	return show_locked_file(path, NULL, out, err);
}

enum err_code
show_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	enum err_code rc =
	    load_password(options->in_password_file, &password, err);

	for (size_t i = 0; i < options->file_count && rc == ERR_OK; i++)
		rc = show_locked_file(options->files[i], &password, out, err);
	return rc;
}
