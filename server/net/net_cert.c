#include "net/net_cert.h"

#include <openssl/err.h>

#include "base/buf.h"
#include "net/net_tls_text.h"
#include "net/net_x509.h"

/* Larger than any certificate; d2i counts in long. */
#define CERT_BYTES ((size_t)1 << 20)

static struct str
cert_sha1(struct arena *arena, const X509 *cert)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int hash_bytes = 0;
	struct buf text;
	struct str out = {0};

	if (X509_digest(cert, EVP_sha1(), hash, &hash_bytes) != 1)
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

	*out = (struct net_cert_facts){.is_self_signed = false};
	if (der.len > 0 && der.len <= CERT_BYTES)
		cert = d2i_X509(NULL, &at, (long)der.len);
	ERR_clear_error();
	if (cert == NULL || at != (const unsigned char *)der.ptr + der.len) {
		X509_free(cert);
		return err_set(err, ERR_INPUT,
		    "This is not a certificate in DER form.", NULL);
	}
	out->subject =
	    str_c(net_tls_text_name(arena, X509_get_subject_name(cert)));
	out->fingerprint_sha256 = str_c(net_tls_text_fingerprint(arena, cert));
	out->fingerprint_sha1 = cert_sha1(arena, cert);
	out->not_before_s = net_x509_time(X509_get0_notBefore(cert));
	out->not_after_s = net_x509_time(X509_get0_notAfter(cert));
	out->is_self_signed = X509_self_signed(cert, 1) == 1;
	X509_free(cert);
	ERR_clear_error();
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "net_cert_read");
	return ERR_OK;
}
