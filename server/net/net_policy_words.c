#include "net/net_policy_words.h"

#include <openssl/err.h>
#include <openssl/objects.h>

#include "net/net_fips.h"

enum {
	LIST_BYTES = 8 << 10,
	WORD_BYTES = 256,
	WORD_SHOWN = 60 /* characters of a word in a message */
};

static const char not_ours[] = ":!PSK:!SRP";

static enum err_code
no_memory(struct err *err)
{
	ERR_clear_error();
	return err_set(err, ERR_NO_MEMORY, NULL, "net_policy");
}

/* Cuts the next word off; empty at the end. */
static struct str
next_word(struct str *rest, const char *separators)
{
	size_t at = 0;
	struct str word;

	while (rest->len > 0 && strchr(separators, rest->ptr[0]) != NULL)
		*rest = str_slice(*rest, 1, rest->len);
	while (at < rest->len && strchr(separators, rest->ptr[at]) == NULL)
		at++;
	word = str_slice(*rest, 0, at);
	*rest = str_slice(*rest, at, rest->len);
	return word;
}

/* OpenSSL's words are ASCII: what is not would only garble a message. */
static enum err_code
check_plain(const char *list, const char *what, struct err *err)
{
	for (size_t i = 0; list[i] != '\0'; i++) {
		if (list[i] < ' ' || list[i] > '~')
			return err_sayf(
			    err, ERR_CONFIG, "The %s is not plain text.", what);
	}
	return ERR_OK;
}

/* ---- what a cipher must not be ---- */

struct ban {
	const char *word; /* in a name or a class, without case */
	bool is_whole;    /* the whole word, not a part of it */
	const char *why;
};

/* Most are not even built into today's OpenSSL, which passes over them. */
static const struct ban bans[] = {
    {"aNULL", true, "is anonymous: nobody proves who he is"},
    {"ADH", false, "is anonymous: nobody proves who he is"},
    {"AECDH", false, "is anonymous: nobody proves who he is"},
    {"COMPLEMENTOFDEFAULT", true, "is anonymous: nobody proves who he is"},
    {"COMPLEMENTOFALL", true, "does not encrypt"},
    {"NULL", false, "does not encrypt"},
    {"EXP", true, "is of export strength"},
    {"EXP-", false, "is of export strength"},
    {"EXPORT", false, "is of export strength"},
    {"LOW", true, "is weak"},
    {"RC4", false, "uses RC4, which is broken (RFC 7465)"},
    {"RC2", false, "uses RC2, which is broken"},
    {"IDEA", false, "uses IDEA with 64-bit blocks (RFC 9325, 4.1)"},
    {"3DES", false, "uses triple DES with 64-bit blocks (RFC 9325, 4.1)"},
    {"DES-CBC3", false, "uses triple DES with 64-bit blocks (RFC 9325, 4.1)"},
    {"DES", true, "uses DES, which is broken"},
    {"DES-CBC", false, "uses DES, which is broken"},
    {"DSS", false, "is signed by DSA, which is too weak"},
    {"MD5", false, "uses MD5, which is broken"},
    {"PSK", false, "needs a shared secret (PSK), of which there is none"},
    {"SRP", false, "needs a shared secret (SRP), of which there is none"},
};

static const char *
why_not_word(struct str word)
{
	for (size_t i = 0; i < sizeof(bans) / sizeof(bans[0]); i++) {
		const struct str banned = str_c(bans[i].word);

		if (bans[i].is_whole
		        ? str_eq_nocase(word, banned)
		        : str_find_nocase(word, banned, 0) < word.len)
			return bans[i].why;
	}
	return NULL;
}

/* By what the cipher is, whatever its name. */
static const char *
why_not_cipher(const SSL_CIPHER *cipher)
{
	static const struct {
		int nid;
		const char *word;
	} rows[] = {
	    {NID_undef, "NULL"},
	    {NID_rc4, "RC4"},
	    {NID_rc2_cbc, "RC2"},
	    {NID_idea_cbc, "IDEA"},
	    {NID_des_ede3_cbc, "3DES"},
	    {NID_des_cbc, "DES"},
	};
	const int sealed_by = SSL_CIPHER_get_cipher_nid(cipher);

	if (SSL_CIPHER_get_auth_nid(cipher) == NID_auth_null)
		return why_not_word(STR("aNULL"));
	if (SSL_CIPHER_get_auth_nid(cipher) == NID_auth_dss)
		return why_not_word(STR("DSS"));
	if (SSL_CIPHER_get_digest_nid(cipher) == NID_md5)
		return why_not_word(STR("MD5"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (sealed_by == rows[i].nid)
			return why_not_word(str_c(rows[i].word));
	}
	return NULL;
}

/* ---- lists for TLS 1.2 ---- */

/* A class or name of this OpenSSL; a command is not for us to judge. */
static bool
is_known(SSL_CTX *scratch, struct str word)
{
	char text[WORD_BYTES];
	bool is_known = false;

	if (word.ptr[0] == '@')
		return true;
	if (word.len >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(word));
	is_known = SSL_CTX_set_cipher_list(scratch, text) == 1;
	ERR_clear_error();
	return is_known;
}

/* One word of the list: "ECDHE+AESGCM", "!aNULL", "-RSA", "+SHA1". */
static enum err_code
check_word(SSL_CTX *scratch, struct str word, struct err *err)
{
	const struct str shown = str_slice(word, 0, WORD_SHOWN);
	struct str parts = word;

	/* What is taken away, or only put at the end, does no harm. */
	if (strchr("!-+", word.ptr[0]) != NULL)
		return ERR_OK;
	if (str_find(word, STR("@SECLEVEL=0"), 0) < word.len)
		return err_set(err, ERR_CONFIG,
		    "The cipher list says @SECLEVEL=0, which allows every "
		    "weakness: take it out.",
		    NULL);
	while (parts.len > 0) {
		const char *why = why_not_word(next_word(&parts, "+"));

		if (why != NULL)
			return err_sayf(err, ERR_CONFIG,
			    "The cipher list names %.*s, which %s: take it "
			    "out.",
			    STR_ARG(shown), why);
	}
	if (!is_known(scratch, word))
		return err_sayf(err, ERR_CONFIG,
		    "The cipher list names %.*s, which OpenSSL does not know: "
		    "\"openssl ciphers -s -tls1_2\" lists what it does.",
		    STR_ARG(shown));
	return ERR_OK;
}

static enum err_code
check_words(const char *list, struct err *err)
{
	SSL_CTX *scratch = SSL_CTX_new(TLS_method());
	struct str rest = str_c(list);
	enum err_code rc = ERR_OK;

	if (scratch == NULL)
		return no_memory(err);
	SSL_CTX_set_security_level(scratch, 0);
	while (rc == ERR_OK) {
		const struct str word = next_word(&rest, ": ,;");

		if (word.len == 0)
			break;
		rc = check_word(scratch, word, err);
	}
	SSL_CTX_free(scratch);
	return rc;
}

/* What the words amount to. */
static enum err_code
check_result(const SSL_CTX *context, struct err *err)
{
	const STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(context);

	for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
		const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(ciphers, i);
		const char *why = why_not_cipher(cipher);

		if (why != NULL)
			return err_sayf(err, ERR_CONFIG,
			    "The cipher list admits %s, which %s: shut it out "
			    "with \"!\", as in :!aNULL:!eNULL:!DSS:!3DES:!MD5.",
			    SSL_CIPHER_get_name(cipher), why);
	}
	return ERR_OK;
}

enum err_code
net_policy_set_ciphers(SSL_CTX *context, const char *list, struct err *err)
{
	char whole[LIST_BYTES];
	enum err_code rc = ERR_OK;
	int len = 0;

	rc = check_plain(list, "cipher list", err);
	if (rc == ERR_OK)
		rc = check_words(list, err);
	if (rc != ERR_OK)
		return rc;
	len = snprintf(whole, sizeof(whole), "%s%s", list, not_ours);
	if (len < 0 || (size_t)len >= sizeof(whole))
		return err_set(
		    err, ERR_CONFIG, "The cipher list is too long.", NULL);
	if (SSL_CTX_set_cipher_list(context, whole) == 1)
		return check_result(context, err);
	ERR_clear_error();
	return err_set(err, ERR_CONFIG,
	    "The cipher list leaves no cipher for TLS 1.2.", NULL);
}

/* ---- lists for TLS 1.3 ---- */

enum err_code
net_policy_set_suites(SSL_CTX *context, const char *list, struct err *err)
{
	/* All of RFC 8446 (B.4); later ones (RFC 9150) do not encrypt. */
	static const char *const known[] = {"TLS_AES_256_GCM_SHA384",
	    "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256",
	    "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"};
	const size_t count = sizeof(known) / sizeof(known[0]);
	struct str rest = str_c(list);
	const enum err_code rc =
	    check_plain(list, "list of cipher suites", err);

	if (rc != ERR_OK)
		return rc;
	for (;;) {
		const struct str word = next_word(&rest, ":");
		size_t i = 0;

		if (word.len == 0)
			break;
		while (i < count && !str_eq(str_c(known[i]), word))
			i++;
		if (i == count)
			return err_sayf(err, ERR_CONFIG,
			    "The TLS 1.3 cipher suite %.*s is unknown; the "
			    "usual ones are TLS_AES_256_GCM_SHA384:"
			    "TLS_CHACHA20_POLY1305_SHA256:"
			    "TLS_AES_128_GCM_SHA256.",
			    STR_ARG(str_slice(word, 0, WORD_SHOWN)));
	}
	if (SSL_CTX_set_ciphersuites(context, list) == 1)
		return ERR_OK;
	ERR_clear_error();
	return err_set(err, ERR_CONFIG,
	    "The list of TLS 1.3 cipher suites leaves none.", NULL);
}

/* ---- groups ---- */

/* What the FIPS provider has not is left out. */
static bool
is_for_fips(struct str word)
{
	return !str_eq_nocase(word, STR("X25519")) &&
	       !str_eq_nocase(word, STR("X448"));
}

enum err_code
net_policy_set_groups(SSL_CTX *context, const char *list, struct err *err)
{
	struct str rest = str_c(list);
	char kept[LIST_BYTES];
	size_t len = 0;
	const enum err_code rc = check_plain(list, "list of groups", err);

	if (rc != ERR_OK)
		return rc;
	kept[0] = '\0';
	for (;;) {
		const struct str word = next_word(&rest, ": ,");
		char one[WORD_BYTES];

		if (word.len == 0)
			break;
		if (net_fips_is_on() && !is_for_fips(word))
			continue;
		(void)snprintf(one, sizeof(one), "%.*s",
		    STR_ARG(str_slice(word, 0, sizeof(one) - 1)));
		if (SSL_CTX_set1_groups_list(context, one) != 1 ||
		    len + word.len + 2 > sizeof(kept)) {
			ERR_clear_error();
			return err_sayf(err, ERR_CONFIG,
			    "The group %.*s for key exchange is unknown to "
			    "OpenSSL; the usual ones are X25519:P-256:P-384.",
			    STR_ARG(str_slice(word, 0, WORD_SHOWN)));
		}
		len += (size_t)snprintf(kept + len, sizeof(kept) - len, "%s%s",
		    len == 0 ? "" : ":", one);
	}
	if (len > 0 && SSL_CTX_set1_groups_list(context, kept) == 1)
		return ERR_OK;
	ERR_clear_error();
	return err_sayf(err, ERR_CONFIG,
	    "The list of groups for key exchange (%.*s) leaves none, or names "
	    "one twice.",
	    STR_ARG(str_slice(str_c(list), 0, WORD_SHOWN)));
}
