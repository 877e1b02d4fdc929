#include "base/codec.h"
#include "base/num.h"
#include "page/page_folder.h"
#include "page/page_search.h"
#include "page/page_time.h"

#define PAGE_ROWS_DEFAULT 50

const uint32_t page_rows_choices[] = {25, 50, 100, 200, 500, 0};

static const char page_pref_name[] = "name";
static const char page_pref_signature[] = "signature";
static const char page_pref_rows[] = "rows";
static const char page_pref_threads[] = "conversations";
static const char page_pref_previews[] = "previews";
static const char page_pref_plain[] = "prefer_plain";
static const char page_pref_write[] = "write_html";
static const char page_pref_place[] = "signature_place";
static const char page_pref_after[] = "after";
static const char page_pref_undo[] = "undo_send";
static const char page_pref_kept[] = "server_keeps_sent";
static const char page_pref_refresh[] = "refresh";
static const char page_pref_notify[] = "notify";
const char page_pref_keys[] = "keys";

/* What to do after a message left the folder, as the store has it. */
static const char *const page_after_names[] = {
    [PAGE_AFTER_LIST] = "list",
    [PAGE_AFTER_NEXT] = "next",
    [PAGE_AFTER_PREVIOUS] = "previous",
};

static const char *const page_write_names[] = {
    [PAGE_WRITE_AS_READ] = "as-read",
    [PAGE_WRITE_PLAIN] = "plain",
    [PAGE_WRITE_HTML] = "html",
};

const char *
page_write_name(enum page_write write)
{
	return page_write_names[write];
}

enum page_write
page_write_of(struct str name)
{
	for (int i = PAGE_WRITE_AS_READ; i <= PAGE_WRITE_HTML; i++)
		if (str_eq(name, str_c(page_write_names[i])))
			return (enum page_write)i;
	/* A tick of before there were three. */
	return str_eq(name, STR("1")) ? PAGE_WRITE_HTML : PAGE_WRITE_AS_READ;
}

const char *
page_after_name(enum page_after after)
{
	return page_after_names[after];
}

enum page_after
page_after_of(struct str name)
{
	for (int i = PAGE_AFTER_LIST; i <= PAGE_AFTER_PREVIOUS; i++)
		if (str_eq(name, str_c(page_after_names[i])))
			return (enum page_after)i;
	return PAGE_AFTER_LIST;
}

static const char *const page_notify_names[] = {
    [PAGE_NOTIFY_OFF] = "",
    [PAGE_NOTIFY_SHORT] = "short",
    [PAGE_NOTIFY_FULL] = "full",
};

const char *
page_notify_name(enum page_notify notify)
{
	return page_notify_names[notify];
}

enum page_notify
page_notify_of(struct str name)
{
	for (int i = PAGE_NOTIFY_OFF; i <= PAGE_NOTIFY_FULL; i++)
		if (str_eq(name, str_c(page_notify_names[i])))
			return (enum page_notify)i;
	return PAGE_NOTIFY_OFF;
}

uint32_t
page_refresh_of(struct str minutes)
{
	uint32_t number = 0;

	if (num_u32(minutes, 0, 15, &number, NULL) != ERR_OK ||
	    (number != 1 && number != 5 && number != 15))
		return 0;
	return number;
}

/* ptr NULL: there is none. */
static struct str
page_pref_of(const struct store_pref *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].name, str_c(name)))
			return list[i].content;
	return (struct str){NULL, 0};
}

/* What nobody chose is as the ini file says. */
static void
page_prefs_sending(struct request *req, const struct store_pref *list,
    size_t count, struct page_prefs *out)
{
	struct str kept = page_pref_of(list, count, page_pref_kept);
	uint32_t undo_s = 0;

	out->undo_send_ms = req->cfg->undo_send_ms;
	if (num_u32(page_pref_of(list, count, page_pref_undo), 0,
	        PAGE_UNDO_MAX_S, &undo_s, NULL) == ERR_OK)
		out->undo_send_ms = (int64_t)undo_s * 1000;
	out->server_keeps_sent = kept.len == 0
	                             ? page_mail_site(req)->server_keeps_sent
	                             : str_eq(kept, STR("1"));
}

enum err_code
page_pref_list(struct request *req, struct store_pref **out, size_t *out_count,
    struct err *err)
{
	enum err_code rc;

	*out = req->prefs;
	*out_count = req->pref_count;
	if (req->prefs != NULL)
		return ERR_OK;
	rc = store_pref_list(req->app->store, req->session->account, req->arena,
	    out, out_count, err);
	if (rc == ERR_OK && req->method == METHOD_GET) {
		req->prefs = *out;
		req->pref_count = *out_count;
	}
	return rc;
}

enum err_code
page_prefs_get(struct request *req, struct page_prefs *out, struct err *err)
{
	struct store_pref *list = NULL;
	size_t count = 0;
	enum err_code rc = page_pref_list(req, &list, &count, err);

	if (rc != ERR_OK)
		return rc;
	out->name =
	    text_line(req->arena, page_pref_of(list, count, page_pref_name));
	out->signature = text_from(
	    req->arena, page_pref_of(list, count, page_pref_signature));
	out->conversations =
	    str_eq(page_pref_of(list, count, page_pref_threads), STR("1"));
	out->previews =
	    str_eq(page_pref_of(list, count, page_pref_previews), STR("1"));
	out->prefer_plain =
	    str_eq(page_pref_of(list, count, page_pref_plain), STR("1"));
	out->write = page_write_of(page_pref_of(list, count, page_pref_write));
	out->signature_last =
	    str_eq(page_pref_of(list, count, page_pref_place), STR("last"));
	out->after = page_after_of(page_pref_of(list, count, page_pref_after));
	out->search_in = page_search_scope(
	    page_pref_of(list, count, page_search_scope_pref));
	if (num_u32(page_pref_of(list, count, page_pref_rows), 10,
	        LIMIT_LIST_ROWS, &out->rows, NULL) != ERR_OK)
		out->rows = PAGE_ROWS_DEFAULT;
	page_folder_prefs_take(req, list, count);
	out->refresh_minutes =
	    page_refresh_of(page_pref_of(list, count, page_pref_refresh));
	out->notify =
	    page_notify_of(page_pref_of(list, count, page_pref_notify));
	out->has_keys =
	    !str_eq(page_pref_of(list, count, page_pref_keys), STR("0"));
	page_time_know(req, page_pref_of(list, count, page_time_pref));
	page_prefs_sending(req, list, count, out);
	return ERR_OK;
}

static enum err_code
page_pref_set(
    struct request *req, const char *name, struct str value, struct err *err)
{
	return store_pref_set(
	    req->app->store, req->session->account, str_c(name), value, err);
}

enum err_code
page_prefs_set_rows(struct request *req, uint32_t rows, struct err *err)
{
	return page_pref_set(
	    req, page_pref_rows, page_u64(req->arena, rows), err);
}

static struct str
page_pref_tick(bool is_on)
{
	return is_on ? STR("1") : STR("0");
}

void
page_prefs_write(struct arena *arena, const struct page_prefs *prefs,
    struct store_pref out[PAGE_PREF_COUNT])
{
	const struct store_pref all[PAGE_PREF_COUNT] = {
	    {str_c(page_pref_name), prefs->name.s},
	    {str_c(page_pref_signature), prefs->signature.s},
	    {str_c(page_pref_rows), page_u64(arena, prefs->rows)},
	    {str_c(page_pref_threads), page_pref_tick(prefs->conversations)},
	    {str_c(page_pref_previews), page_pref_tick(prefs->previews)},
	    {str_c(page_pref_plain), page_pref_tick(prefs->prefer_plain)},
	    {str_c(page_pref_write), str_c(page_write_name(prefs->write))},
	    {str_c(page_pref_place),
	        prefs->signature_last ? STR("last") : STR("first")},
	    {str_c(page_pref_after), str_c(page_after_name(prefs->after))},
	    {str_c(page_pref_undo),
	        page_u64(arena, (uint64_t)prefs->undo_send_ms / 1000)},
	    {str_c(page_pref_kept), page_pref_tick(prefs->server_keeps_sent)},
	    {str_c(page_pref_refresh), page_u64(arena, prefs->refresh_minutes)},
	    {str_c(page_pref_notify), str_c(page_notify_name(prefs->notify))},
	    {str_c(page_pref_keys), page_pref_tick(prefs->has_keys)},
	};

	memcpy(out, all, sizeof(all));
}

enum err_code
page_prefs_set(
    struct request *req, const struct page_prefs *prefs, struct err *err)
{
	struct store_pref all[PAGE_PREF_COUNT];
	enum err_code rc = ERR_OK;

	page_prefs_write(req->arena, prefs, all);
	for (size_t i = 0; rc == ERR_OK && i < PAGE_PREF_COUNT; i++)
		rc = store_pref_set(req->app->store, req->session->account,
		    all[i].name, all[i].content, err);
	return rc;
}

const struct config_site *
page_mail_site(const struct request *req)
{
	return config_mail_site(req->cfg, req->site, req->session->login);
}

struct str
page_domain(const struct request *req)
{
	const struct config_site *mail = page_mail_site(req);

	/* A [Domain] without a DefaultDomain of its own has the global one. */
	if (mail != req->site &&
	    str_eq(mail->default_domain, req->site->default_domain))
		return mail->host;
	return mail->default_domain;
}

struct text
page_own_address(struct request *req)
{
	struct str parts[3] = {req->session->login, STR("@"), page_domain(req)};

	if (str_find_byte(parts[0], '@', 0) < parts[0].len || parts[2].len == 0)
		return text_line(req->arena, parts[0]);
	return text_line(req->arena, str_join(req->arena, parts, 3));
}
