#include "base/codec.h"
#include "base/scan.h"
#include "base/secret.h"
#include "os/clock.h"
#include "page/page_act.h"
#include "store/store_undo.h"

static const char act_purpose[] = "undo";

/* In the database, at most: some 100,000 messages that are not in a row. */
#define UNDO_KEPT_BYTES ((size_t)1 << 20)
#define UNDO_KEPT_S     (60 * 60)
/* Begins a token that is the name of a kept one. */
#define UNDO_KEPT_MARK '.'
/*
 * A page that is opened again later says no more what was done before it, and
 * offers nothing that somebody else may have done meanwhile.
 */
#define UNDO_FRESH_S (10 * 60)

/* ---- adding ---- */
static bool
undo_is_like(const struct act_undo *one, const struct act_undo *other)
{
	return one->kind == other->kind && one->flag == other->flag &&
	       one->on == other->on &&
	       one->uid_validity == other->uid_validity &&
	       one->to_validity == other->to_validity &&
	       str_eq(one->keyword, other->keyword) &&
	       str_eq(one->from.s, other->from.s) &&
	       str_eq(one->to.s, other->to.s);
}

void
act_undo_add(
    struct request *req, struct act_undos *undos, const struct act_undo *more)
{
	struct act_undo *bigger;

	if (more->set.total == 0 && more->originals.total == 0)
		return;
	for (size_t i = 0; i < undos->count; i++) {
		struct act_undo *at = &undos->list[i];

		if (!undo_is_like(at, more))
			continue;
		at->set = mail_set_joined(req->arena, &at->set, &more->set);
		at->originals = mail_set_joined(
		    req->arena, &at->originals, &more->originals);
		return;
	}
	bigger = arena_grow(req->arena, undos->list, undos->count,
	    &undos->capacity, sizeof(*bigger));
	if (bigger == NULL) {
		undos->is_lost = true;
		return;
	}
	undos->list = bigger;
	undos->list[undos->count++] = *more;
}

void
act_undo_add_token(
    struct request *req, struct act_undos *undos, struct str token)
{
	struct act_undos before;

	if (token.len == 0)
		return;
	if (act_undo_open(req, token, &before, NULL) != ERR_OK)
		undos->is_lost = true;
	for (size_t i = 0; i < before.count; i++)
		act_undo_add(req, undos, &before.list[i]);
}

/* ---- sealing ---- */
/*
 *   token = *record
 *   record = kind,flag,on,validity,to-validity,time LF from LF to LF keyword LF
 *            set LF originals LF
 */
static void
undo_pack(struct request *req, const struct act_undo *undo, struct buf *plain)
{
	buf_addf(plain, "%d,%u,%d,%u,%u,%lld\n", (int)undo->kind, undo->flag,
	    undo->on ? 1 : 0, (unsigned)undo->uid_validity,
	    (unsigned)undo->to_validity, (long long)clock_now_s());
	buf_add(plain, undo->from.s);
	buf_add_byte(plain, '\n');
	buf_add(plain, undo->to.s);
	buf_add_byte(plain, '\n');
	buf_add(plain, undo->keyword);
	buf_add_byte(plain, '\n');
	buf_add(plain, mail_set_text(req->arena, &undo->set));
	buf_add_byte(plain, '\n');
	buf_add(plain, mail_set_text(req->arena, &undo->originals));
	buf_add_byte(plain, '\n');
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
act_undo_seal(struct request *req, const struct act_undos *undos)
{
	struct buf plain;
	struct str sealed;
	struct buf token;

	if (undos->is_lost || undos->count == 0)
		return str_of(NULL, 0);
	buf_init_arena(&plain, req->arena, UNDO_KEPT_BYTES);
	for (size_t i = 0; i < undos->count; i++)
		undo_pack(req, &undos->list[i], &plain);
	if (plain.failed != ERR_OK || arena_failed(req->arena) ||
	    session_seal(req->app->sessions, req, act_purpose, true, STR(""),
	        buf_str(&plain), &sealed, NULL) != ERR_OK)
		return str_of(NULL, 0);
	/* An address that is too long would be refused by browsers. */
	if (sealed.len > LIMIT_QUERY_BYTES / 4)
		return undo_keep(req, sealed);
	buf_init_arena(&token, req->arena, LIMIT_HEADER_BYTES);
	codec_base64url_encode(&token, sealed);
	return buf_str(&token);
}

/* ---- opening ---- */
static bool
undo_numbers(struct str line, uint64_t *out, size_t count)
{
	struct scan scan = scan_of(line);

	for (size_t i = 0; i < count; i++)
		if ((i > 0 && !scan_byte(&scan, ',')) ||
		    !scan_u64(&scan, INT64_MAX, &out[i]))
			return false;
	return scan_end(&scan) && out[0] <= ACT_UNDO_RESTORE &&
	       out[1] <= UINT32_MAX && out[3] <= UINT32_MAX &&
	       out[4] <= UINT32_MAX;
}

static bool
undo_set(struct arena *arena, struct str text, struct mail_set *out)
{
	*out = (struct mail_set){0};
	return text.len == 0 ||
	       mail_set_parse(arena, text, out, NULL) == ERR_OK;
}

static bool
undo_parse(struct arena *arena, struct str *rest, struct act_undo *out)
{
	uint64_t numbers[6] = {0};
	bool is_good = undo_numbers(str_cut(rest, '\n'), numbers, 6);

	*out = (struct act_undo){.kind = (enum act_undo_kind)numbers[0],
	    .flag = (unsigned)numbers[1],
	    .on = numbers[2] != 0,
	    .uid_validity = (uint32_t)numbers[3],
	    .to_validity = (uint32_t)numbers[4],
	    .made_s = (int64_t)numbers[5]};
	out->from = text_from(arena, str_cut(rest, '\n'));
	out->to = text_from(arena, str_cut(rest, '\n'));
	out->keyword = str_cut(rest, '\n');
	return is_good && undo_set(arena, str_cut(rest, '\n'), &out->set) &&
	       undo_set(arena, str_cut(rest, '\n'), &out->originals) &&
	       out->set.total > 0;
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
act_undo_open(struct request *req, struct str token, struct act_undos *out,
    struct err *err)
{
	struct str sealed;
	struct str plain;
	enum err_code rc = undo_sealed(req, token, &sealed, err);

	*out = (struct act_undos){0};
	if (rc == ERR_OK)
		rc = session_unseal(req->app->sessions, req, act_purpose, true,
		    STR(""), sealed, &plain, err);
	while (rc == ERR_OK && plain.len > 0) {
		struct act_undo one;

		if (!undo_parse(req->arena, &plain, &one) ||
		    arena_failed(req->arena))
			rc = err_set(err, ERR_INTERNAL,
			    "This cannot be undone.", "undo token");
		else
			act_undo_add(req, out, &one);
	}
	if (rc == ERR_OK && (out->count == 0 || out->is_lost))
		rc = err_set(
		    err, ERR_INTERNAL, "This cannot be undone.", "undo token");
	return rc;
}

bool
act_undo_is_fresh(struct request *req, struct str token)
{
	struct act_undos undos;

	if (act_undo_open(req, token, &undos, NULL) != ERR_OK)
		return false;
	for (size_t i = 0; i < undos.count; i++) {
		int64_t age_s = clock_now_s() - undos.list[i].made_s;

		if (age_s < 0 || age_s > UNDO_FRESH_S)
			return false;
	}
	return true;
}
