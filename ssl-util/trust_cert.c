#include "trust_cert.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "chain.h"

enum trust_cert_kind
trust_cert_kind(X509 *cert)
{
	/* As net_tls_trusted_new has it: 1 is CA:TRUE, more is a guess. */
	bool is_authority = X509_check_ca(cert) == 1;

	ERR_clear_error();
	if (is_authority)
		return TRUST_CERT_AUTHORITY;
	return chain_is_self_signed(cert) ? TRUST_CERT_ITSELF
	                                  : TRUST_CERT_NEITHER;
}

const char *
trust_cert_kind_words(enum trust_cert_kind kind)
{
	static const char *const words[] = {
	    [TRUST_CERT_AUTHORITY] = "authority: what it signs is believed",
	    [TRUST_CERT_ITSELF] = "signs itself: counts for itself only",
	    [TRUST_CERT_NEITHER] = "signed by an authority"};

	return words[kind];
}

static void
add_hex(const unsigned char *hash, size_t len, const char *between,
    char out[TRUST_CERT_PRINT_BYTES])
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < len && at < TRUST_CERT_PRINT_BYTES; i++)
		at += (size_t)snprintf(out + at, TRUST_CERT_PRINT_BYTES - at,
		    between[0] != '\0' ? "%s%02X" : "%s%02x",
		    i > 0 ? between : "", hash[i]);
}

void
trust_cert_print(const X509 *cert, char out[TRUST_CERT_PRINT_BYTES])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (X509_digest(cert, EVP_sha256(), hash, &len) != 1)
		len = 0;
	add_hex(hash, len, ":", out);
}

bool
trust_cert_has_print(const X509 *cert, struct str wanted)
{
	char print[TRUST_CERT_PRINT_BYTES];
	size_t at = 0;

	trust_cert_print(cert, print);
	for (size_t i = 0; i < wanted.len; i++) {
		if (wanted.ptr[i] == ':' || wanted.ptr[i] == ' ')
			continue;
		if (print[at] == ':')
			at++;
		if (print[at] == '\0' ||
		    toupper((unsigned char)wanted.ptr[i]) != print[at])
			return false;
		at++;
	}
	return at > 0 && print[at] == '\0';
}

void
trust_cert_pin(const X509 *cert, char out[TRUST_CERT_PRINT_BYTES])
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	bool ok = len > 0 && EVP_Q_digest(NULL, "SHA256", NULL, der,
	                         (size_t)len, hash, NULL) == 1;

	OPENSSL_free(der);
	add_hex(hash, ok ? sizeof(hash) : 0, "", out);
}

void
trust_cert_until(const X509 *cert, char out[32])
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) == 1)
		(void)snprintf(out, 32, "%04d-%02d-%02d %02d:%02d UTC",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min);
	else
		(void)snprintf(out, 32, "a time that cannot be read");
}

void
trust_cert_say(X509 *cert, const char *indent, struct buf *out)
{
	char subject[CHAIN_NAME_BYTES];
	char print[TRUST_CERT_PRINT_BYTES];
	char until[32];
	bool is_over = X509_cmp_current_time(X509_get0_notAfter(cert)) < 0;

	chain_name(X509_get_subject_name(cert), subject);
	trust_cert_print(cert, print);
	trust_cert_until(cert, until);
	buf_addf(out,
	    "%sSubject: %s\n%sSHA-256: %s\n%sUntil:   %s%s\n%sKind:    %s\n",
	    indent, subject[0] != '\0' ? subject : "(empty)", indent, print,
	    indent, until, is_over ? " (EXPIRED)" : "", indent,
	    trust_cert_kind_words(trust_cert_kind(cert)));
}
