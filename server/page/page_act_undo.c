#include "base/codec.h"
#include "base/scan.h"
#include "base/secret.h"
#include "os/clock.h"
#include "page/page_act.h"
#include "store/store_undo.h"

static const char act_purpose[] = "undo";

/* In the database, at most. */
#define UNDO_KEPT_BYTES ((size_t)256 << 10)
#define UNDO_KEPT_S     (60 * 60)
/* Begins a token that is the name of a kept one. */
#define UNDO_KEPT_MARK '.'
/*
 * A page that is opened again later says no more what was done before it, and
 * offers nothing that somebody else may have done meanwhile.
 */
#define UNDO_FRESH_S (10 * 60)

/* "from LF to LF keyword LF flag,on,validity,time LF set" */
static struct str
undo_pack(struct request *req, const struct act_undo *undo)
{
	struct buf plain;

	buf_init_arena(&plain, req->arena, UNDO_KEPT_BYTES);
	buf_add(&plain, undo->from.s);
	buf_add_byte(&plain, '\n');
	buf_add(&plain, undo->to.s);
	buf_add_byte(&plain, '\n');
	buf_add(&plain, undo->keyword);
	buf_addf(&plain, "\n%u,%d,%u,%lld\n", undo->flag, undo->on ? 1 : 0,
	    (unsigned)undo->uid_validity, (long long)clock_now_s());
	buf_add(&plain, mail_set_text(req->arena, &undo->set));
	return plain.failed == ERR_OK ? buf_str(&plain) : str_of(NULL, 0);
}

/* The sealed bytes go into the database; the token is their name. */
static struct str
undo_keep(struct request *req, struct str sealed)
{
	unsigned char random[16];
	struct buf token;
	struct str name;
	int64_t now_s = clock_now_s();

	secret_fill_random(random, sizeof(random));
	buf_init_arena(&token, req->arena, 64);
	buf_add_byte(&token, UNDO_KEPT_MARK);
	codec_base64url_encode(
	    &token, str_of((const char *)random, sizeof(random)));
	name = buf_str(&token);
	if (store_undo_put(req->app->store, req->session->account,
	        str_slice(name, 1, name.len), sealed, now_s,
	        now_s + UNDO_KEPT_S, NULL) != ERR_OK)
		return str_of(NULL, 0);
	return name;
}

struct str
act_seal_undo(struct request *req, const struct act_undo *undo)
{
	struct str plain = undo_pack(req, undo);
	struct str sealed;
	struct buf token;

	if (plain.len == 0 || undo->set.total == 0 ||
	    session_seal(req->app->sessions, req, act_purpose, true, STR(""),
	        plain, &sealed, NULL) != ERR_OK)
		return str_of(NULL, 0);
	/* An address that is too long would be refused by browsers. */
	if (sealed.len > LIMIT_QUERY_BYTES / 4)
		return undo_keep(req, sealed);
	buf_init_arena(&token, req->arena, LIMIT_HEADER_BYTES);
	codec_base64url_encode(&token, sealed);
	return buf_str(&token);
}

static bool
undo_number(struct scan *scan, uint64_t max, uint64_t *out)
{
	(void)scan_byte(scan, ',');
	return scan_u64(scan, max, out);
}

static enum err_code
undo_parse(struct str plain, struct arena *arena, struct act_undo *out,
    struct err *err)
{
	struct scan scan;
	uint64_t flag = 0;
	uint64_t on = 0;
	uint64_t validity = 0;
	uint64_t made_s = 0;

	out->from = text_from(arena, str_cut(&plain, '\n'));
	out->to = text_from(arena, str_cut(&plain, '\n'));
	out->keyword = str_cut(&plain, '\n');
	scan = scan_of(str_cut(&plain, '\n'));
	if (!undo_number(&scan, UINT32_MAX, &flag) ||
	    !undo_number(&scan, 1, &on) ||
	    !undo_number(&scan, UINT32_MAX, &validity) ||
	    !undo_number(&scan, INT64_MAX, &made_s) ||
	    mail_set_parse(arena, plain, &out->set, NULL) != ERR_OK)
		return err_set(
		    err, ERR_INTERNAL, "This cannot be undone.", "undo token");
	out->flag = (unsigned)flag;
	out->on = on != 0;
	out->uid_validity = (uint32_t)validity;
	out->made_s = (int64_t)made_s;
	return ERR_OK;
}

static enum err_code
undo_sealed(
    struct request *req, struct str token, struct str *out, struct err *err)
{
	struct buf bytes;
	enum err_code rc;

	if (token.len > 0 && token.ptr[0] == UNDO_KEPT_MARK)
		return store_undo_get(req->app->store, req->session->account,
		    str_slice(token, 1, token.len), req->arena, out, err);
	buf_init_arena(&bytes, req->arena, LIMIT_HEADER_BYTES * 2);
	rc = codec_base64url_decode(&bytes, token, err);
	*out = buf_str(&bytes);
	return rc;
}

enum err_code
act_unseal_undo(struct request *req, struct str token, struct act_undo *out,
    struct err *err)
{
	struct str sealed;
	struct str plain;
	enum err_code rc = undo_sealed(req, token, &sealed, err);

	*out = (struct act_undo){0};
	if (rc == ERR_OK)
		rc = session_unseal(req->app->sessions, req, act_purpose, true,
		    STR(""), sealed, &plain, err);
	return rc == ERR_OK ? undo_parse(plain, req->arena, out, err) : rc;
}

/* Stands between tokens: none has it in it. */
#define UNDO_JOIN '~'

struct str
act_undo_next(struct str *rest)
{
	return str_cut(rest, UNDO_JOIN);
}

struct str
act_undo_join(struct request *req, const struct str *tokens, size_t count)
{
	struct buf all;

	buf_init_arena(&all, req->arena, LIMIT_QUERY_BYTES / 2);
	for (size_t i = 0; i < count; i++) {
		if (tokens[i].len == 0)
			return str_of(NULL, 0);
		if (i > 0)
			buf_add_byte(&all, UNDO_JOIN);
		buf_add(&all, tokens[i]);
	}
	return all.failed == ERR_OK ? buf_str(&all) : str_of(NULL, 0);
}

bool
act_undo_is_fresh(struct request *req, struct str token)
{
	struct act_undo undo;
	int64_t age_s;

	while (token.len > 0) {
		if (act_unseal_undo(req, act_undo_next(&token), &undo, NULL) !=
		    ERR_OK)
			return false;
		age_s = clock_now_s() - undo.made_s;
		if (age_s < 0 || age_s > UNDO_FRESH_S)
			return false;
	}
	return true;
}

struct str
act_undo_add(struct request *req, struct str token, const struct act_undo *more)
{
	struct act_undo before;
	struct act_undo both = *more;
	struct buf texts;

	if (token.len == 0)
		return act_seal_undo(req, more);
	if (act_unseal_undo(req, token, &before, NULL) != ERR_OK ||
	    before.uid_validity != more->uid_validity ||
	    !str_eq(before.from.s, more->from.s) ||
	    !str_eq(before.to.s, more->to.s))
		return str_of(NULL, 0);
	if (more->set.total == 0)
		return act_seal_undo(req, &before);
	buf_init_arena(&texts, req->arena, UNDO_KEPT_BYTES * 2);
	buf_add(&texts, mail_set_text(req->arena, &before.set));
	buf_add_byte(&texts, ',');
	buf_add(&texts, mail_set_text(req->arena, &more->set));
	if (texts.failed != ERR_OK ||
	    mail_set_parse(req->arena, buf_str(&texts), &both.set, NULL) !=
	        ERR_OK)
		return str_of(NULL, 0);
	return act_seal_undo(req, &both);
}

/* ---- taking back ---- */
static bool
undo_is_special(struct mail *mail, const struct mail_folders *folders,
    enum mail_special special, struct text name)
{
	const struct mail_folder *folder =
	    mail_special_find(mail, folders, special);

	return folder != NULL && str_eq(folder->name.s, name.s);
}

/* What went to or from junk was marked so, too. */
static enum err_code
undo_junk(struct mail *mail, const struct act_undo *undo, struct err *err)
{
	struct mail_folders folders;
	enum err_code rc = mail_folders(mail, &folders, err);

	if (rc != ERR_OK)
		return rc;
	if (undo_is_special(mail, &folders, MAIL_JUNK, undo->from))
		act_mark_junk(
		    mail, undo->from, undo->uid_validity, &undo->set, false);
	else if (undo_is_special(mail, &folders, MAIL_JUNK, undo->to))
		act_mark_junk(
		    mail, undo->from, undo->uid_validity, &undo->set, true);
	return ERR_OK;
}

enum err_code
act_undo_run(struct request *req, struct str token, struct act_undo *out,
    struct mail_set *out_rest, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_bulk bulk;
	enum err_code rc = act_unseal_undo(req, token, out, err);

	*out_rest = (struct mail_set){0};
	if (rc != ERR_OK)
		return err_set(err, rc,
		    "This can no longer be undone: the session has changed. "
		    "The messages are in the folder they were moved to.",
		    NULL);
	bulk = (struct mail_bulk){.what = MAIL_BULK_STORE,
	    .folder = out->from,
	    .uid_validity = out->uid_validity,
	    .set = out->set,
	    .flag = out->flag,
	    .keyword = out->keyword,
	    .on = !out->on};
	if (!text_is_empty(out->to)) {
		rc = undo_junk(&mail, out, err);
		if (rc != ERR_OK)
			return rc;
		bulk.what = MAIL_BULK_MOVE;
		bulk.to_folder = out->to;
	}
	rc = mail_bulk(&mail, &bulk, err);
	*out_rest = bulk.rest;
	return rc;
}
