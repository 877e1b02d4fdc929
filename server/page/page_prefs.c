#include "base/codec.h"
#include "base/num.h"
#include "page/page.h"

#define PAGE_ROWS_DEFAULT 50

static const char page_pref_name[] = "name";
static const char page_pref_signature[] = "signature";
static const char page_pref_rows[] = "rows";
static const char page_pref_plain[] = "prefer_plain";

static enum err_code
page_pref(
    struct request *req, const char *name, struct str *out, struct err *err)
{
	return store_pref_get(req->app->store, req->session->account,
	    str_c(name), req->arena, out, err);
}

enum err_code
page_prefs_get(struct request *req, struct page_prefs *out, struct err *err)
{
	struct str name = {0};
	struct str signature = {0};
	struct str rows = {0};
	struct str plain = {0};
	enum err_code rc = page_pref(req, page_pref_name, &name, err);

	if (rc == ERR_OK)
		rc = page_pref(req, page_pref_signature, &signature, err);
	if (rc == ERR_OK)
		rc = page_pref(req, page_pref_rows, &rows, err);
	if (rc == ERR_OK)
		rc = page_pref(req, page_pref_plain, &plain, err);
	if (rc != ERR_OK)
		return rc;
	out->name = text_line(req->arena, name);
	out->signature = text_from(req->arena, signature);
	out->prefer_plain = str_eq(plain, STR("1"));
	if (num_u32(rows, 10, LIMIT_LIST_ROWS, &out->rows, NULL) != ERR_OK)
		out->rows = PAGE_ROWS_DEFAULT;
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
page_prefs_set(
    struct request *req, const struct page_prefs *prefs, struct err *err)
{
	enum err_code rc =
	    page_pref_set(req, page_pref_name, prefs->name.s, err);

	if (rc == ERR_OK)
		rc = page_pref_set(
		    req, page_pref_signature, prefs->signature.s, err);
	if (rc == ERR_OK)
		rc = page_pref_set(req, page_pref_rows,
		    page_u64(req->arena, prefs->rows), err);
	if (rc == ERR_OK)
		rc = page_pref_set(req, page_pref_plain,
		    prefs->prefer_plain ? STR("1") : STR("0"), err);
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
