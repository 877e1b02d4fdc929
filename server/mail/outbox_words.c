#include "base/limits.h"
#include "base/tr.h"
#include "mail/outbox_inside.h"

/* What a mail server refused, in plain words first and then in its own. */

/* Names of the refused that words tell; the rest is counted. */
#define OUTBOX_TOLD_MAX 10

/* Behind the class of a status code (RFC 3463, 3), the first that fits. */
static const struct {
	const char *status; /* subject "." detail, or subject "." for all */
	const char *words;
} meanings[] = {
    {"1.1", N_("there is no such mailbox")},
    {"1.2", N_("there is no such mail domain")},
    {"1.3", N_("the address is not written as an address can be")},
    {"1.6", N_("the mailbox has moved")},
    {"1.7", N_("it does not take your address as the sender")},
    {"1.8", N_("it does not take your address as the sender")},
    {"1.10", N_("the domain takes no mail")},
    {"2.1", N_("the mailbox is switched off")},
    {"2.2", N_("the mailbox is full")},
    {"2.3", N_("the message is too large")},
    {"3.1", N_("it has no room left")},
    {"3.4", N_("the message is too large")},
    {"5.3", N_("there are too many recipients")},
    {"7.", N_("its rules do not allow it")},
};

/*
 * status-code = class "." subject "." detail    (RFC 3463, 2)
 * class       = "2" / "4" / "5"
 */
static const char *
words_meaning(struct str said)
{
	struct str code = str_cut(&said, ' ');
	struct str status = str_slice(code, 2, code.len);

	if (code.len < 5 || code.ptr[1] != '.' ||
	    (code.ptr[0] != '4' && code.ptr[0] != '5'))
		return NULL;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		struct str one = str_c(meanings[i].status);
		bool is_any = one.ptr[one.len - 1] == '.';

		if (is_any ? str_starts(status, one) : str_eq(status, one))
			return tr(meanings[i].words);
	}
	return NULL;
}

/* "WHAT: there is no such mailbox. It said: 5.1.1 …" */
static void
words_add_one(struct buf *words, struct str what, struct str said)
{
	const char *meaning = words_meaning(said);

	if (meaning != NULL)
		buf_addf(words, tr("The mail server refused %.*s: %s."),
		    STR_ARG(what), meaning);
	else
		buf_addf(
		    words, tr("The mail server refused %.*s."), STR_ARG(what));
	if (said.len > 0) {
		buf_add_c(words, " ");
		buf_addf(words, tr("It said: %.*s"), STR_ARG(said));
	}
}

/* "2 of 3 recipients were refused …: a@x: it is full (it said: …); b@x: …" */
static void
words_add_several(
    struct buf *words, const struct smtp_result *result, size_t recipients)
{
	size_t told = result->refused_count < OUTBOX_TOLD_MAX
	                  ? result->refused_count
	                  : OUTBOX_TOLD_MAX;

	buf_addf(words,
	    trn("%zu of %zu recipients was refused, so nobody got it:",
	        "%zu of %zu recipients were refused, so nobody got it:",
	        result->refused_count),
	    result->refused_count, recipients);
	buf_add_c(words, " ");
	for (size_t i = 0; i < told; i++) {
		struct str said = result->refused[i].words.s;
		const char *meaning = words_meaning(said);

		if (i > 0)
			buf_add_c(words, tr_in("list", "; "));
		buf_add(words, result->refused[i].address.s);
		if (meaning != NULL)
			buf_addf(words, ": %s", meaning);
		if (said.len > 0) {
			buf_add_c(words, " ");
			buf_addf(words, tr("(it said: %.*s)"), STR_ARG(said));
		}
	}
	if (told < result->refused_count) {
		buf_add_c(words, tr_in("list", "; "));
		buf_addf(
		    words, tr("and %zu more"), result->refused_count - told);
	}
}

struct text
outbox_refusal_words(
    const struct smtp_result *result, size_t recipients, struct arena *arena)
{
	struct buf words;

	buf_init_arena(&words, arena, LIMIT_HEADER_BYTES);
	if (result->refused_count == 0)
		words_add_one(
		    &words, str_c(tr("the message")), result->words.s);
	else if (recipients == 1)
		words_add_one(&words, result->refused[0].address.s,
		    result->refused[0].words.s);
	else
		words_add_several(&words, result, recipients);
	return text_line(arena, buf_str(&words));
}
