#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "key.h"
#include "own.h"
#include "san.h"
#include "show.h"

#define REVOKED_SHOWN 20

/*
 * How many bytes at the front make a character that is legal UTF-8 and steers
 * a terminal or the order of letters: U+0080 to U+009F (C1), U+200E, U+200F,
 * U+202A to U+202E, U+2066 to U+2069. 0: none.
 */
static size_t
steering_bytes(struct str s)
{
	const unsigned char *c = (const unsigned char *)s.ptr;

	if (s.len >= 2 && c[0] == 0xC2 && c[1] < 0xA0)
		return 2;
	if (s.len < 3 || c[0] != 0xE2)
		return 0;
	if (c[1] == 0x80 &&
	    (c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xAA && c[2] <= 0xAE)))
		return 3;
	return c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9 ? 3 : 0;
}

/* As hexpairs (RFC 4514, 2.4), like the controls of ASCII. */
static void
add_harmless(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len;) {
		size_t bytes = steering_bytes(str_slice(s, i, s.len));

		if (bytes == 0)
			buf_add_byte(out, s.ptr[i++]);
		for (; bytes > 0; bytes--)
			buf_addf(out, "\\%02X", (unsigned char)s.ptr[i++]);
	}
}

static void
add_name(const X509_NAME *name, struct buf *out)
{
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;

	if (bio == NULL)
		return;
	/* RFC 2253 escapes controls; without ESC_MSB, UTF-8 stays legible. */
	X509_NAME_print_ex(bio, name, 0,
	    (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) |
	        XN_FLAG_SEP_CPLUS_SPC);
	long len = BIO_get_mem_data(bio, &bytes);
	if (len > 0)
		add_harmless(str_of(bytes, (size_t)len), out);
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

void
show_pkey(EVP_PKEY *key, struct buf *out)
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

static void
add_number(const ASN1_INTEGER *number, struct buf *out)
{
	BIGNUM *value =
	    number != NULL ? ASN1_INTEGER_to_BN(number, NULL) : NULL;
	char *hex = value != NULL ? BN_bn2hex(value) : NULL;

	buf_add_c(out, hex != NULL ? hex : "unreadable");
	OPENSSL_free(hex);
	BN_free(value);
}

/* What it may be used for, by its own words. */
static void
add_purpose(X509 *cert, struct buf *out)
{
	uint32_t extended = X509_get_extended_key_usage(cert);
	const char *before = "";

	buf_add_c(out, "  Purpose:     ");
	if (X509_check_ca(cert) == 1) {
		buf_add_c(out, "authority");
		before = ", ";
	} else if (extended == UINT32_MAX) {
		buf_add_c(out, "any");
		before = ", ";
	}
	if (extended != UINT32_MAX && (extended & XKU_SSL_SERVER) != 0) {
		buf_addf(out, "%sserver", before);
		before = ", ";
	}
	if (extended != UINT32_MAX && (extended & XKU_SSL_CLIENT) != 0) {
		buf_addf(out, "%sclient", before);
		before = ", ";
	}
	buf_add_c(out, before[0] == '\0' ? "something else\n" : "\n");
	ERR_clear_error();
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
	buf_add_c(out, "\n  Number:      ");
	add_number(X509_get0_serialNumber(cert), out);
	buf_add_c(out, "\n");
	add_sans(X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL), out);
	add_dates(cert, out);
	add_purpose(cert, out);
	show_pkey(X509_get0_pubkey(cert), out);
	add_signature(X509_get_signature_nid(cert), out);
	add_fingerprint(cert, out);
}

void
show_request(X509_REQ *request, struct buf *out)
{
	EVP_PKEY *key = X509_REQ_get0_pubkey(request);
	STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(request);

	buf_add_c(out, "  Subject:     ");
	add_name(X509_REQ_get_subject_name(request), out);
	buf_add_c(out, "\n");
	add_sans(X509V3_get_d2i(list, NID_subject_alt_name, NULL, NULL), out);
	show_pkey(key, out);
	buf_addf(out, "  Signature:   %s\n",
	    key != NULL && X509_REQ_verify(request, key) == 1
	        ? "fits the key"
	        : "DOES NOT FIT THE KEY");
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	ERR_clear_error();
}

static void
add_revoked(X509_REVOKED *one, struct buf *out)
{
	ASN1_ENUMERATED *reason =
	    X509_REVOKED_get_ext_d2i(one, NID_crl_reason, NULL, NULL);
	long code = reason != NULL ? ASN1_ENUMERATED_get(reason) : 0;

	buf_add_c(out, "    ");
	add_number(X509_REVOKED_get0_serialNumber(one), out);
	buf_add_c(out, " on ");
	add_time(X509_REVOKED_get0_revocationDate(one), out);
	if (reason != NULL)
		buf_addf(out, ", %s", OCSP_crl_reason_str(code));
	buf_add_c(out, "\n");
	ASN1_ENUMERATED_free(reason);
}

void
show_crl(X509_CRL *crl, struct buf *out)
{
	STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(crl);
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
	ASN1_INTEGER *number =
	    X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	int count = sk_X509_REVOKED_num(revoked);

	buf_add_c(out, "  Authority:   ");
	add_name(X509_CRL_get_issuer(crl), out);
	buf_add_c(out, "\n  Number:      ");
	add_number(number, out);
	buf_add_c(out, "\n  Valid from:  ");
	add_time(X509_CRL_get0_lastUpdate(crl), out);
	buf_add_c(out, "\n  Valid until: ");
	if (next == NULL)
		buf_add_c(out, "no end");
	else
		add_time(next, out);
	if (next != NULL && X509_cmp_current_time(next) < 0)
		buf_add_c(out, " (PAST: make or fetch a new one)");
	buf_addf(out, "\n  Revoked:     %d\n", count > 0 ? count : 0);
	for (int i = 0; i < count && i < REVOKED_SHOWN; i++)
		add_revoked(sk_X509_REVOKED_value(revoked, i), out);
	if (count > REVOKED_SHOWN)
		buf_addf(out, "    and %d more\n", count - REVOKED_SHOWN);
	ASN1_INTEGER_free(number);
	ERR_clear_error();
}

static void
add_answer(OCSP_SINGLERESP *one, struct buf *out)
{
	ASN1_GENERALIZEDTIME *from = NULL;
	ASN1_GENERALIZEDTIME *until = NULL;
	ASN1_INTEGER *serial = NULL;
	OCSP_CERTID *id = OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(one));
	int status = OCSP_single_get0_status(one, NULL, NULL, &from, &until);

	if (id != NULL)
		(void)OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
	buf_add_c(out, "  Certificate: number ");
	add_number(serial, out);
	OCSP_CERTID_free(id);
	buf_addf(out, ": %s\n  Valid from:  ", OCSP_cert_status_str(status));
	add_time(from, out);
	buf_add_c(out, "\n  Valid until: ");
	if (until == NULL)
		buf_add_c(out, "no end");
	else
		add_time(until, out);
	if (until != NULL && X509_cmp_current_time(until) < 0)
		buf_add_c(out, " (PAST: fetch a new one)");
	buf_add_c(out, "\n");
}

void
show_ocsp(OCSP_RESPONSE *response, struct buf *out)
{
	OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
	int status = OCSP_response_status(response);

	if (basic == NULL)
		buf_addf(out, "  Answer:      none (%s)\n",
		    OCSP_response_status_str(status));
	for (int i = 0; i < OCSP_resp_count(basic); i++)
		add_answer(OCSP_resp_get0(basic, i), out);
	OCSP_BASICRESP_free(basic);
	ERR_clear_error();
}
