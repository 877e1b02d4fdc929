#include "judge.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "chain.h"
#include "key.h"
#include "os/file.h"
#include "san.h"

/* Of the digest: SHA-1 has 63 by OpenSSL's count, SHA-256 has 128. */
#define DIGEST_BITS_MIN 100
#define SOON_DAYS       30
#define TINY_KEY_BITS   1024

void
judge_secret(struct report *report, const char *path)
{
	CLEANUP(file_close) int fd = -1;
	struct err err = ERR_NONE;

	if (file_open(path, &fd, &err) != ERR_OK)
		return; /* who reads it says so */
	if (file_is_open_to_others(fd)) {
		report_bad(report, "file", "%s may be read by others", path);
		report_mend(report, "chmod 600 %s", path);
	} else {
		report_ok(report, "file", "%s is closed to others", path);
	}
}

static void
note(const struct judge *judge, enum judge_finding finding)
{
	if (judge->found != NULL)
		*judge->found |= (unsigned)finding;
}

static void
mend_renew(const struct judge *judge)
{
	report_mend(judge->report,
	    "iwebmsg-ssl csr --key-file %s --name %s --csr new.csr, send "
	    "new.csr to the authority, then iwebmsg-ssl import ANSWER "
	    "--key-file %s --cert %s --force",
	    judge->key_path, judge->name != NULL ? judge->name : "NAME",
	    judge->key_path, judge->cert_path);
}

static void
say_time(const ASN1_TIME *time, char out[32])
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) == 1)
		(void)snprintf(out, 32, "%04d-%02d-%02d %02d:%02d UTC",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min);
	else
		(void)snprintf(out, 32, "a time that cannot be read");
}

static void
judge_date(const struct judge *judge, X509 *cert)
{
	char subject[CHAIN_NAME_BYTES];
	char when[32];
	int days = 0;
	int seconds = 0;

	chain_name(X509_get_subject_name(cert), subject);
	if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0) {
		say_time(X509_get0_notBefore(cert), when);
		note(judge, JUDGE_NOT_YET);
		report_bad(judge->report, "dates",
		    "%s is not yet valid, only from %s on", subject, when);
		report_mend(judge->report,
		    "set this machine's clock when it is wrong (date -u), "
		    "else wait, or ask the authority for another one");
		return;
	}
	say_time(X509_get0_notAfter(cert), when);
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0) {
		note(judge, JUDGE_EXPIRED);
		report_bad(
		    judge->report, "dates", "%s expired on %s", subject, when);
		mend_renew(judge);
		return;
	}
	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) ==
	        1 &&
	    days < SOON_DAYS)
		report_note(judge->report, "dates",
		    "%s expires in %d days, on %s: renew it now", subject, days,
		    when);
	else
		report_ok(judge->report, "dates", "%s is valid until %s",
		    subject, when);
}

void
judge_dates(const struct judge *judge, const STACK_OF(X509) * certs)
{
	for (int i = 0; i < sk_X509_num(certs); i++)
		judge_date(judge, sk_X509_value(certs, i));
}

static bool
judge_strength_of(const struct judge *judge, X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	char subject[CHAIN_NAME_BYTES];
	int digest = NID_undef;
	int bits = 0;
	bool is_well = true;

	ERR_clear_error();
	chain_name(X509_get_subject_name(cert), subject);
	if (key_is_weak(key)) {
		is_well = false;
		note(judge, JUDGE_WEAK_KEY);
		if (key != NULL && EVP_PKEY_is_a(key, "RSA") &&
		    EVP_PKEY_get_bits(key) < TINY_KEY_BITS)
			note(judge, JUDGE_TINY_KEY);
		report_bad(judge->report, "strength",
		    "%s has a weak key: %s %d bits (RSA needs %d, EC %d)",
		    subject,
		    key != NULL ? EVP_PKEY_get0_type_name(key) : "unknown",
		    key != NULL ? EVP_PKEY_get_bits(key) : 0, KEY_RSA_BITS_MIN,
		    KEY_EC_BITS_MIN);
		report_mend(judge->report,
		    "iwebmsg-ssl csr --name %s --out-dir NEWFOLDER, which "
		    "makes a new key, and send the request to the authority",
		    judge->name != NULL ? judge->name : "NAME");
	}
	/* Nobody looks at the signature of who signs itself. */
	if (!chain_is_self_signed(cert) &&
	    X509_get_signature_info(cert, &digest, NULL, &bits, NULL) == 1 &&
	    bits < DIGEST_BITS_MIN) {
		is_well = false;
		note(judge, digest == NID_sha1 ? JUDGE_SHA1 : JUDGE_MD5);
		report_bad(judge->report, "strength",
		    "%s is signed with the weak hash %s", subject,
		    OBJ_nid2sn(digest));
		mend_renew(judge);
	}
	return is_well;
}

void
judge_strength(const struct judge *judge, const STACK_OF(X509) * certs)
{
	bool is_well = true;

	for (int i = 0; i < sk_X509_num(certs); i++)
		if (!judge_strength_of(judge, sk_X509_value(certs, i)))
			is_well = false;
	if (is_well)
		report_ok(
		    judge->report, "strength", "keys and hashes are strong");
}

/* NULL: it is for this. */
static const char *
wrong_purpose(const struct judge *judge, X509 *leaf)
{
	uint32_t extended = X509_get_extended_key_usage(leaf);

	if (judge->is_client && (extended & XKU_SSL_CLIENT) == 0)
		return "the certificate is for another purpose than a client "
		       "(extended key usage without clientAuth)";
	if (!judge->is_client && (extended & XKU_SSL_SERVER) == 0)
		return "the certificate is for another purpose than a server "
		       "(extended key usage without serverAuth)";
	if (X509_check_ca(leaf) == 1)
		return judge->is_client
		           ? "the certificate is an authority's"
		           : "the certificate is an authority's: Firefox "
		             "refuses it as a server's";
	if ((X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0)
		return "the key usage lacks digitalSignature, which TLS 1.3 "
		       "needs";
	return NULL;
}

void
judge_purpose(const struct judge *judge, X509 *leaf)
{
	const char *wrong = wrong_purpose(judge, leaf);

	if (wrong == NULL) {
		report_ok(judge->report, "purpose", "a %s's certificate",
		    judge->is_client ? "client" : "server");
		return;
	}
	note(judge, JUDGE_PURPOSE);
	report_bad(judge->report, "purpose", "%s", wrong);
	mend_renew(judge);
}

void
judge_name(const struct judge *judge, X509 *leaf, const char *name)
{
	CLEANUP(buf_free) struct buf names;
	GENERAL_NAMES *list =
	    X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	struct judge with_name = *judge;

	with_name.name = name;
	buf_init(&names, 3000);
	san_describe(list, &names);
	buf_add_byte(&names, '\0');
	const char *text = list != NULL ? buf_str(&names).ptr : "none";
	if (X509_check_ip_asc(leaf, name, 0) == 1 ||
	    X509_check_host(leaf, name, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
	        NULL) == 1) {
		report_ok(judge->report, "name", "%s is among its names", name);
	} else {
		note(judge, JUDGE_NAME);
		report_bad(judge->report, "name",
		    "%s is missing: the certificate is for %s", name,
		    text != NULL ? text : "many names");
		mend_renew(&with_name);
	}
	ERR_clear_error();
	san_free(&list);
}

/* openssl x509 -req leaves out the request's names unless told otherwise. */
static void
judge_any_name(const struct judge *judge, X509 *leaf)
{
	GENERAL_NAMES *list =
	    X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	bool has_host = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
		int type = sk_GENERAL_NAME_value(list, i)->type;
		has_host |= type == GEN_DNS || type == GEN_IPADD;
	}
	san_free(&list);
	ERR_clear_error();
	if (has_host)
		return;
	note(judge, JUDGE_NAME);
	report_bad(judge->report, "name",
	    "the certificate names no host (no subjectAltName): browsers "
	    "refuse it");
	report_mend(judge->report,
	    "the authority has to copy the request's names: iwebmsg-ssl ca "
	    "issue --csr FILE does, openssl x509 -req with -copy_extensions "
	    "copyall");
}

static void
say_incomplete(const struct judge *judge, const struct chain_verdict *verdict)
{
	const char *given =
	    judge->given != NULL ? judge->given : judge->cert_path;

	note(judge, JUDGE_INCOMPLETE);
	if (judge->root != NULL || verdict->url[0] != '\0')
		note(judge, JUDGE_MISSING);
	report_bad(judge->report, "chain",
	    "it is incomplete: the issuer of \"%s\" is missing, \"%s\"",
	    verdict->last, verdict->issuer);
	if (verdict->url[0] != '\0')
		report_mend(judge->report,
		    "iwebmsg-ssl import %s --fetch-chain --key-file %s --cert "
		    "%s --force, which gets it from %s",
		    given, judge->key_path, judge->cert_path, verdict->url);
	else
		report_mend(judge->report,
		    "get the intermediate certificate from the authority, "
		    "then iwebmsg-ssl import %s ISSUERFILE --key-file %s "
		    "--cert %s --force; for a private authority name its "
		    "root with --root FILE",
		    given, judge->key_path, judge->cert_path);
}

enum err_code
judge_chain(
    const struct judge *judge, const STACK_OF(X509) * certs, struct err *err)
{
	struct chain_verdict verdict;
	enum err_code rc =
	    chain_verify(certs, judge->all, judge->root, &verdict, err);

	if (rc != ERR_OK)
		return rc;
	switch (verdict.state) {
	case CHAIN_WHOLE:
		report_ok(judge->report, "chain", "it is whole, to a root");
		break;
	case CHAIN_SELF_SIGNED:
		note(judge, JUDGE_SELF_SIGNED);
		report_note(judge->report, "chain",
		    "it signs itself: browsers warn until it is accepted; "
		    "iwebmsg-ssl csr --key-file %s asks an authority",
		    judge->key_path);
		break;
	case CHAIN_INCOMPLETE:
		say_incomplete(judge, &verdict);
		break;
	case CHAIN_UNKNOWN_ROOT:
		note(judge, JUDGE_UNKNOWN_ROOT);
		report_bad(judge->report, "chain",
		    "its root \"%s\" is not trusted by this system",
		    verdict.last);
		report_mend(judge->report,
		    "name it with --root FILE when it is your private "
		    "authority, else get a certificate from a public one");
		break;
	case CHAIN_BROKEN:
	default:
		note(judge, JUDGE_BROKEN);
		report_bad(judge->report, "chain", "at \"%s\": %s",
		    verdict.last, verdict.why);
		mend_renew(judge);
		break;
	}
	return ERR_OK;
}

enum err_code
judge_all(
    const struct judge *judge, const STACK_OF(X509) * certs, struct err *err)
{
	X509 *leaf = sk_X509_value(certs, 0);

	judge_dates(judge, certs);
	judge_strength(judge, certs);
	judge_purpose(judge, leaf);
	if (judge->name != NULL)
		judge_name(judge, leaf, judge->name);
	else
		judge_any_name(judge, leaf);
	return judge_chain(judge, certs, err);
}
