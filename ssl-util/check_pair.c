#include "chain.h"
#include "check_part.h"
#include "judge.h"
#include "judge_ocsp.h"
#include "key.h"
#include "load.h"
#include "os/file.h"
#include "own.h"

#define OCSP_BYTES_MAX ((size_t)64 << 10)

bool
check_is_new(struct check *check, const char *what, const char *path)
{
	struct str both = str_printf(check->arena, "%s %s", what, path);
	const char *copy = str_dup_c(check->arena, both);

	for (size_t i = 0; i < check->seen_count; i++)
		if (copy != NULL && strcmp(check->seen[i], copy) == 0)
			return false;
	if (copy != NULL && check->seen_count < CHECK_SEEN_MAX)
		check->seen[check->seen_count++] = copy;
	return true;
}

const char *
check_path(struct check *check, struct str path)
{
	return path.len > 0 ? str_dup_c(check->arena, path) : NULL;
}

void
check_secret(struct check *check, const char *path)
{
	if (check_is_new(check, "secret", path))
		judge_secret(&check->report, path);
}

static EVP_PKEY *
check_key(struct check *check, const struct check_pair *pair)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	EVP_PKEY *key = NULL;
	struct err err = ERR_NONE;

	if (pair->key == NULL)
		return NULL;
	check_secret(check, pair->key);
	enum err_code rc = load_password(pair->password_file, &password, &err);
	if (rc == ERR_OK)
		rc = load_key(pair->key, &password, &key, &err);
	if (rc == ERR_OK) {
		report_ok(&check->report, "key", "%s can be read%s", pair->key,
		    pair->password_file != NULL ? " with its password" : "");
		return key;
	}
	report_bad(&check->report, "key", "%s", err.message);
	if (rc == ERR_CONFIG)
		report_mend(&check->report,
		    "put the password on the first line of a file of mode "
		    "0600, name it with %s= in the ini file and with "
		    "--password-file here",
		    pair->password_word);
	else
		report_mend(&check->report,
		    "name the right file with %s= in the ini file and "
		    "--key-file here, or make a new key: iwebmsg-ssl csr "
		    "--name NAME --key-file %s",
		    pair->key_word, pair->key);
	return NULL;
}

static void
mend_import(struct check *check, const struct check_pair *pair)
{
	report_mend(&check->report,
	    "iwebmsg-ssl import %s --key-file %s --cert %s --force", pair->cert,
	    pair->key != NULL ? pair->key : "KEY", pair->cert);
}

/* Which certificate is the server's own; -1 when none fits the key. */
static int
check_match(struct check *check, const struct check_pair *pair,
    const STACK_OF(X509) * certs, EVP_PKEY *key)
{
	int leaf = key != NULL ? chain_leaf_of(certs, key) : chain_leaf(certs);

	if (key == NULL)
		return leaf;
	if (leaf < 0) {
		report_bad(&check->report, "match",
		    "the key %s does not fit the certificate %s", pair->key,
		    pair->cert);
		report_mend(&check->report,
		    "find the key by its \"public key SHA-256\": iwebmsg-ssl "
		    "show %s FILES...; or ask for a certificate of this key: "
		    "iwebmsg-ssl csr --key-file %s --name NAME",
		    pair->cert, pair->key);
		return -1;
	}
	report_ok(&check->report, "match", "key and certificate fit");
	return leaf;
}

static void
check_order(struct check *check, const struct check_pair *pair,
    const STACK_OF(X509) * certs, const STACK_OF(X509) * ordered)
{
	int count = sk_X509_num(certs);
	bool is_same = true;

	for (int i = 0; i < sk_X509_num(ordered); i++)
		if (i >= count || X509_cmp(sk_X509_value(certs, i),
		                      sk_X509_value(ordered, i)) != 0)
			is_same = false;
	if (!is_same) {
		report_bad(&check->report, "order",
		    "%s must hold the server's certificate first, then its "
		    "issuer, and so on",
		    pair->cert);
		mend_import(check, pair);
		return;
	}
	report_ok(&check->report, "order", "leaf first, then its issuers");
	if (count > sk_X509_num(ordered))
		report_note(&check->report, "order",
		    "%d more certificates in %s are not needed (roots are "
		    "known to browsers); import leaves them out",
		    count - sk_X509_num(ordered), pair->cert);
}

static void
judge_response(struct check *check, const struct check_pair *pair,
    const struct judge_ocsp *verdict)
{
	switch (verdict->state) {
	case JUDGE_OCSP_GOOD:
		report_ok(&check->report, "ocsp", "%s is fresh%s%s", pair->ocsp,
		    verdict->until[0] != '\0' ? " until " : "", verdict->until);
		break;
	case JUDGE_OCSP_REVOKED:
		report_bad(&check->report, "ocsp",
		    "%s: %s. Browsers refuse the certificate", pair->ocsp,
		    verdict->why);
		report_mend(&check->report,
		    "a new key and certificate: iwebmsg-ssl csr --name NAME "
		    "--out-dir NEWFOLDER");
		break;
	case JUDGE_OCSP_STALE:
	case JUDGE_OCSP_FOREIGN:
	case JUDGE_OCSP_BAD:
	default:
		report_bad(&check->report, "ocsp", "%s is not stapled: %s",
		    pair->ocsp, verdict->why);
		report_mend(&check->report,
		    "openssl ocsp -issuer ISSUER.pem -cert %s -url ADDRESS "
		    "-respout %s, where openssl x509 -in %s -noout -ocsp_uri "
		    "says the address; or take %s= out of the ini file",
		    pair->cert, pair->ocsp, pair->cert, pair->ocsp_word);
		break;
	}
}

static void
check_ocsp(struct check *check, const struct check_pair *pair,
    const STACK_OF(X509) * chain)
{
	struct judge_ocsp verdict;
	struct str bytes;
	struct err why = ERR_NONE;

	if (pair->ocsp == NULL ||
	    !check_is_new(check, pair->ocsp_word, pair->ocsp))
		return;
	if (file_read(pair->ocsp, OCSP_BYTES_MAX, check->arena, &bytes, &why) !=
	    ERR_OK) {
		report_bad(&check->report, "ocsp", "%s", why.message);
		report_mend(&check->report,
		    "name the right file with %s= in the ini file, or take it "
		    "out",
		    pair->ocsp_word);
		return;
	}
	judge_ocsp_read(bytes, chain, &verdict);
	judge_response(check, pair, &verdict);
}

static enum err_code
judge_pair(struct check *check, const struct check_pair *pair,
    STACK_OF(X509) * all, STACK_OF(X509) * ordered, struct err *err)
{
	X509 *leaf = sk_X509_value(ordered, 0);
	struct judge judge = {.report = &check->report,
	    .cert_path = pair->cert,
	    .key_path = pair->key != NULL ? pair->key : "KEY",
	    .root = check->root,
	    .is_client = pair->is_client,
	    .all = all};

	if (pair->is_client) {
		/* Whom the mail server believes, only it knows. */
		judge_dates(&judge, ordered);
		judge_strength(&judge, ordered);
		judge_purpose(&judge, leaf);
		return ERR_OK;
	}
	if (pair->name_count == 0)
		report_note(&check->report, "name",
		    "not looked at: say --name NAME, or PublicSecureURL= in "
		    "the ini file");
	else
		judge.name = pair->names[0];
	for (size_t i = 1; i < pair->name_count; i++)
		judge_name(&judge, leaf, pair->names[i]);
	return judge_all(&judge, ordered, err);
}

static void
say_unreadable(
    struct check *check, const struct check_pair *pair, const struct err *why)
{
	report_bad(&check->report, "certificate", "%s", why->message);
	report_mend(&check->report,
	    "name the right file with %s= in the ini file and --cert here, or "
	    "begin with iwebmsg-ssl selfsigned --name NAME",
	    pair->cert_word);
}

static enum err_code
check_certs(struct check *check, const struct check_pair *pair, EVP_PKEY *key,
    STACK_OF(X509) * *out_chain, struct err *err)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	struct err why = ERR_NONE;

	if (load_certs(pair->cert, NULL, &found, &why) != ERR_OK) {
		say_unreadable(check, pair, &why);
		return ERR_OK;
	}
	if (found.form != LOAD_PEM) {
		report_bad(&check->report, "certificate",
		    "%s is not in PEM form, which the server needs",
		    pair->cert);
		mend_import(check, pair);
	}
	int leaf = check_match(check, pair, found.certs, key);
	if (leaf < 0)
		leaf = chain_leaf(found.certs);
	enum err_code rc = chain_order(found.certs, leaf, out_chain, err);
	if (rc != ERR_OK)
		return rc;
	check_order(check, pair, found.certs, *out_chain);
	rc = judge_pair(check, pair, found.certs, *out_chain, err);
	if (rc == ERR_OK)
		check_ocsp(check, pair, *out_chain);
	return rc;
}

enum err_code
check_pair(struct check *check, const struct check_pair *pair,
    STACK_OF(X509) * *out_chain, struct err *err)
{
	CLEANUP(key_free) EVP_PKEY *key = NULL;

	*out_chain = NULL;
	if (pair->password_file != NULL)
		check_secret(check, pair->password_file);
	key = check_key(check, pair);
	return pair->cert != NULL
	           ? check_certs(check, pair, key, out_chain, err)
	           : ERR_OK;
}
