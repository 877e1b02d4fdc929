#include "net/net_tls_text.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

enum {
	NAME_CHARS = 500,
	NAME_BYTES = 4096,
	WORD_BYTES = 254, /* RFC 5321, 4.5.3.1.3: no address is longer */
	HASH_BYTES = 32
};

const char *
net_tls_text_name(struct arena *arena, const X509_NAME *name)
{
	/* RFC 4514 escapes what could break a line, UTF-8 stays. */
	const unsigned long flags =
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	struct text text = {{NULL, 0}};
	const char *out = "";

	if (bio != NULL && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
		long len = BIO_get_mem_data(bio, &bytes);

		if (len > NAME_BYTES)
			len = NAME_BYTES;
		text = text_line(arena, str_of(bytes, (size_t)len));
		text = text_shorten(arena, text, NAME_CHARS);
		out = str_dup_bytes(arena, text.s);
	}
	BIO_free(bio);
	ERR_clear_error();
	return out;
}

const char *
net_tls_text_fingerprint(struct arena *arena, const X509 *x509)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int hash_bytes = 0;
	char *text = arena_alloc(arena, (size_t)3 * HASH_BYTES);
	char *out = text;

	if (text == NULL)
		return NULL;
	if (X509_digest(x509, EVP_sha256(), hash, &hash_bytes) != 1)
		return "";
	for (unsigned int i = 0; i < HASH_BYTES; i++) {
		*out++ = digits[hash[i] >> 4];
		*out++ = digits[hash[i] & 15];
		*out++ = i + 1 < HASH_BYTES ? ':' : '\0';
	}
	return text;
}

const char *
net_tls_text_key(struct arena *arena, const EVP_PKEY *key)
{
	static const struct {
		const char *openssl;
		const char *known;
	} curves[] = {
	    {"prime256v1", "P-256"},
	    {"secp384r1", "P-384"},
	    {"secp521r1", "P-521"},
	};
	char curve[64] = "";
	const char *shown = curve;

	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return str_printf(arena, "RSA %d", EVP_PKEY_get_bits(key)).ptr;
	if (!EVP_PKEY_is_a(key, "EC")) {
		const char *name = EVP_PKEY_get0_type_name(key);

		return str_dup_bytes(
		    arena, str_c(name == NULL ? "unknown" : name));
	}
	(void)EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (strcmp(curve, curves[i].openssl) == 0)
			shown = curves[i].known;
	}
	return str_printf(arena, "EC %s", shown).ptr;
}

/* ---- words that may name an account: whole and plain, or not at all ---- */

static const char *
plain_word(struct arena *arena, const ASN1_STRING *string)
{
	unsigned char *utf8 = NULL;
	const int len = ASN1_STRING_to_UTF8(&utf8, string);
	const char *out = "";

	if (len > 0 && len <= WORD_BYTES) {
		const struct str bytes = {(const char *)utf8, (size_t)len};
		const struct text text = text_line(arena, bytes);

		/* Changed in cleaning: not plain. */
		if (str_is_utf8(bytes) && str_eq(text.s, bytes))
			out = str_dup_bytes(arena, bytes);
	}
	OPENSSL_free(utf8);
	ERR_clear_error();
	return out;
}

static const ASN1_STRING *
last_of(const X509_NAME *name, int nid)
{
	int at = -1;
	int last = -1;

	for (;;) {
		at = X509_NAME_get_index_by_NID(name, nid, at);
		if (at < 0)
			break;
		last = at;
	}
	return last < 0
	           ? NULL
	           : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
}

const char *
net_tls_text_common_name(struct arena *arena, X509 *x509)
{
	const ASN1_STRING *string =
	    last_of(X509_get_subject_name(x509), NID_commonName);

	return string == NULL ? "" : plain_word(arena, string);
}

/* Visible ASCII with an @ inside: a NUL or a line break is no address. */
static const char *
address_of(struct arena *arena, const ASN1_STRING *string)
{
	const struct str bytes = {(const char *)ASN1_STRING_get0_data(string),
	    (size_t)ASN1_STRING_length(string)};
	const size_t at = str_find_byte(bytes, '@', 0);

	if (bytes.len > WORD_BYTES || at == 0 || at + 1 >= bytes.len)
		return "";
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.ptr[i] <= ' ' || bytes.ptr[i] > '~')
			return "";
	}
	return str_dup_c(arena, bytes);
}

const char *
net_tls_text_email(struct arena *arena, X509 *x509)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	const ASN1_STRING *string = NULL;
	const char *out = "";

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_EMAIL) {
			string = name->d.rfc822Name;
			break;
		}
	}
	if (string == NULL)
		string = last_of(
		    X509_get_subject_name(x509), NID_pkcs9_emailAddress);
	if (string != NULL)
		out = address_of(arena, string);
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return out;
}
