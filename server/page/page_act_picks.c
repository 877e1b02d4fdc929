#include "base/num.h"
#include "page/page_act.h"

/* Of one folder; its UIDs as they came. */
struct picks {
	struct act *act;
	struct buf uids;
};

static struct picks *
picks_find(struct picks *list, size_t count, const struct mail_id *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].act->folder.s, id->folder.s) &&
		    list[i].act->uid_validity == id->uid_validity)
			return &list[i];
	return NULL;
}

static enum err_code
picks_end(
    struct request *req, struct picks *list, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		enum err_code rc = ERR_LIMIT;

		if (list[i].uids.failed == ERR_OK)
			rc = mail_set_parse(req->arena, buf_str(&list[i].uids),
			    &list[i].act->set, err);
		if (rc != ERR_OK)
			return err_set(err, rc,
			    "These are more messages than can be ticked on one "
			    "page.",
			    NULL);
	}
	return ERR_OK;
}

/* "validity.uids.folder": a message of a page, or a set of a question. */
static enum err_code
picks_parse(struct arena *arena, struct str value, struct mail_id *out,
    struct str *out_uids, struct err *err)
{
	struct str rest = value;
	struct str validity = str_cut(&rest, '.');

	*out_uids = str_cut(&rest, '.');
	if (num_u32(validity, 0, UINT32_MAX, &out->uid_validity, NULL) !=
	        ERR_OK ||
	    out_uids->len == 0 || rest.len == 0 ||
	    rest.len > LIMIT_FOLDER_BYTES || !str_is_utf8(rest) ||
	    str_has_line_break(rest))
		return err_set(
		    err, ERR_INPUT, "What was ticked names no message.", NULL);
	out->folder = text_from(arena, rest);
	return ERR_OK;
}

/* One more: of a folder that is there, or of a new one. */
static enum err_code
picks_add(struct request *req, const struct act *act, struct str value,
    struct picks *list, struct act *acts, size_t *count, struct err *err)
{
	struct mail_id id = {0};
	struct picks *of;
	struct str uids;
	enum err_code rc = picks_parse(req->arena, value, &id, &uids, err);

	if (rc != ERR_OK)
		return rc;
	of = picks_find(list, *count, &id);
	if (of == NULL) {
		of = &list[*count];
		of->act = &acts[*count];
		*of->act = *act;
		of->act->is_pick = true;
		of->act->folder = id.folder;
		of->act->uid_validity = id.uid_validity;
		buf_init_arena(&of->uids, req->arena, LIMIT_FIELD_BYTES);
		(*count)++;
	}
	if (of->uids.len > 0)
		buf_add_byte(&of->uids, ',');
	buf_add(&of->uids, uids);
	return ERR_OK;
}

enum err_code
act_read_picks(struct request *req, const struct act *act,
    struct act_picks *out, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	struct picks *list =
	    ARENA_ARRAY(req->arena, LIMIT_LIST_ROWS, struct picks);
	struct act *acts = ARENA_ARRAY(req->arena, LIMIT_LIST_ROWS, struct act);
	size_t count = 0;
	size_t all = 0;
	enum err_code rc = request_form(req, &form, err);

	*out = (struct act_picks){.list = acts};
	if (rc == ERR_OK && (list == NULL || acts == NULL))
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "act: picks");
	while (
	    rc == ERR_OK && (field = form_next(form, "pick", field)) != NULL) {
		if (++all > LIMIT_LIST_ROWS)
			return err_set(err, ERR_LIMIT,
			    "These are more messages than can be ticked at "
			    "once.",
			    NULL);
		rc = picks_add(req, act, field->value, list, acts, &count, err);
	}
	if (rc == ERR_OK)
		rc = picks_end(req, list, count, err);
	if (rc == ERR_OK)
		out->count = count;
	return rc;
}

uint32_t
act_messages(const struct act *act)
{
	uint32_t count = 0;

	for (const struct act *at = act; at != NULL; at = at->more)
		count += at->set.total;
	return count;
}
