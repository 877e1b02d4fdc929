#include "base/num.h"
#include "os/clock.h"
#include "page/page_act.h"
#include "page/page_search.h"

/* All that match in many folders: the search once more, then acts on sets. */
struct across {
	struct request *req;
	const struct act *act;
	struct act *list;
	size_t count;
	struct page_search_sum sum;
	size_t told;
	int64_t until_mono_ms;
	enum err_code rc;
	struct err err;
};

static bool
across_fail(struct across *across, enum err_code rc, struct text folder,
    struct text words)
{
	struct str name = text_shorten(across->req->arena, folder, 100).s;

	across->rc = err_sayf(&across->err, rc,
	    "The folder “%.*s” could not be searched, so nothing was done. "
	    "%.*s",
	    STR_ARG(name), STR_ARG(words.s));
	return false;
}

static bool
across_found(void *ctx, const struct mail_hits *hits)
{
	struct across *across = ctx;
	struct arena *arena = across->req->arena;
	struct act *one = &across->list[across->count];

	across->told++;
	if (hits->rc != ERR_OK)
		return across_fail(
		    across, hits->rc, hits->folder->name, hits->words);
	/* Nobody acts on what was not looked at. */
	if (hits->list.unlooked > 0) {
		across->rc = err_set(&across->err, ERR_LIMIT,
		    "These are too many messages to look into each of them for "
		    "attachments. Please narrow the search, by a sender or a "
		    "date, and then choose all.",
		    "act: unlooked");
		return false;
	}
	if (hits->set.total == 0)
		return true;
	/* A page that asks has room for so many. */
	if (across->count == LIMIT_LIST_ROWS) {
		across->rc = err_set(&across->err, ERR_LIMIT,
		    "These are more messages than can be ticked at once.",
		    "act: folders");
		return false;
	}
	*one = *across->act;
	one->is_all = false;
	one->is_pick = true;
	one->stamp = STR("");
	one->folder = text_from(arena, str_dup(arena, hits->folder->name.s));
	one->uid_validity = hits->list.uid_validity;
	one->set = mail_set_from(arena, &hits->set, 0, UINT32_MAX, SIZE_MAX);
	page_search_add(&across->sum, one->folder, one->uid_validity,
	    hits->set.total, hits->set.ranges[hits->set.count - 1].last);
	across->count++;
	return !arena_failed(arena);
}

/* Half of the time is for acting. */
static bool
across_wait(void *ctx)
{
	const struct across *across = ctx;

	return clock_mono_ms() < across->until_mono_ms;
}

static enum err_code
across_search(struct across *across, const struct mail_search *search,
    const struct mail_scope *where, struct err *err)
{
	struct mail mail = page_mail(across->req);
	struct mail_find find = {.search = search,
	    .folders = where->list,
	    .folder_count = where->count,
	    .row_count = 1,
	    .with_sets = true,
	    .found = across_found,
	    .wait = across_wait,
	    .ctx = across};
	enum err_code rc = mail_find(&mail, &find, err);

	if (across->rc != ERR_OK)
		return err_set(
		    err, across->rc, across->err.message, across->err.detail);
	if (rc == ERR_OK && arena_failed(across->req->arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "act: across");
	if (rc == ERR_OK && across->told < where->count)
		return err_set(err, ERR_AWAY,
		    "Searching all folders takes too long, so nothing was "
		    "done. Please choose all in one folder after the other.",
		    "act: across, time");
	return rc;
}

enum err_code
act_find_across(struct request *req, const struct act *act,
    struct act_picks *out, struct err *err)
{
	int64_t now_ms = clock_mono_ms();
	struct across across = {.req = req,
	    .act = act,
	    .list = ARENA_ARRAY(req->arena, LIMIT_LIST_ROWS + 1, struct act),
	    .until_mono_ms = now_ms + (req->deadline_mono_ms - now_ms) / 2};
	const struct mail_search *search = list_search(req, act->words);
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	struct mail_scope where;
	enum err_code rc;

	if (across.list == NULL || search == NULL)
		return err_set(
		    err, ERR_INPUT, "What was ticked names no message.", NULL);
	rc = mail_folders(&mail, &folders, err);
	if (rc == ERR_OK)
		rc = mail_scope_find(req->arena, &folders, search,
		    list_scope_of(act->scope), act->origin, &where, err);
	if (rc == ERR_OK)
		rc = across_search(&across, search, &where, err);
	out->list = across.list;
	out->count = rc == ERR_OK ? across.count : 0;
	out->differ =
	    across.sum.total != act->expected ||
	    !str_eq(act->stamp, str_printf(req->arena, "%016llx",
	                            (unsigned long long)across.sum.mark)) ||
	    str_eq(act->verb, STR("expunge"));
	return rc;
}
