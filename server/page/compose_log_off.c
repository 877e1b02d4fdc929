/*
 * "Log off" while writing is a button of the form: what is written goes into
 * Drafts, then the session ends. Where that does not work it says so, and
 * whoever presses once more, with the same words in the form, is logged off.
 */
#include "page/compose_inside.h"
#include "page/pages.h"
#include "store/store_draft.h"

/*
 * In `confirmed`: it was said for these words; and that another window has
 * others, over which this one's would be saved next.
 */
#define LOG_OFF_SAID  "off:"
#define LOG_OFF_APART "off-apart"

static bool
log_off_has_files(struct request *req, const struct compose *compose)
{
	struct store_attachment *files = NULL;
	const struct form *form = NULL;
	size_t count = 0;

	if (request_form(req, &form, NULL) != ERR_OK ||
	    form_find(form, "keep") != NULL)
		return true;
	for (size_t i = 0; i < form->count; i++)
		if (form->fields[i].is_file && form->fields[i].file_bytes > 0)
			return true;
	return store_attachment_list(req->app->store, compose->account,
	           compose->id, req->arena, &files, &count, NULL) != ERR_OK ||
	       count > 0;
}

/* "off:MARK": of all that can be lost. */
static struct str
log_off_word(struct request *req, const struct compose *compose)
{
	struct compose words = *compose;

	words.window = STR("");
	return str_printf(req->arena, LOG_OFF_SAID "%.*s",
	    STR_ARG(compose_rich_mark(req->arena,
	        text_from(req->arena, compose_pack(req->arena, &words)))));
}

struct log_off {
	struct str word;
	bool was_said;  /* for these words */
	bool parts;     /* from another window's */
	bool is_stored; /* whatever became of Drafts */
};

/* What was said before; from now on it is said for these words. */
static void
log_off_read(struct request *req, struct compose *compose, struct log_off *out)
{
	struct str rest = compose->confirmed.s;
	struct buf all;

	*out = (struct log_off){.word = log_off_word(req, compose)};
	buf_init_arena(&all, req->arena, LIMIT_NAME_BYTES);
	while (rest.len > 0) {
		struct str one = str_cut(&rest, ' ');

		out->was_said = out->was_said || str_eq(one, out->word);
		out->parts = out->parts || str_eq(one, STR(LOG_OFF_APART));
		if (str_starts(one, STR("off")) || one.len == 0)
			continue;
		buf_add(&all, one);
		buf_add_byte(&all, ' ');
	}
	buf_add(&all, out->word);
	compose->confirmed = text_line(req->arena, buf_str(&all));
}

/* The form again; nobody is logged off. */
static enum err_code
log_off_tell(struct request *req, struct response *res, struct compose *compose,
    bool is_stored, enum err_code rc, struct err *err)
{
	struct err why = *err;

	if (compose->theirs != NULL) {
		compose->confirmed = text_line(
		    req->arena, str_printf(req->arena, "%.*s " LOG_OFF_APART,
		                    STR_ARG(compose->confirmed.s)));
		response_status(res, 409);
		return page_compose_show(req, res, compose,
		    tr("You are still logged in. Choose which text is to stay, "
		       "or press Log off again: yours becomes a draft of its "
		       "own then."),
		    err);
	}
	if (rc == ERR_OK) {
		response_status(res, 413);
		return page_compose_show(req, res, compose,
		    tr("You are still logged in. Press Log off again to do it "
		       "without these files."),
		    err);
	}
	rc = is_stored
	         ? err_sayf(err, rc,
	               "You are still logged in, because what you wrote could "
	               "not be put into Drafts. Press Log off again to do it "
	               "all the same: it is kept here and shown when you log "
	               "in. %s",
	               why.message)
	         : err_sayf(err, rc,
	               "You are still logged in, because what you wrote could "
	               "not be saved. Press Log off again to do it all the "
	               "same: what is not saved is lost then. %s",
	               why.message);
	return compose_again(req, res, compose, rc, err);
}

static enum err_code
log_off_save(struct request *req, struct compose *compose, struct log_off *how,
    struct err *err)
{
	enum err_code rc = ERR_OK;

	if (how->parts)
		rc = compose_part_ways(req, compose, err);
	if (rc == ERR_OK)
		rc = compose_store(req, compose, err);
	how->is_stored = rc == ERR_OK && compose->theirs == NULL;
	return how->is_stored ? compose_draft_put(req, compose, false, err)
	                      : rc;
}

enum err_code
compose_log_off(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	struct log_off how;
	enum err_code rc;

	log_off_read(req, compose, &how);
	/* Nobody needs a draft of nothing. */
	if (compose->version == 0 &&
	    compose_is_empty(req, compose->account, compose) &&
	    !log_off_has_files(req, compose))
		return page_logoff_post(req, res, err);
	rc = log_off_save(req, compose, &how, err);
	if (rc == ERR_LOGIN || rc == ERR_CANCELED || rc == ERR_NO_MEMORY)
		return rc;
	if (compose->theirs != NULL ||
	    (!how.was_said &&
	        (rc != ERR_OK || !text_is_empty(compose->refused))))
		return log_off_tell(req, res, compose, how.is_stored, rc, err);
	if (rc != ERR_OK && how.is_stored)
		err_ignore(store_draft_keep(
		    req->app->store, compose->account, compose->id, NULL));
	return page_logoff_post(req, res, err);
}
