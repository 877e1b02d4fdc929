#include <openssl/err.h>
#include <openssl/pem.h>

#include "chain.h"
#include "check_part.h"
#include "os/file.h"
#include "own.h"
#include "trust_cert.h"
#include "trust_store.h"

#define FILE_BYTES_MAX ((size_t)4 << 20)

struct part {
	struct check *check;
	const struct check_store *ask;
	struct trust_store store;
	const char *whose; /* "clients" or "mail", as trust --for takes it */
};

static void
part_end(struct part *part)
{
	trust_store_end(&part->store);
}

static void
mend_remove(const struct part *part, const X509 *cert)
{
	char print[TRUST_CERT_PRINT_BYTES];

	trust_cert_print(cert, print);
	report_mend(&part->check->report,
	    "iwebmsg-ssl trust remove %s --for %s --file %s", print,
	    part->whose, part->ask->path);
}

static void
look_at_cert(const struct part *part, X509 *cert, size_t *good)
{
	struct report *report = &part->check->report;
	const struct check_store *ask = part->ask;
	char name[CHAIN_NAME_BYTES];
	char until[32];
	bool is_own = false;

	chain_name(X509_get_subject_name(cert), name);
	for (int i = 0; i < sk_X509_num(ask->own); i++)
		if (X509_cmp(cert, sk_X509_value(ask->own, i)) == 0)
			is_own = true;
	if (is_own) {
		report_bad(report, "trust",
		    "%s holds the server's own certificate, %s: whoever has "
		    "its key could come as a client",
		    ask->path, name);
		mend_remove(part, cert);
	} else if (X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0) {
		trust_cert_until(cert, until);
		report_bad(report, "trust",
		    "%s in %s expired on %s: what it signed is refused", name,
		    ask->path, until);
		mend_remove(part, cert);
	} else if (trust_cert_kind(cert) == TRUST_CERT_NEITHER) {
		report_bad(report, "trust",
		    "%s in %s is no authority and does not sign itself: "
		    "trusting it means nothing",
		    name, ask->path);
		mend_remove(part, cert);
	} else {
		*good += 1;
	}
}

/* A key has no business where certificates are given away. */
static void
look_for_keys(const struct part *part, const char *path)
{
	struct str bytes;
	struct err ignored = ERR_NONE;

	if (file_read(path, FILE_BYTES_MAX, part->check->arena, &bytes,
	        &ignored) != ERR_OK ||
	    str_find(bytes, STR("PRIVATE KEY-----"), 0) >= bytes.len)
		return;
	report_bad(&part->check->report, "trust",
	    "%s holds a private key: a trust store needs certificates only",
	    path);
	report_mend(&part->check->report,
	    "keep the certificates alone: iwebmsg-ssl export --cert %s --out "
	    "NEWFILE, then %s=NEWFILE",
	    path, part->ask->word);
}

static void
look_at_store(const struct part *part)
{
	struct report *report = &part->check->report;
	const struct trust_store *store = &part->store;
	const char *before = NULL;
	size_t good = 0;

	for (size_t i = 0; i < store->count; i++) {
		look_at_cert(part, store->certs[i].cert, &good);
		if (before == NULL || strcmp(before, store->certs[i].file) != 0)
			look_for_keys(part, store->certs[i].file);
		before = store->certs[i].file;
	}
	if (good > 0) {
		report_ok(report, "trust", "%s=%s: %zu to believe",
		    part->ask->word, part->ask->path, good);
		return;
	}
	if (store->count == 0 && store->is_there && !store->is_folder)
		look_for_keys(part, part->ask->path);
	report_bad(report, "trust", "%s=%s %s", part->ask->word,
	    part->ask->path,
	    store->is_there ? "holds no certificate to believe"
	                    : "is not there");
	report_mend(report,
	    "iwebmsg-ssl trust add AUTHORITY.pem --for %s "
	    "--file %s",
	    part->whose, part->ask->path);
}

static X509 *
find_signer(const struct part *part, X509_CRL *list, bool *is_named)
{
	X509 *found = NULL;

	*is_named = false;
	for (size_t i = 0; i < part->store.count && found == NULL; i++) {
		X509 *cert = part->store.certs[i].cert;
		if (X509_NAME_cmp(X509_get_subject_name(cert),
		        X509_CRL_get_issuer(list)) != 0)
			continue;
		*is_named = true;
		if (X509_CRL_verify(list, X509_get0_pubkey(cert)) == 1)
			found = cert;
	}
	ERR_clear_error();
	return found;
}

static void
mend_list(const struct part *part)
{
	report_mend(&part->check->report,
	    "get the new list from the authority (your own: iwebmsg-ssl ca "
	    "crl --ca-dir FOLDER), copy crl.pem to %s, then systemctl reload "
	    "iwebmsg",
	    part->ask->crl);
}

static void
look_at_times(const struct part *part, X509_CRL *list, const char *name)
{
	struct report *report = &part->check->report;
	const ASN1_TIME *from = X509_CRL_get0_lastUpdate(list);
	const ASN1_TIME *until = X509_CRL_get0_nextUpdate(list);
	const char *path = part->ask->crl;

	if (X509_cmp_current_time(from) > 0) {
		report_bad(report, "crl",
		    "the list of %s in %s begins in the future", name, path);
		report_mend(report, "set this machine's clock when it is wrong "
		                    "(date -u), else get another list");
	} else if (until == NULL || X509_cmp_current_time(until) > 0) {
		report_ok(
		    report, "crl", "%s: the list of %s is fresh", path, name);
	} else if (part->ask->accepts_stale) {
		report_note(report, "crl",
		    "the list of %s in %s is past its time, and StaleCRL= "
		    "accepts it",
		    name, path);
	} else {
		report_bad(report, "crl",
		    "the list of %s in %s is past its time: its certificates "
		    "are refused",
		    name, path);
		mend_list(part);
	}
}

static void
look_at_list(const struct part *part, X509_CRL *list)
{
	struct report *report = &part->check->report;
	char name[CHAIN_NAME_BYTES];
	bool is_named = false;

	chain_name(X509_CRL_get_issuer(list), name);
	/* A mail server's chain may bring the authority with it. */
	if (find_signer(part, list, &is_named) != NULL ||
	    (part->ask->is_mail && !is_named)) {
		look_at_times(part, list, name);
		return;
	}
	report_bad(report, "crl",
	    is_named ? "the list of %s in %s is not signed by that authority's "
	               "key"
	             : "the list of %s in %s is of no authority in %s=",
	    name, part->ask->crl, part->ask->word);
	mend_list(part);
}

/* An authority without a list is one whose certificates are refused. */
static void
look_for_lists(const struct part *part, const STACK_OF(X509_CRL) * lists)
{
	for (size_t i = 0; i < part->store.count; i++) {
		X509 *cert = part->store.certs[i].cert;
		char name[CHAIN_NAME_BYTES];
		bool has_list = trust_cert_kind(cert) != TRUST_CERT_AUTHORITY;
		for (int j = 0; j < sk_X509_CRL_num(lists); j++)
			if (X509_NAME_cmp(X509_get_subject_name(cert),
			        X509_CRL_get_issuer(
			            sk_X509_CRL_value(lists, j))) == 0)
				has_list = true;
		if (has_list)
			continue;
		chain_name(X509_get_subject_name(cert), name);
		report_bad(&part->check->report, "crl",
		    "%s has no list of %s: its certificates are refused",
		    part->ask->crl, name);
		report_mend(&part->check->report,
		    "add that authority's list to %s, or take %s= out of the "
		    "ini file",
		    part->ask->crl, part->ask->crl_word);
	}
}

static void
free_lists(STACK_OF(X509_CRL) * *lists)
{
	sk_X509_CRL_pop_free(*lists, X509_CRL_free);
}

/* false: it cannot be read; said. */
static bool
read_lists(const struct part *part, STACK_OF(X509_CRL) * lists)
{
	struct str bytes;
	struct err why = ERR_NONE;
	const char *path = part->ask->crl;

	if (file_read(path, FILE_BYTES_MAX, part->check->arena, &bytes, &why) !=
	    ERR_OK) {
		report_bad(&part->check->report, "crl", "%s", why.message);
		mend_list(part);
		return false;
	}
	CLEANUP(own_bio_free)
	BIO *bio = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
	X509_CRL *one = NULL;
	while (bio != NULL &&
	       (one = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL)
		if (sk_X509_CRL_push(lists, one) <= 0)
			X509_CRL_free(one);
	ERR_clear_error();
	if (sk_X509_CRL_num(lists) > 0)
		return true;
	report_bad(&part->check->report, "crl",
	    "%s holds no revocation list in PEM form (-----BEGIN X509 "
	    "CRL-----)",
	    path);
	report_mend(&part->check->report,
	    "a DER file is turned into one by: openssl crl -inform der -in %s "
	    "-out NEWFILE",
	    path);
	return false;
}

static enum err_code
look_at_lists(const struct part *part, struct err *err)
{
	CLEANUP(free_lists)
	STACK_OF(X509_CRL) *lists = sk_X509_CRL_new_null();

	if (lists == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	if (!read_lists(part, lists))
		return ERR_OK;
	for (int i = 0; i < sk_X509_CRL_num(lists); i++)
		look_at_list(part, sk_X509_CRL_value(lists, i));
	if (!part->ask->is_mail)
		look_for_lists(part, lists);
	return ERR_OK;
}

enum err_code
check_store(struct check *check, const struct check_store *ask, struct err *err)
{
	CLEANUP(part_end)
	struct part part = {.check = check,
	    .ask = ask,
	    .whose = ask->is_mail ? "mail" : "clients"};
	struct err why = ERR_NONE;

	bool has_store =
	    ask->path != NULL && check_is_new(check, ask->word, ask->path);
	bool has_list =
	    ask->crl != NULL && check_is_new(check, ask->crl_word, ask->crl);

	if (!has_store && !has_list)
		return ERR_OK;
	if (ask->path != NULL && trust_store_read(ask->path, check->arena,
	                             &part.store, &why) != ERR_OK) {
		report_bad(&check->report, "trust", "%s=%s: %s", ask->word,
		    ask->path, why.message);
		report_mend(&check->report,
		    "name the right file with %s= in the ini file, or begin "
		    "anew: iwebmsg-ssl trust add AUTHORITY.pem --for %s --file "
		    "NEWFILE",
		    ask->word, part.whose);
		return ERR_OK;
	}
	if (has_store)
		look_at_store(&part);
	return has_list ? look_at_lists(&part, err) : ERR_OK;
}
