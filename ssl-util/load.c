#include "load.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/provider.h>

#include "key.h"
#include "os/credential.h"
#include "os/file.h"
#include "own.h"
#include "path.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define PASSWORD_MAX   1000

static enum err_code
read_file(const char *path, bool is_secret, struct secret *out, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	char file[PATH_BYTES];
	enum err_code rc =
	    credential_path(str_c(path), file, sizeof(file), err);

	if (rc == ERR_OK)
		rc = file_open(file, &fd, err);
	if (rc == ERR_OK && is_secret && file_is_open_to_others(fd))
		return err_sayf(err, ERR_CONFIG,
		    "%s may be read by others; mend it with: chmod 600 %s",
		    path, path);
	if (rc == ERR_OK)
		rc = file_read_secret_fd(fd, FILE_BYTES_MAX, out, err);
	return rc;
}

enum err_code
load_password(const char *path, struct secret *out, struct err *err)
{
	CLEANUP(secret_end) struct secret whole = {.ptr = NULL};

	*out = (struct secret){.ptr = NULL};
	if (path == NULL)
		return ERR_OK;
	enum err_code rc = read_file(path, true, &whole, err);
	if (rc != ERR_OK)
		return rc;
	struct str rest = secret_str(&whole);
	struct str line = str_cut(&rest, '\n');
	if (str_ends(line, STR("\r")))
		line = str_slice(line, 0, line.len - 1);
	if (line.len == 0 || line.len > PASSWORD_MAX ||
	    str_find_byte(line, '\0', 0) < line.len)
		return err_sayf(err, ERR_CONFIG,
		    "The first line of %s is no password of 1 to %d bytes.",
		    path, PASSWORD_MAX);
	rc = secret_room(out, line.len + 1, err);
	if (rc != ERR_OK)
		return rc;
	memcpy(out->ptr, line.ptr, line.len);
	out->ptr[line.len] = '\0';
	return ERR_OK;
}

const char *
load_password_c(const struct secret *password)
{
	return password == NULL || password->ptr == NULL
	           ? NULL
	           : secret_str(password).ptr;
}

/* PEM's question for the password; -1 is "no". */
static int
tell_password(char *buf, int size, int is_writing, void *ctx)
{
	const struct secret *password = ctx;

	(void)is_writing;
	if (password == NULL || password->len < 2 || size < 0 ||
	    password->len - 1 > (size_t)size)
		return -1;
	memcpy(buf, password->ptr, password->len - 1);
	return (int)(password->len - 1);
}

static bool
holds(struct str bytes, struct str word)
{
	return str_find(bytes, word, 0) < bytes.len;
}

enum err_code
load_key(const char *path, const struct secret *password, EVP_PKEY **out,
    struct err *err)
{
	CLEANUP(secret_end) struct secret bytes = {.ptr = NULL};
	struct secret borrowed = {.ptr = NULL};
	enum err_code rc = read_file(path, false, &bytes, err);

	*out = NULL;
	if (rc != ERR_OK)
		return rc;
	struct str pem = secret_str(&bytes);
	bool is_locked = holds(pem, STR("BEGIN ENCRYPTED PRIVATE KEY")) ||
	                 holds(pem, STR("Proc-Type: 4,ENCRYPTED"));
	if (password != NULL)
		borrowed = *password;
	if (!holds(pem, STR("PRIVATE KEY-----")))
		return err_sayf(err, ERR_INPUT,
		    "%s holds no private key in PEM form "
		    "(-----BEGIN PRIVATE KEY-----).",
		    path);
	if (is_locked && borrowed.ptr == NULL)
		return err_sayf(err, ERR_CONFIG,
		    "The key in %s is encrypted and no password for it is "
		    "given.",
		    path);
	CLEANUP(own_bio_free)
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	if (bio != NULL)
		*out = PEM_read_bio_PrivateKey(
		    bio, NULL, tell_password, &borrowed);
	ERR_clear_error();
	if (*out != NULL)
		return ERR_OK;
	return err_sayf(err, is_locked ? ERR_CONFIG : ERR_INPUT,
	    is_locked ? "The password does not open the key in %s."
	              : "The private key in %s is damaged or of an unknown "
	                "kind.",
	    path);
}

void
load_found_free(struct load_found *found)
{
	own_certs_free(&found->certs);
	key_free(&found->key);
}

/* Copies of references, so that each owner frees its own. */
static bool
add_all(STACK_OF(X509) * to, const STACK_OF(X509) * from)
{
	for (int i = 0; i < sk_X509_num(from); i++)
		if (X509_add_cert(to, sk_X509_value(from, i),
		        X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP) != 1)
			return false;
	return true;
}

static bool
add_pkcs7(const PKCS7 *pkcs7, struct load_found *out)
{
	const STACK_OF(X509) *certs = NULL;

	out->form = LOAD_PKCS7;
	if (pkcs7 == NULL)
		return false;
	if (PKCS7_type_is_signed(pkcs7) && pkcs7->d.sign != NULL)
		certs = pkcs7->d.sign->cert;
	return certs != NULL && add_all(out->certs, certs);
}

static bool
read_pem(struct str bytes, struct load_found *out)
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
		const unsigned char *at = der;
		if (str_eq(str_c(name), STR(PEM_STRING_X509)) ||
		    str_eq(str_c(name), STR(PEM_STRING_X509_OLD))) {
			X509 *cert = d2i_X509(NULL, &at, len);
			ok = cert != NULL && sk_X509_push(out->certs, cert) > 0;
			if (!ok)
				X509_free(cert);
		} else if (str_eq(str_c(name), STR(PEM_STRING_PKCS7))) {
			PKCS7 *pkcs7 = d2i_PKCS7(NULL, &at, len);
			ok = add_pkcs7(pkcs7, out);
			PKCS7_free(pkcs7);
		}
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)len);
	}
	/* Else a block was cut off or is no Base-64. */
	return ok &&
	       ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static bool
read_der(struct str bytes, struct load_found *out)
{
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	X509 *cert = d2i_X509(NULL, &at, (long)bytes.len);

	out->form = LOAD_DER;
	if (cert != NULL)
		return sk_X509_push(out->certs, cert) > 0;
	at = (const unsigned char *)bytes.ptr;
	PKCS7 *pkcs7 = d2i_PKCS7(NULL, &at, (long)bytes.len);
	bool ok = add_pkcs7(pkcs7, out);
	PKCS7_free(pkcs7);
	return ok;
}

/* Old files are encrypted with RC2, which only that provider knows. */
static bool
open_pkcs12(PKCS12 *file, const char *password, EVP_PKEY **key, X509 **cert,
    STACK_OF(X509) * *others)
{
	if (PKCS12_parse(file, password, key, cert, others) == 1)
		return true;
	OSSL_PROVIDER *old = OSSL_PROVIDER_try_load(NULL, "legacy", 1);
	bool ok =
	    old != NULL && PKCS12_parse(file, password, key, cert, others) == 1;
	OSSL_PROVIDER_unload(old);
	return ok;
}

static enum err_code
read_pkcs12(const char *path, PKCS12 *file, const struct secret *password,
    struct load_found *out, struct err *err)
{
	CLEANUP(own_certs_free) STACK_OF(X509) *others = NULL;
	X509 *cert = NULL;
	const char *word = load_password_c(password);

	out->form = LOAD_PKCS12;
	if (!open_pkcs12(
	        file, word != NULL ? word : "", &out->key, &cert, &others)) {
		ERR_clear_error();
		return err_sayf(err, ERR_CONFIG,
		    word != NULL
		        ? "The password does not open the PKCS#12 file %s."
		        : "%s is a PKCS#12 file: name the file with its "
		          "password, --in-password-file FILE.",
		    path);
	}
	bool ok = cert == NULL || sk_X509_push(out->certs, cert) > 0;
	if (ok && others != NULL)
		ok = add_all(out->certs, others);
	return ok ? ERR_OK : key_fail("read the certificates", err);
}

enum err_code
load_certs_of(const char *name, struct str bytes, const struct secret *password,
    struct load_found *out, struct err *err)
{
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	bool is_pem = holds(bytes, STR("-----BEGIN "));
	enum err_code rc = ERR_OK;
	bool ok = true;

	*out = (struct load_found){.form = LOAD_PEM};
	out->certs = sk_X509_new_null();
	if (out->certs == NULL)
		return key_fail("read the certificates", err);
	PKCS12 *file = is_pem ? NULL : d2i_PKCS12(NULL, &at, (long)bytes.len);
	if (is_pem)
		ok = read_pem(bytes, out);
	else if (file != NULL)
		rc = read_pkcs12(name, file, password, out, err);
	else
		ok = read_der(bytes, out);
	PKCS12_free(file);
	ERR_clear_error();
	if (rc != ERR_OK)
		return rc;
	if (!ok || sk_X509_num(out->certs) == 0)
		return err_sayf(err, ERR_INPUT,
		    "%.150s holds no certificate that can be read. Get it anew "
		    "as PEM, DER or PKCS#12 from where it came from.",
		    name);
	return ERR_OK;
}

enum err_code
load_certs(const char *path, const struct secret *password,
    struct load_found *out, struct err *err)
{
	CLEANUP(secret_end) struct secret bytes = {.ptr = NULL};
	enum err_code rc = read_file(path, false, &bytes, err);

	*out = (struct load_found){.form = LOAD_PEM};
	return rc == ERR_OK
	           ? load_certs_of(path, secret_str(&bytes), password, out, err)
	           : rc;
}
