#include "base/codec.h"
#include "base/num.h"
#include "os/clock.h"
#include "page/page_label.h"
#include "page/page_list.h"
#include "page/page_time.h"

#define LIST_PAGES 10000000u

static const char list_purpose[] = "search";

static const struct {
	const char *name;
	enum mail_sort sort;
} list_sorts[] = {
    {"", MAIL_SORT_ARRIVAL},
    {"date", MAIL_SORT_DATE},
    {"from", MAIL_SORT_FROM},
    {"subject", MAIL_SORT_SUBJECT},
    {"size", MAIL_SORT_SIZE},
    {"to", MAIL_SORT_TO},
    {"unread", MAIL_SORT_UNREAD},
    {"flagged", MAIL_SORT_FLAGGED},
};

struct str
list_sort_name(enum mail_sort sort)
{
	for (size_t i = 0; i < sizeof(list_sorts) / sizeof(list_sorts[0]); i++)
		if (list_sorts[i].sort == sort)
			return str_c(list_sorts[i].name);
	return STR("");
}

static enum mail_sort
list_sort_of(struct str name)
{
	for (size_t i = 0; i < sizeof(list_sorts) / sizeof(list_sorts[0]); i++)
		if (str_eq(name, str_c(list_sorts[i].name)))
			return list_sorts[i].sort;
	return MAIL_SORT_ARRIVAL;
}

static const char *const list_scopes[] = {
    [MAIL_SCOPE_HERE] = "here",
    [MAIL_SCOPE_BELOW] = "below",
    [MAIL_SCOPE_ALL] = "all",
    [MAIL_SCOPE_EVERYWHERE] = "everywhere",
};

const char *
list_scope_name(enum mail_scope_kind scope)
{
	return list_scopes[scope];
}

enum mail_scope_kind
list_scope_of(struct str name)
{
	for (int i = MAIL_SCOPE_HERE; i <= MAIL_SCOPE_EVERYWHERE; i++)
		if (str_eq(name, str_c(list_scopes[i])))
			return (enum mail_scope_kind)i;
	return MAIL_SCOPE_HERE;
}

struct str
list_anchor(struct arena *arena, const struct mail_id *id)
{
	/* FNV-1a: two folders of a page hardly ever have the same. */
	uint32_t hash = UINT32_C(0x811c9dc5) ^ id->uid_validity;

	for (size_t i = 0; i < id->folder.s.len; i++) {
		hash ^= (unsigned char)id->folder.s.ptr[i];
		hash *= UINT32_C(0x01000193);
	}
	return str_printf(arena, "m%u-%x", id->uid, hash);
}

/* Sealed words of the address, or empty when they are not ours. */
static struct str
list_unseal(struct request *req, struct str token)
{
	struct buf bytes;
	struct str words = {NULL, 0};

	buf_init_arena(&bytes, req->arena, LIMIT_QUERY_BYTES);
	if (token.len == 0 ||
	    codec_base64url_decode(&bytes, token, NULL) != ERR_OK)
		return words;
	if (session_unseal(req->app->sessions, req, list_purpose, true, STR(""),
	        buf_str(&bytes), &words, NULL) != ERR_OK)
		return str_of(NULL, 0);
	return words;
}

static struct str
list_seal(struct request *req, struct str words)
{
	struct buf token;
	struct str sealed;

	buf_init_arena(&token, req->arena, LIMIT_QUERY_BYTES);
	if (session_seal(req->app->sessions, req, list_purpose, true, STR(""),
	        words, &sealed, NULL) != ERR_OK)
		return str_of(NULL, 0);
	codec_base64url_encode(&token, sealed);
	return buf_str(&token);
}

static bool
list_is_sealed(const struct request *req)
{
	return req->session != NULL && req->session->expire_views;
}

const struct mail_search *
list_search(struct request *req, struct text words)
{
	int64_t now_s = clock_now_s();
	struct mail_search_how how = {
	    .today =
	        (now_s + 60 * (int64_t)page_time_offset_minutes(req, now_s)) /
	        86400};

	if (text_is_empty(words))
		return NULL;
	if (req->session != NULL)
		how.own = page_own_address(req);
	how.labels = page_label_names(req, &how.label_count);
	return mail_search_parse(req->arena, words, &how);
}

enum err_code
list_query_words(struct request *req, struct str typed, struct list_query *out,
    struct err *err)
{
	if (typed.len > LIST_WORDS_BYTES)
		return err_set(err, ERR_INPUT,
		    "These are too many words to search for.", NULL);
	out->words = text_line(req->arena, typed);
	out->mail.search = list_search(req, out->words);
	out->sealed = STR("");
	/* Once for all addresses of a page. */
	if (list_is_sealed(req) && !text_is_empty(out->words))
		out->sealed = list_seal(req, out->words.s);
	return ERR_OK;
}

/* Empty where it is no folder's name. */
static struct text
list_origin(struct request *req, struct str name)
{
	if (name.len > LIMIT_FOLDER_BYTES || !str_is_utf8(name))
		return TEXT("");
	return text_line(req->arena, name);
}

enum err_code
list_query_parse(
    struct request *req, uint32_t rows, struct list_query *out, struct err *err)
{
	struct str page = request_query(req, "page");
	struct str words = request_query(req, "q");
	enum err_code rc;

	*out = (struct list_query){.page = 1};
	rc = page_folder_param(req, &out->mail.folder, err);
	if (rc != ERR_OK)
		return rc;
	if (page.len > 0 &&
	    num_u32(page, 1, LIST_PAGES, &out->page, NULL) != ERR_OK)
		return err_set(err, ERR_INPUT, "There is no such page.", NULL);
	err_ignore(num_u32(
	    request_query(req, "row"), 0, UINT32_MAX, &out->jumped, NULL));
	if (words.len == 0)
		words = list_unseal(req, request_query(req, "s"));
	out->scope = list_scope_of(request_query(req, "in"));
	out->origin = list_origin(req, request_query(req, "of"));
	rc = list_query_words(req, words, out, err);
	if (rc != ERR_OK)
		return rc;
	out->mail.sort = list_sort_of(request_query(req, "sort"));
	out->mail.is_reversed = str_eq(request_query(req, "rev"), STR("1"));
	out->mail.row_count = rows;
	/* Ranks are 32 bits; past the end the last page is shown. */
	out->mail.first = out->page - 1 < UINT32_MAX / rows
	                      ? (out->page - 1) * rows
	                      : UINT32_MAX / rows * rows;
	return ERR_OK;
}

void
list_query_params(struct request *req, const struct list_query *query,
    struct view_url_param out[LIST_QUERY_PARAMS + 1])
{
	const struct mail_query *mail = &query->mail;
	bool has_words = !text_is_empty(query->words);
	size_t count = 0;

	if (mail->sort != MAIL_SORT_ARRIVAL)
		out[count++] =
		    (struct view_url_param){"sort", list_sort_name(mail->sort)};
	if (mail->is_reversed)
		out[count++] = (struct view_url_param){"rev", STR("1")};
	if (query->scope != MAIL_SCOPE_HERE)
		out[count++] = (struct view_url_param){
		    "in", str_c(list_scope_name(query->scope))};
	if (query->scope != MAIL_SCOPE_HERE && !text_is_empty(query->origin))
		out[count++] = (struct view_url_param){"of", query->origin.s};
	if (has_words && !list_is_sealed(req))
		out[count++] = (struct view_url_param){"q", query->words.s};
	else if (has_words)
		out[count++] = (struct view_url_param){"s",
		    query->sealed.len > 0 ? query->sealed
		                          : list_seal(req, query->words.s)};
	out[count] = (struct view_url_param){NULL, {0}};
}

struct view_url
list_query_url(struct request *req, const struct list_query *query)
{
	struct view_url_param params[2 + LIST_QUERY_PARAMS + 1] = {
	    {"folder", query->mail.folder.s},
	    {"page", query->page > 1 ? page_u64(req->arena, query->page)
	                             : str_of(NULL, 0)},
	};

	list_query_params(req, query, &params[2]);
	/* It has no folder, and no pages. */
	if (query->scope != MAIL_SCOPE_HERE)
		return view_url_local(req->arena, "/search", &params[2]);
	return view_url_local(req->arena, "/list", params);
}
