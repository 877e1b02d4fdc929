#include "trust.h"

#include "ask.h"
#include "base/num.h"
#include "chain.h"
#include "trust_cert.h"

/* Its subject as list shows it, or a part of it. */
static bool
has_subject(const X509 *cert, struct str wanted, bool is_whole)
{
	char subject[CHAIN_NAME_BYTES];

	chain_name(X509_get_subject_name(cert), subject);
	return is_whole ? str_eq_nocase(str_c(subject), wanted)
	                : str_find_nocase(str_c(subject), wanted, 0) <
	                      strlen(subject);
}

/* By number, then fingerprint, whole subject, part of it: the first way that
 * finds any. */
static bool
fits(const struct trust_store *store, size_t index, struct str wanted, int way)
{
	const X509 *cert = store->certs[index].cert;
	struct err ignored = ERR_NONE;
	uint32_t number = 0;

	switch (way) {
	case 0:
		return num_u32(wanted, 1, TRUST_STORE_CERTS_MAX, &number,
		           &ignored) == ERR_OK &&
		       number == index + 1;
	case 1:
		return trust_cert_has_print(cert, wanted);
	default:
		return wanted.len > 0 && has_subject(cert, wanted, way == 2);
	}
}

static enum err_code
mark(const struct trust_store *store, const char *word, bool *is_marked,
    struct err *err)
{
	size_t count = 0;

	for (int way = 0; way < 4 && count == 0; way++)
		for (size_t i = 0; i < store->count; i++)
			if (fits(store, i, str_c(word), way)) {
				is_marked[i] = true;
				count++;
			}
	if (count == 1)
		return ERR_OK;
	if (count == 0)
		return err_sayf(err, ERR_NOT_FOUND,
		    "\"%s\" is no number, fingerprint or subject in %s: "
		    "iwebmsg-ssl trust list shows them. Nothing was removed.",
		    word, store->path);
	return err_sayf(err, ERR_INPUT,
	    "\"%s\" fits %zu certificates of %s: say the number or the "
	    "fingerprint. Nothing was removed.",
	    word, count, store->path);
}

static size_t
say_marked(
    const struct trust_store *store, const bool *is_marked, struct buf *out)
{
	size_t count = 0;

	buf_addf(out, "%s\n", store->path);
	for (size_t i = 0; i < store->count; i++) {
		if (!is_marked[i])
			continue;
		buf_addf(out, "\nNumber %zu\n", i + 1);
		trust_cert_say(store->certs[i].cert, "  ", out);
		count++;
	}
	buf_add_c(out, "\n");
	return count;
}

static enum err_code
confirm(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(ask_end) struct ask ask = {.signals = -1};
	bool is_wanted = false;

	if (options->yes)
		return ERR_OK;
	if (!ask_is_possible())
		return err_sayf(err, ERR_INPUT,
		    "Nothing was removed. Without a terminal to ask on, say "
		    "--yes.");
	ask_show(out);
	enum err_code rc = ask_begin(&ask, err);
	if (rc == ERR_OK)
		rc = ask_yes(&ask, "Remove it from the trusted?", false,
		    &is_wanted, err);
	if (rc == ERR_OK && !is_wanted)
		rc = err_sayf(err, ERR_CANCELED, "Nothing was removed.");
	return rc;
}

/* The server does not start with an empty store. */
static enum err_code
keep_last(const struct trust *trust, const struct options *options,
    size_t count, struct err *err)
{
	if (count < trust->store.count || options->force)
		return ERR_OK;
	return err_sayf(err, ERR_INPUT,
	    "That is the last of %s, and with an empty store the server does "
	    "not start. Add another one first, or take %s= out of the ini "
	    "file; --force removes it all the same.",
	    trust->store.path,
	    trust->is_mail ? "MailTrustStore" : "TrustStore");
}

enum err_code
trust_remove(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(trust_end) struct trust trust = {.arena = NULL};
	bool is_marked[TRUST_STORE_CERTS_MAX] = {false};
	enum err_code rc = trust_open(options, &trust, err);

	for (size_t i = 0; i < options->file_count && rc == ERR_OK; i++)
		rc = mark(&trust.store, options->files[i], is_marked, err);
	if (rc != ERR_OK)
		return rc;
	size_t count = say_marked(&trust.store, is_marked, out);
	rc = keep_last(&trust, options, count, err);
	if (rc == ERR_OK)
		rc = confirm(options, out, err);
	if (rc == ERR_OK)
		rc = trust_store_remove(&trust.store, is_marked, err);
	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "Removed: %zu\n", count);
	trust_say_next(&trust, out);
	return ERR_OK;
}
