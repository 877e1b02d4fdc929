#include "trust.h"

#include "ask.h"
#include "chain.h"
#include "dial.h"
#include "key.h"
#include "own.h"
#include "trust_cert.h"

static enum dial_way
way_of(const struct options *options)
{
	if (options->starttls == NULL)
		return DIAL_TLS;
	return str_eq(str_c(options->starttls), STR("imap")) ? DIAL_IMAP
	                                                     : DIAL_SMTP;
}

static void
say_chain(const STACK_OF(X509) * certs, struct buf *out)
{
	for (int i = 0; i < sk_X509_num(certs); i++) {
		X509 *cert = sk_X509_value(certs, i);
		char issuer[CHAIN_NAME_BYTES];
		char pin[TRUST_CERT_PRINT_BYTES];

		chain_name(X509_get_issuer_name(cert), issuer);
		trust_cert_pin(cert, pin);
		buf_addf(out, "\nNumber %d%s\n", i + 1,
		    i == 0 ? ", the server's own" : "");
		trust_cert_say(cert, "  ", out);
		buf_addf(out, "  Issuer:  %s\n  Key pin: %s%s\n", issuer, pin,
		    i == 0 ? "  (for ImapKeyPin= or SmtpKeyPin=)" : "");
	}
}

static enum err_code
say_verdict(const STACK_OF(X509) * certs, struct buf *out, struct err *err)
{
	struct chain_verdict verdict;
	enum err_code rc = chain_verify(certs, certs, NULL, &verdict, err);

	if (rc == ERR_OK && verdict.state == CHAIN_WHOLE)
		buf_add_c(out, "\nThe system's authorities vouch for it: "
		               "nothing has to be stored.\n");
	else if (rc == ERR_OK)
		buf_addf(out,
		    "\nThe system's authorities do not vouch for it (%s).\n",
		    verdict.why);
	return rc;
}

/* Whom to trust: who signed last, or the only one. NULL: nobody fits. */
static X509 *
top_of(const STACK_OF(X509) * certs)
{
	X509 *top = sk_X509_value(certs, sk_X509_num(certs) - 1);

	return trust_cert_kind(top) == TRUST_CERT_NEITHER ? NULL : top;
}

static void
say_caution(X509 *top, struct buf *out)
{
	char print[TRUST_CERT_PRINT_BYTES];

	if (top == NULL) {
		buf_add_c(out,
		    "\nThe server sends no authority that could be stored. "
		    "Get its authority's certificate from who runs it, and "
		    "iwebmsg-ssl trust add FILE --for mail; or pin the "
		    "server's key: ImapKeyPin=, SmtpKeyPin=.\n");
		return;
	}
	trust_cert_print(top, print);
	buf_addf(out,
	    "\nAll this came over the wire, where somebody may stand between. "
	    "Before you trust it, compare this fingerprint with one that came "
	    "another way (from who runs the server, by phone or on paper):\n"
	    "  %s\n",
	    print);
}

/* Yes, by a person who compared, or by a script that knew. */
static enum err_code
confirm(const struct options *options, X509 *top, bool *out_is_wanted,
    struct buf *out, struct err *err)
{
	CLEANUP(ask_end) struct ask ask = {.signals = -1};
	bool fits = options->fingerprint != NULL &&
	            trust_cert_has_print(top, str_c(options->fingerprint));

	*out_is_wanted = false;
	if (options->fingerprint != NULL && !fits)
		return err_sayf(err, ERR_TRUST,
		    "The fingerprint is not %s. Nothing was stored.",
		    options->fingerprint);
	*out_is_wanted = options->yes;
	if (options->yes)
		return ERR_OK;
	if (!ask_is_possible()) {
		buf_add_c(out, "\nNothing was stored: without a terminal to "
		               "ask on, say --yes --fingerprint AA:BB:...\n");
		return ERR_OK;
	}
	ask_show(out);
	enum err_code rc = ask_begin(&ask, err);
	if (rc == ERR_OK)
		rc = ask_yes(&ask, "Did you compare it, and store it?", false,
		    out_is_wanted, err);
	if (rc == ERR_OK && !*out_is_wanted)
		buf_add_c(out, "Nothing was stored.\n");
	return rc;
}

static enum err_code
store(const struct options *options, const struct trust *trust, X509 *top,
    struct buf *out, struct err *err)
{
	CLEANUP(own_certs_free) STACK_OF(X509) *list = sk_X509_new_null();
	int at = trust_store_find(&trust->store, top);
	bool is_wanted = false;
	enum err_code rc = ERR_OK;

	if (at >= 0) {
		buf_addf(out, "\nIt is trusted already: number %d of %s.\n",
		    at + 1, trust->store.path);
		return ERR_OK;
	}
	rc = trust_may_add(top, options->files[0], err);
	if (rc == ERR_OK)
		rc = confirm(options, top, &is_wanted, out, err);
	if (rc != ERR_OK || !is_wanted)
		return rc;
	if (list == NULL || X509_add_cert(list, top, X509_ADD_FLAG_UP_REF) != 1)
		return key_fail("take the certificate", err);
	rc = trust_store_add(&trust->store, list, err);
	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "\nAdded to %s.\n", trust->store.path);
	trust_say_next(trust, out);
	return ERR_OK;
}

enum err_code
trust_fetch(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(trust_end) struct trust trust = {.arena = NULL};
	CLEANUP(own_certs_free) STACK_OF(X509) *certs = NULL;
	enum dial_way way = way_of(options);
	struct dial_address address;
	enum err_code rc = ERR_OK;

	/* A store that cannot be written is told before anybody is asked. */
	if (options->store != NULL)
		rc = trust_open(options, &trust, err);
	if (rc == ERR_OK)
		rc = dial_parse(str_c(options->files[0]), way, &address, err);
	if (rc == ERR_OK)
		rc = dial_certs(&address, way, &certs, err);
	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "%s:%u sends %d certificate(s).\n", address.host,
	    address.port, sk_X509_num(certs));
	say_chain(certs, out);
	rc = say_verdict(certs, out, err);
	if (rc != ERR_OK)
		return rc;
	X509 *top = top_of(certs);
	say_caution(top, out);
	if (options->store == NULL) {
		buf_add_c(out, "\nNothing was stored; to store it, say --for "
		               "mail (or --for clients).\n");
		return ERR_OK;
	}
	return top != NULL
	           ? store(options, &trust, top, out, err)
	           : err_set(err, ERR_TRUST, "Nothing was stored.", NULL);
}
