#include "page/page_identity.h"

/* Settings that the login's own identity has beside name and signature. */
static const char pref_default[] = "identity";
static const char pref_reply_to[] = "identity_reply_to";
static const char pref_bcc[] = "identity_bcc";
static const char pref_organization[] = "identity_organization";
static const char pref_signature_html[] = "signature_html";

/* ---- reading ---- */
static enum err_code
identity_pref(
    struct request *req, const char *name, struct text *out, struct err *err)
{
	struct str content = STR("");
	enum err_code rc = store_pref_get(req->app->store,
	    req->session->account, str_c(name), req->arena, &content, err);

	*out = text_line(req->arena, content);
	return rc;
}

static enum err_code
identity_own(struct request *req, struct page_identity *out, struct err *err)
{
	struct page_prefs prefs = {0};
	enum err_code rc = page_prefs_get(req, &prefs, err);

	*out = (struct page_identity){
	    .id = STR(IDENTITY_OWN), .is_own = true, .is_verified = true};
	out->name = prefs.name;
	out->signature = prefs.signature;
	out->address = page_own_address(req);
	if (rc == ERR_OK)
		rc = identity_pref(req, pref_reply_to, &out->reply_to, err);
	if (rc == ERR_OK)
		rc = identity_pref(req, pref_bcc, &out->bcc, err);
	if (rc == ERR_OK)
		rc = identity_pref(
		    req, pref_organization, &out->organization, err);
	if (rc == ERR_OK)
		rc = store_pref_get(req->app->store, req->session->account,
		    str_c(pref_signature_html), req->arena,
		    &out->signature_html, err);
	return rc;
}

static struct page_identity
identity_of(struct arena *arena, const struct store_identity *row)
{
	return (struct page_identity){
	    .id = row->id,
	    .name = text_line(arena, row->name),
	    .address = text_line(arena, row->address),
	    .reply_to = text_line(arena, row->reply_to),
	    .bcc = text_line(arena, row->bcc),
	    .organization = text_line(arena, row->organization),
	    .signature = text_from(arena, row->signature),
	    .signature_html = row->signature_html,
	    .is_verified = row->is_verified,
	};
}

enum err_code
page_identity_list(struct request *req, struct page_identity **out,
    size_t *out_count, struct err *err)
{
	struct store_identity *rows = NULL;
	struct page_identity *list;
	struct text chosen = {{NULL, 0}};
	size_t count = 0;
	size_t is_default = 0;
	enum err_code rc = store_identity_list(req->app->store,
	    req->session->account, req->arena, &rows, &count, err);

	*out_count = 0;
	if (rc == ERR_OK)
		rc = identity_pref(req, pref_default, &chosen, err);
	if (rc != ERR_OK)
		return rc;
	list = ARENA_ARRAY(req->arena, count + 1, struct page_identity);
	if (list == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_identity_list");
	rc = identity_own(req, &list[0], err);
	for (size_t i = 0; i < count; i++) {
		list[i + 1] = identity_of(req->arena, &rows[i]);
		if (str_eq(rows[i].id, chosen.s))
			is_default = i + 1;
	}
	list[is_default].is_default = true;
	*out = list;
	*out_count = count + 1;
	return rc;
}

/* ---- addresses with a tag ---- */
/* "anna+shop@x": *out_base "anna", *out_tag "shop", *out_domain "x". */
static void
identity_split(struct str address, struct str *out_base, struct str *out_tag,
    struct str *out_domain)
{
	struct str local = address;
	size_t at = str_find_byte(address, '@', 0);

	local = str_slice(address, 0, at);
	*out_domain = str_slice(address, at + 1, address.len);
	*out_base = str_cut(&local, '+');
	*out_tag = local;
}

/* What may stand in an address without quotes (RFC 5322, 3.2.3). */
static bool
identity_tag_is_fine(struct str tag)
{
	for (size_t i = 0; i < tag.len; i++) {
		char c = tag.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (c >= '0' && c <= '9') || c == '-' || c == '_' ||
		        (c == '.' && i > 0 && i + 1 < tag.len &&
		            tag.ptr[i - 1] != '.')))
			return false;
	}
	return tag.len > 0 && tag.len <= 40;
}

bool
page_identity_matches(struct str own, struct str address, struct str *out_tag)
{
	struct str base;
	struct str tag;
	struct str domain;
	size_t at = str_find_byte(own, '@', 0);

	*out_tag = STR("");
	if (str_eq_nocase(own, address))
		return true;
	identity_split(address, &base, &tag, &domain);
	*out_tag = tag;
	return identity_tag_is_fine(tag) &&
	       str_eq_nocase(base, str_slice(own, 0, at)) &&
	       str_eq_nocase(domain, str_slice(own, at + 1, own.len));
}

bool
page_identity_is_own(
    const struct page_identity *list, size_t count, struct str address)
{
	struct str tag;

	for (size_t i = 0; i < count; i++)
		if (page_identity_matches(list[i].address.s, address, &tag))
			return true;
	return false;
}

/* ---- choosing ---- */
static void
identity_add_tag(struct arena *arena, struct page_identity *one, struct str tag)
{
	struct str own = one->address.s;
	size_t at = str_find_byte(own, '@', 0);
	struct str parts[4] = {
	    str_slice(own, 0, at), STR("+"), tag, str_slice(own, at, own.len)};

	if (identity_tag_is_fine(tag) && at < own.len &&
	    str_find_byte(parts[0], '+', 0) == parts[0].len)
		one->address = text_line(arena, str_join(arena, parts, 4));
}

enum err_code
page_identity_get(struct request *req, struct str chosen,
    struct page_identity *out, struct err *err)
{
	struct page_identity *list = NULL;
	struct str tag = chosen;
	struct str id = str_cut(&tag, '+');
	size_t count = 0;
	enum err_code rc = page_identity_list(req, &list, &count, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < count; i++)
		if (list[i].is_default)
			*out = list[i];
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(list[i].id, id))
			continue;
		*out = list[i];
		identity_add_tag(req->arena, out, tag);
	}
	return ERR_OK;
}

/* ---- settings ---- */
static enum err_code
identity_pref_set(
    struct request *req, const char *name, struct str value, struct err *err)
{
	return store_pref_set(
	    req->app->store, req->session->account, str_c(name), value, err);
}

enum err_code
page_identity_own_set(
    struct request *req, const struct page_identity *identity, struct err *err)
{
	struct page_prefs prefs = {0};
	enum err_code rc = page_prefs_get(req, &prefs, err);

	prefs.name = identity->name;
	prefs.signature = identity->signature;
	if (rc == ERR_OK)
		rc = page_prefs_set(req, &prefs, err);
	if (rc == ERR_OK)
		rc = identity_pref_set(
		    req, pref_reply_to, identity->reply_to.s, err);
	if (rc == ERR_OK)
		rc = identity_pref_set(req, pref_bcc, identity->bcc.s, err);
	if (rc == ERR_OK)
		rc = identity_pref_set(
		    req, pref_organization, identity->organization.s, err);
	if (rc == ERR_OK)
		rc = identity_pref_set(
		    req, pref_signature_html, identity->signature_html, err);
	return rc;
}

enum err_code
page_identity_default_set(struct request *req, struct str id, struct err *err)
{
	return identity_pref_set(req, pref_default, id, err);
}
