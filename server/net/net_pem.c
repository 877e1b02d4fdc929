#include "net/net_pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "net/net_x509.h"

#define PEM_MOST_BYTES ((size_t)16 << 20)

static BIO *
bio_of(struct str pem)
{
	if (pem.len == 0 || pem.len > PEM_MOST_BYTES)
		return NULL;
	return BIO_new_mem_buf(pem.ptr, (int)pem.len);
}

static X509 *
first_certificate(struct str pem)
{
	BIO *bio = bio_of(pem);
	X509 *first = NULL;

	if (bio != NULL)
		first = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return first;
}

enum err_code
net_pem_to_der(struct arena *arena, struct str pem, const char *name,
    struct str *out, struct err *err)
{
	struct str key = STR("PRIVATE KEY-----");
	unsigned char *der = NULL;
	X509 *first = NULL;
	int len = 0;

	*out = (struct str){0};
	if (str_find(pem, key, 0) < pem.len)
		return err_sayf(err, ERR_CONFIG,
		    "%s holds a private key, which must never be handed out; "
		    "name a file with the certificate alone",
		    name);
	first = first_certificate(pem);
	if (first == NULL)
		return err_sayf(err, ERR_CONFIG,
		    "%s holds no certificate in PEM form (-----BEGIN "
		    "CERTIFICATE-----)",
		    name);
	len = i2d_X509(first, &der);
	X509_free(first);
	if (len > 0)
		*out = str_dup(arena, str_of((const char *)der, (size_t)len));
	OPENSSL_free(der);
	ERR_clear_error();
	if (str_is_empty(*out))
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	return ERR_OK;
}

unsigned
net_pem_certificate_count(struct str pem)
{
	BIO *bio = bio_of(pem);
	unsigned count = 0;
	X509 *one = NULL;

	while (bio != NULL) {
		one = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
		if (one == NULL)
			break;
		X509_free(one);
		count++;
	}
	BIO_free(bio);
	ERR_clear_error();
	return count;
}

bool
net_pem_certificate_end(struct str pem, int64_t *out_s)
{
	X509 *first = first_certificate(pem);

	*out_s = 0;
	if (first == NULL)
		return false;
	*out_s = net_x509_time(X509_get0_notAfter(first));
	X509_free(first);
	return true;
}

/* Counts the lists; *out_s is the earliest end, 0 when none has one. */
static unsigned
read_crls(struct str pem, int64_t *out_s)
{
	BIO *bio = bio_of(pem);
	unsigned count = 0;
	X509_CRL *one = NULL;

	*out_s = 0;
	while (bio != NULL) {
		const ASN1_TIME *end = NULL;
		int64_t end_s = 0;

		one = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
		if (one == NULL)
			break;
		end = X509_CRL_get0_nextUpdate(one);
		if (end != NULL)
			end_s = net_x509_time(end);
		if (end_s != 0 && (*out_s == 0 || end_s < *out_s))
			*out_s = end_s;
		X509_CRL_free(one);
		count++;
	}
	BIO_free(bio);
	ERR_clear_error();
	return count;
}

unsigned
net_pem_crl_count(struct str pem)
{
	int64_t ignored_s = 0;

	return read_crls(pem, &ignored_s);
}

bool
net_pem_crl_end(struct str pem, int64_t *out_s)
{
	return read_crls(pem, out_s) > 0 && *out_s != 0;
}
