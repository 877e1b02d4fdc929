#include "net/net_cert.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/buf.h"

/* Larger than any certificate; i2d and d2i count in long and int. */
#define CERT_BYTES ((size_t)1 << 20)
#define NAME_BYTES 1024

static int64_t
cert_time(const ASN1_TIME *time)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0;
	int seconds = 0;
	int64_t out = 0;

	if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1)
		out = (int64_t)days * 86400 + seconds;
	ASN1_TIME_free(epoch);
	return out;
}

static struct str
cert_name(struct arena *arena, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char bytes[NAME_BYTES];
	int got = 0;

	/* Escapes what could break a line; UTF-8 stays. */
	if (bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
	        XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
		got = BIO_read(bio, bytes, (int)sizeof(bytes));
	BIO_free(bio);
	return text_line(arena, str_of(bytes, got > 0 ? (size_t)got : 0)).s;
}

static struct str
cert_digest(struct arena *arena, X509 *cert, const EVP_MD *digest)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int hash_bytes = 0;
	struct buf text;
	struct str out = {0};

	if (X509_digest(cert, digest, hash, &hash_bytes) != 1)
		return out;
	buf_init_arena(&text, arena, (size_t)3 * EVP_MAX_MD_SIZE);
	for (unsigned int i = 0; i < hash_bytes; i++)
		buf_addf(&text, i == 0 ? "%02X" : ":%02X", (unsigned)hash[i]);
	return buf_end(&text, &out, NULL) == ERR_OK ? out : (struct str){0};
}

enum err_code
net_cert_read(struct arena *arena, struct str der, struct net_cert_facts *out,
    struct err *err)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	X509 *cert = NULL;

	*out = (struct net_cert_facts){0};
	if (der.len > 0 && der.len <= CERT_BYTES)
		cert = d2i_X509(NULL, &at, (long)der.len);
	ERR_clear_error();
	if (cert == NULL || at != (const unsigned char *)der.ptr + der.len) {
		X509_free(cert);
		return err_set(err, ERR_INPUT,
		    "This is not a certificate in DER form.", NULL);
	}
	out->subject = cert_name(arena, X509_get_subject_name(cert));
	out->issuer = cert_name(arena, X509_get_issuer_name(cert));
	out->fingerprint_sha256 = cert_digest(arena, cert, EVP_sha256());
	out->fingerprint_sha1 = cert_digest(arena, cert, EVP_sha1());
	out->not_before_s = cert_time(X509_get0_notBefore(cert));
	out->not_after_s = cert_time(X509_get0_notAfter(cert));
	out->is_self_signed = X509_self_signed(cert, 1) == 1;
	X509_free(cert);
	ERR_clear_error();
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "net_cert_read");
	return ERR_OK;
}
