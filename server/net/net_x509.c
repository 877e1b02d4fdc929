#include "net/net_x509.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "os/socket.h"

void
net_x509_name(const X509_NAME *name, char *buf, size_t len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int got = 0;

	/* It escapes what could break a line; UTF-8 stays. */
	if (bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
	        XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
		got = BIO_read(bio, buf, (int)len - 1);
	buf[got > 0 ? got : 0] = '\0';
	BIO_free(bio);
}

int64_t
net_x509_time(const ASN1_TIME *time)
{
	int days = 0;
	int seconds = 0;
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int64_t out = 0;

	if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1)
		out = (int64_t)days * 86400 + seconds;
	ASN1_TIME_free(epoch);
	return out;
}

void
net_x509_date(const ASN1_TIME *time, char buf[NET_X509_DATE_BYTES])
{
	struct tm tm;

	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1 ||
	    strftime(buf, NET_X509_DATE_BYTES, "%Y-%m-%d", &tm) == 0)
		(void)snprintf(buf, NET_X509_DATE_BYTES, "?");
}

void
net_x509_fingerprint(
    const X509 *certificate, char buf[NET_X509_FINGERPRINT_BYTES])
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned hash_bytes = 0;

	if (X509_digest(certificate, EVP_sha256(), hash, &hash_bytes) != 1)
		hash_bytes = 0;
	buf[0] = '\0';
	for (unsigned i = 0; i < hash_bytes; i++) {
		*buf++ = digits[hash[i] >> 4];
		*buf++ = digits[hash[i] & 15];
		*buf++ = (char)(i + 1 < hash_bytes ? ':' : '\0');
	}
}

bool
net_x509_pin(const X509 *certificate, unsigned char out[NET_X509_PIN_BYTES])
{
	unsigned char *der = NULL;
	const int len =
	    i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	const bool is_fine = len > 0 && EVP_Digest(der, (size_t)len, out, NULL,
	                                    EVP_sha256(), NULL) == 1;

	OPENSSL_free(der);
	return is_fine;
}

/* An address of 4 or 16 bytes. */
static bool
alt_address(const ASN1_STRING *bytes, char *buf, size_t len)
{
	const unsigned char *raw = ASN1_STRING_get0_data(bytes);
	struct socket_peer peer;

	if (ASN1_STRING_length(bytes) == 4)
		peer = socket_peer_from_ipv4(raw, 0);
	else if (ASN1_STRING_length(bytes) == 16)
		peer = socket_peer_from_ipv6(raw, 0);
	else
		return false;
	(void)snprintf(buf, len, "%s", peer.address);
	return true;
}

/* One name as text; false when it is of another kind. */
static bool
alt_name(const GENERAL_NAME *name, char *buf, size_t len)
{
	const ASN1_STRING *bytes = NULL;
	int kind = 0;
	void *value = GENERAL_NAME_get0_value(name, &kind);
	size_t at = 0;

	if (value == NULL || (kind != GEN_DNS && kind != GEN_IPADD))
		return false;
	bytes = value;
	if (kind == GEN_IPADD)
		return alt_address(bytes, buf, len);
	for (int i = 0; i < ASN1_STRING_length(bytes) && at + 1 < len; i++) {
		const unsigned char c = ASN1_STRING_get0_data(bytes)[i];

		buf[at++] = (char)(c > ' ' && c < 0x7F ? c : '?');
	}
	buf[at] = '\0';
	return at > 0;
}

void
net_x509_alt_names(const X509 *certificate, char *buf, size_t len)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	size_t at = 0;

	buf[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		char one[256];
		size_t need = 0;

		if (!alt_name(
		        sk_GENERAL_NAME_value(names, i), one, sizeof(one)))
			continue;
		need = strlen(one) + (at > 0 ? 2 : 0);
		if (at + need + 1 > len)
			break;
		(void)snprintf(
		    buf + at, len - at, "%s%s", at > 0 ? ", " : "", one);
		at += need;
	}
	GENERAL_NAMES_free(names);
}
