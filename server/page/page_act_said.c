#include "page/page_act.h"

/* The page after it: the message itself, the next one, or the list. */
static struct str
act_landing(const struct act *act)
{
	static const struct {
		const char *verb;
		bool stays;
	} verbs[] = {
	    {"flag", true},
	    {"unflag", true},
	    {"label", true},
	    {"unlabel", true},
	    {"copy", true},
	    {"delete", false},
	    {"expunge", false},
	    {"move", false},
	    {"archive", false},
	    {"junk", false},
	    {"notjunk", false},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct str path = verbs[i].stays ? act->stay : act->after;

		if (str_eq(act->verb, str_c(verbs[i].verb)) && path.len > 0)
			return path;
	}
	return act->back;
}

struct str
act_done_path(struct request *req, const struct act *act, struct str note,
    uint32_t count, struct str undo)
{
	struct str place = act_landing(act);
	struct str path = str_cut(&place, '#');
	struct buf url;

	/* Only one note at a time: what an earlier action said goes. */
	path = str_slice(path, 0, str_find(path, STR("&note="), 0));
	buf_init_arena(&url, req->arena, LIMIT_HEADER_BYTES * 2);
	buf_add(&url, path);
	buf_add_byte(&url, str_find_byte(path, '?', 0) < path.len ? '&' : '?');
	buf_add_c(&url, "note=");
	buf_add_percent(&url, note);
	if (count > 0)
		buf_addf(&url, "&n=%u", (unsigned)count);
	if (undo.len > 0) {
		buf_add_c(&url, "&undo=");
		buf_add_percent(&url, undo);
	}
	if (place.len > 0) {
		buf_add_byte(&url, '#');
		buf_add(&url, place);
	}
	return buf_str(&url);
}

enum err_code
act_done(struct request *req, struct response *res, const struct act *act,
    struct str note, uint32_t count, struct str undo, struct err *err)
{
	return page_redirect(req, res,
	    view_url_own(
	        req->arena, act_done_path(req, act, note, count, undo)),
	    err);
}

struct str
act_note(struct request *req, const struct act *act)
{
	struct act_undos undos;

	if (!str_eq(act->verb, STR("undo")) ||
	    act_undo_open(req, request_field(req, "undo"), &undos, NULL) !=
	        ERR_OK)
		return act->verb;
	if (undos.list[0].kind == ACT_UNDO_MARK)
		return STR("unmark");
	return undos.list[0].kind == ACT_UNDO_COPY ? STR("uncopy") : act->verb;
}

/* Does it put messages elsewhere? */
static bool
act_is_moving(const struct act *act)
{
	static const char *const moves[] = {
	    "archive", "copy", "delete", "junk", "move", "notjunk"};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (str_eq(act->verb, str_c(moves[i])))
			return true;
	return false;
}

bool
act_is_past_undo(const struct act *act)
{
	return act_is_moving(act) && act->done_before > 0 &&
	       act->before.len == 0;
}

struct str
act_token(
    struct request *req, const struct act *act, const struct act_undos *undos)
{
	struct str token = act_undo_seal(req, undos);

	if (token.len > 0 || !act_is_moving(act))
		return token;
	return undos->is_lost || undos->count > 0 ? STR(ACT_UNDO_NONE) : token;
}
