#include "base/limits.h"
#include "mime/mime_fold.h"
#include "page/page_identity.h"
#include "page/page_people.h"
#include "page/pages.h"

#define COMPLETE_TYPED_BYTES ((size_t)200)
#define COMPLETE_GROUPS      3u /* of one answer */
#define COMPLETE_JSON_BYTES  ((size_t)1 << 20)

struct complete {
	struct request *req;
	struct str words[STORE_PATTERNS]; /* " ann", folded */
	struct people_choice *list;
	size_t count, max;
};

/* Words that are typed; a last one past the patterns is left out. */
static void
complete_words(struct complete *in, struct str typed)
{
	struct arena *arena = in->req->arena;
	struct str rest =
	    mime_fold_words(arena, str_slice(typed, 0, COMPLETE_TYPED_BYTES));
	size_t count = 0;

	while (rest.len > 0 && count < STORE_PATTERNS) {
		struct str parts[] = {STR(" "), str_cut(&rest, ' ')};

		if (parts[1].len > 0)
			in->words[count++] = str_join(arena, parts, 2);
	}
}

static bool
complete_is_match(const struct complete *in, struct str text)
{
	struct str words = mime_fold_words(in->req->arena, text);

	for (size_t i = 0; i < STORE_PATTERNS; i++)
		if (in->words[i].len > 0 &&
		    str_find(words, in->words[i], 0) == words.len)
			return false;
	return true;
}

static struct people_choice *
complete_add(struct complete *in)
{
	return in->count < in->max ? &in->list[in->count++] : NULL;
}

static bool
complete_has(const struct complete *in, struct str address)
{
	for (size_t i = 0; i < in->count; i++)
		if (str_eq_nocase(in->list[i].address.s, address))
			return true;
	return false;
}

static enum err_code
complete_people(struct complete *in, struct err *err)
{
	struct request *req = in->req;
	struct str patterns[STORE_PATTERNS] = {{NULL, 0}};
	struct store_match *found = NULL;
	size_t count = 0;
	enum err_code rc;

	/* Folded words are letters and digits: nothing LIKE would mistake. */
	for (size_t i = 0; i < STORE_PATTERNS; i++)
		if (in->words[i].len > 0)
			patterns[i] = str_join(req->arena,
			    (struct str[]){STR("%"), in->words[i], STR("%")},
			    3);
	rc = store_people_complete(req->app->store, req->session->account,
	    patterns, in->max * 2, req->arena, &found, &count, err);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct people_choice *row;

		if (complete_has(in, found[i].address))
			continue;
		row = complete_add(in);
		if (row == NULL)
			break;
		row->name = text_line(req->arena, found[i].name);
		row->address = text_line(req->arena, found[i].address);
		row->text =
		    people_line(req->arena, found[i].name, found[i].address);
		row->source =
		    found[i].book == STORE_BOOK_OWN ? "contact" : "collected";
	}
	return rc;
}

/* All members as they stand in an address field. */
static enum err_code
complete_members(struct request *req, const struct store_circle *circle,
    struct text *out, size_t *out_count, struct err *err)
{
	struct store_match *list = NULL;
	size_t count = 0;
	struct buf text;
	enum err_code rc =
	    store_circle_members(req->app->store, req->session->account,
	        circle->id, LIMIT_RECIPIENTS, req->arena, &list, &count, err);

	if (rc != ERR_OK)
		return rc;
	buf_init_arena(&text, req->arena, COMPLETE_JSON_BYTES);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_c(&text, ", ");
		buf_add(&text,
		    people_line(req->arena, list[i].name, list[i].address).s);
	}
	*out = text_line(req->arena, buf_str(&text));
	*out_count = count;
	return ERR_OK;
}

static enum err_code
complete_groups(struct complete *in, struct err *err)
{
	struct request *req = in->req;
	struct store_circle *list = NULL;
	size_t count = 0;
	size_t added = 0;
	enum err_code rc = store_circle_names(req->app->store,
	    req->session->account, req->arena, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count && added < COMPLETE_GROUPS;
	     i++) {
		struct people_choice *row;
		struct text text = TEXT("");
		size_t members = 0;

		/* One that no message can go to is not offered. */
		if (list[i].members == 0 ||
		    list[i].members > (uint64_t)LIMIT_RECIPIENTS * 2 ||
		    !complete_is_match(in, list[i].name))
			continue;
		rc = complete_members(req, &list[i], &text, &members, err);
		if (rc != ERR_OK || members == 0)
			continue;
		/* The least used person gives way to a group. */
		if (in->count == in->max && in->max > COMPLETE_GROUPS)
			in->count = in->max - COMPLETE_GROUPS;
		row = complete_add(in);
		if (row == NULL)
			return ERR_OK;
		*row = (struct people_choice){
		    .source = "group", .members = members, .text = text};
		row->name = text_line(req->arena, list[i].name);
		added++;
	}
	return rc;
}

static enum err_code
complete_own(struct complete *in, struct err *err)
{
	struct arena *arena = in->req->arena;
	struct page_identity *list = NULL;
	size_t count = 0;
	enum err_code rc = page_identity_list(in->req, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct str parts[] = {
		    list[i].name.s, STR(" "), list[i].address.s};
		struct people_choice *row;

		if (complete_has(in, list[i].address.s) ||
		    !complete_is_match(in, str_join(arena, parts, 3)))
			continue;
		row = complete_add(in);
		if (row == NULL)
			return ERR_OK;
		*row = (struct people_choice){.name = list[i].name,
		    .address = list[i].address,
		    .source = "own"};
		row->text =
		    people_line(arena, list[i].name.s, list[i].address.s);
	}
	return rc;
}

enum err_code
people_complete(struct request *req, struct str typed, size_t max,
    struct people_choice **out, size_t *out_count, struct err *err)
{
	struct complete in = {.req = req, .max = max};
	enum err_code rc = people_fresh(
	    req->app->store, req->session->account, req->arena, err);

	in.list = ARENA_ARRAY(req->arena, max, struct people_choice);
	if (rc == ERR_OK && in.list == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "people_complete");
	if (rc == ERR_OK) {
		complete_words(&in, typed);
		rc = complete_people(&in, err);
	}
	if (rc == ERR_OK)
		rc = complete_groups(&in, err);
	if (rc == ERR_OK)
		rc = complete_own(&in, err);
	*out = rc == ERR_OK ? in.list : NULL;
	*out_count = rc == ERR_OK ? in.count : 0;
	return rc;
}

enum err_code
page_people_datalist(struct request *req, struct view *view, struct err *err)
{
	struct view_list *rows = view_list(view, "people");
	struct people_choice *list = NULL;
	size_t count = 0;
	enum err_code rc = people_complete(
	    req, STR(""), PEOPLE_DATALIST_MAX, &list, &count, err);

	/* A large group would outweigh the page; its name will do. */
	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		if (list[i].members <= PEOPLE_DATALIST_GROUP)
			view_text(view_list_add(rows), "value", list[i].text);
	return rc;
}

static void
complete_json_field(struct buf *out, const char *name, struct text value)
{
	buf_addf(out, "\"%s\":\"", name);
	buf_add_json(out, value.s);
	buf_add_c(out, "\",");
}

enum err_code
page_complete(struct request *req, struct response *res, struct err *err)
{
	struct people_choice *list = NULL;
	size_t count = 0;
	struct str json;
	struct buf out;
	enum err_code rc = people_complete(req, request_query(req, "q"),
	    PEOPLE_COMPLETE_MAX, &list, &count, err);

	if (rc != ERR_OK)
		return rc;
	buf_init_arena(&out, req->arena, COMPLETE_JSON_BYTES * 4);
	buf_add_c(&out, "{\"people\":[");
	for (size_t i = 0; i < count; i++) {
		buf_add_c(&out, i > 0 ? ",{" : "{");
		complete_json_field(&out, "text", list[i].text);
		complete_json_field(&out, "name", list[i].name);
		complete_json_field(&out, "address", list[i].address);
		buf_addf(&out, "\"source\":\"%s\",\"members\":%llu}",
		    list[i].source, (unsigned long long)list[i].members);
	}
	buf_add_c(&out, "]}");
	rc = buf_end(&out, &json, err);
	if (rc != ERR_OK)
		return rc;
	response_status(res, 200);
	response_replace_header(
	    res, "Content-Type", STR("application/json; charset=utf-8"));
	response_body(res, json);
	return ERR_OK;
}
