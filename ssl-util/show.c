#include "show.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/secret.h"
#include "key.h"
#include "os/file.h"
#include "san.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define NAME_FLAGS_OFF \
	((unsigned long)(ASN1_STRFLGS_ESC_MSB | XN_FLAG_SEP_MASK))

static void
bio_free(BIO **bio)
{
	BIO_free_all(*bio);
}

static void
add_name(const X509_NAME *name, struct buf *out)
{
	CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;

	if (bio == NULL)
		return;
	/* RFC 2253 escapes controls; without ESC_MSB, UTF-8 stays legible. */
	X509_NAME_print_ex(bio, name, 0,
	    (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) |
	        XN_FLAG_SEP_CPLUS_SPC);
	long len = BIO_get_mem_data(bio, &bytes);
	if (len > 0)
		buf_add(out, str_of(bytes, (size_t)len));
	else
		buf_add_c(out, "(empty)");
}

static void
add_time(const ASN1_TIME *time, struct buf *out)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) == 1)
		buf_addf(out, "%04d-%02d-%02d %02d:%02d:%02d UTC",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min, tm.tm_sec);
	else
		buf_add_c(out, "unreadable");
}

static void
add_dates(const X509 *cert, struct buf *out)
{
	const ASN1_TIME *before = X509_get0_notBefore(cert);
	const ASN1_TIME *after = X509_get0_notAfter(cert);
	int days = 0;
	int seconds = 0;

	buf_add_c(out, "  Valid from:  ");
	add_time(before, out);
	buf_add_c(out, "\n  Valid until: ");
	add_time(after, out);
	if (X509_cmp_current_time(before) > 0)
		buf_add_c(out, " (NOT YET VALID)");
	else if (X509_cmp_current_time(after) < 0)
		buf_add_c(out, " (EXPIRED)");
	else if (ASN1_TIME_diff(&days, &seconds, NULL, after) == 1)
		buf_addf(out, " (%d days left)", days);
	buf_add_c(out, "\n");
}

static void
add_key(EVP_PKEY *key, struct buf *out)
{
	buf_add_c(out, "  Key:         ");
	key_describe(key, out);
	buf_add_c(out, "\n");
}

static void
add_sans(GENERAL_NAMES *names, struct buf *out)
{
	buf_add_c(out, "  Names:       ");
	if (names == NULL)
		buf_add_c(out, "none: browsers will refuse it");
	else
		san_describe(names, out);
	buf_add_c(out, "\n");
	san_free(&names);
}

static void
add_signature(int nid, struct buf *out)
{
	buf_addf(out, "  Signature:   %s\n", OBJ_nid2ln(nid));
}

static void
add_fingerprint(const X509 *cert, struct buf *out)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	buf_add_c(out, "  SHA-256:     ");
	if (X509_digest(cert, EVP_sha256(), hash, &len) == 1)
		for (unsigned i = 0; i < len; i++)
			buf_addf(out, "%s%02X", i == 0 ? "" : ":", hash[i]);
	buf_add_c(out, "\n");
}

void
show_x509(X509 *cert, struct buf *out)
{
	buf_add_c(out, "  Subject:     ");
	add_name(X509_get_subject_name(cert), out);
	buf_add_c(out, "\n  Issuer:      ");
	if (X509_self_signed(cert, 1) == 1)
		buf_add_c(out, "itself (self-signed: browsers will warn)");
	else
		add_name(X509_get_issuer_name(cert), out);
	buf_add_c(out, "\n");
	add_sans(X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL), out);
	add_dates(cert, out);
	add_key(X509_get0_pubkey(cert), out);
	add_signature(X509_get_signature_nid(cert), out);
	add_fingerprint(cert, out);
}

static bool
show_cert(const unsigned char *der, long len, struct buf *out)
{
	X509 *cert = d2i_X509(NULL, &der, len);

	if (cert == NULL)
		return false;
	buf_add_c(out, "Certificate\n");
	show_x509(cert, out);
	X509_free(cert);
	return true;
}

static bool
show_request(const unsigned char *der, long len, struct buf *out)
{
	X509_REQ *request = d2i_X509_REQ(NULL, &der, len);

	if (request == NULL)
		return false;
	EVP_PKEY *key = X509_REQ_get0_pubkey(request);
	STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(request);
	buf_add_c(out, "Certificate request\n  Subject:     ");
	add_name(X509_REQ_get_subject_name(request), out);
	buf_add_c(out, "\n");
	add_sans(X509V3_get_d2i(list, NID_subject_alt_name, NULL, NULL), out);
	add_key(key, out);
	buf_addf(out, "  Signature:   %s\n",
	    key != NULL && X509_REQ_verify(request, key) == 1
	        ? "fits the key"
	        : "DOES NOT FIT THE KEY");
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	X509_REQ_free(request);
	return true;
}

static bool
show_key(const unsigned char *der, long len, struct buf *out)
{
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, len);

	if (key == NULL)
		return false;
	buf_add_c(out, "Private key (its secret is not shown)\n");
	add_key(key, out);
	EVP_PKEY_free(key);
	return true;
}

/* One PEM block; false when it is broken. */
static bool
show_block(struct str name, const char *header, const unsigned char *der,
    long len, struct buf *out)
{
	if (str_eq(name, STR("CERTIFICATE")) ||
	    str_eq(name, STR("X509 CERTIFICATE")) ||
	    str_eq(name, STR("TRUSTED CERTIFICATE")))
		return show_cert(der, len, out);
	if (str_eq(name, STR("CERTIFICATE REQUEST")) ||
	    str_eq(name, STR("NEW CERTIFICATE REQUEST")))
		return show_request(der, len, out);
	if (str_eq(name, STR("ENCRYPTED PRIVATE KEY")) ||
	    strstr(header, "ENCRYPTED") != NULL) {
		buf_add_c(out,
		    "Private key, encrypted with a password: nothing of it "
		    "can be shown\n");
		return true;
	}
	if (str_ends(name, STR("PRIVATE KEY")))
		return show_key(der, len, out);
	/* "EC PARAMETERS" and the like say nothing to people. */
	return true;
}

static enum err_code
show_all(const char *path, struct str bytes, struct buf *out, struct err *err)
{
	CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
	size_t before = buf_str(out).len;
	char *name = NULL;
	char *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	bool ok = true;

	if (bio == NULL)
		return key_fail("read the file", err);
	while (ok && PEM_read_bio(bio, &name, &header, &der, &len) == 1) {
		ok = show_block(str_c(name), header, der, len, out);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)len);
	}
	ERR_clear_error();
	if (!ok)
		return err_sayf(err, ERR_INPUT,
		    "%s holds a block that cannot be read. Get the file anew "
		    "from where it came from.",
		    path);
	if (buf_str(out).len == before)
		return err_sayf(err, ERR_INPUT,
		    "%s holds no certificate, request or key in PEM form "
		    "(\"-----BEGIN …\").",
		    path);
	return ERR_OK;
}

enum err_code
show_file(const char *path, struct buf *out, struct err *err)
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
	rc = show_all(path, secret_str(&bytes), out, err);
	struct str text = str_slice(buf_str(out), before, SIZE_MAX);
	if (rc == ERR_OK && file_is_open_to_others(fd) &&
	    str_find(text, STR("Private key"), 0) < text.len)
		buf_addf(out,
		    "  OTHERS MAY READ THIS KEY. Mend it with: chmod 600 %s\n",
		    path);
	return rc;
}
