#include "base/codec.h"
#include "base/scan.h"
#include "os/clock.h"
#include "page/page.h"
#include "page/page_inside.h"

static const char act_purpose[] = "undo";

/* "from LF to LF validity,time LF uid,uid,…", sealed for this session. */
struct str
act_seal_undo(struct request *req, const struct act_undo *undo)
{
	struct buf plain;
	struct buf token;
	struct str sealed;

	buf_init_arena(&plain, req->arena, LIMIT_HEADER_BYTES);
	buf_init_arena(&token, req->arena, LIMIT_HEADER_BYTES * 2);
	buf_add(&plain, undo->from.s);
	buf_add_byte(&plain, '\n');
	buf_add(&plain, undo->to.s);
	buf_addf(&plain, "\n%u,%lld\n", undo->uid_validity,
	    (long long)clock_now_s());
	for (size_t i = 0; i < undo->uids.count; i++)
		buf_addf(&plain, "%s%u", i == 0 ? "" : ",", undo->uids.list[i]);
	/* An address that is too long would be refused by browsers. */
	if (plain.failed != ERR_OK || plain.len > LIMIT_QUERY_BYTES / 2 ||
	    session_seal(req->app->sessions, req, act_purpose, true, STR(""),
	        buf_str(&plain), &sealed, NULL) != ERR_OK)
		return str_of(NULL, 0);
	codec_base64url_encode(&token, sealed);
	return buf_str(&token);
}

static enum err_code
act_undo_parse(struct str plain, struct arena *arena, struct act_undo *out,
    struct err *err)
{
	struct scan scan;
	uint64_t number = 0;
	uint32_t *uids = ARENA_ARRAY(arena, LIMIT_LIST_ROWS, uint32_t);

	out->from = text_from(arena, str_cut(&plain, '\n'));
	out->to = text_from(arena, str_cut(&plain, '\n'));
	scan = scan_of(plain);
	if (uids == NULL || !scan_u64(&scan, UINT32_MAX, &number))
		return err_set(
		    err, ERR_INTERNAL, "This cannot be undone.", "undo token");
	out->uid_validity = (uint32_t)number;
	(void)scan_byte(&scan, ',');
	if (!scan_u64(&scan, INT64_MAX, &number))
		return err_set(
		    err, ERR_INTERNAL, "This cannot be undone.", "undo token");
	out->made_s = (int64_t)number;
	(void)scan_byte(&scan, '\n');
	while (out->uids.count < LIMIT_LIST_ROWS &&
	       scan_u64(&scan, UINT32_MAX, &number)) {
		uids[out->uids.count++] = (uint32_t)number;
		(void)scan_byte(&scan, ',');
	}
	out->uids.list = uids;
	if (out->uids.count == 0)
		return err_set(
		    err, ERR_INTERNAL, "This cannot be undone.", "undo token");
	return ERR_OK;
}

enum err_code
act_unseal_undo(struct request *req, struct str token, struct act_undo *out,
    struct err *err)
{
	struct buf bytes;
	struct str plain;
	enum err_code rc;

	*out = (struct act_undo){0};
	buf_init_arena(&bytes, req->arena, LIMIT_HEADER_BYTES * 2);
	rc = codec_base64url_decode(&bytes, token, err);
	if (rc == ERR_OK)
		rc = session_unseal(req->app->sessions, req, act_purpose, true,
		    STR(""), buf_str(&bytes), &plain, err);
	return rc == ERR_OK ? act_undo_parse(plain, req->arena, out, err) : rc;
}

/* Junk is a folder and, for filters that learn, a keyword. */
void
act_mark_junk(struct mail *mail, struct text folder, uint32_t uid_validity,
    struct mail_uids uids, bool is_junk)
{
	/* Servers without such keywords still move. */
	err_ignore(mail_store_flags(mail, folder, uid_validity, uids,
	    is_junk ? MAIL_JUNK_MARK : MAIL_NOT_JUNK_MARK, true, NULL));
	err_ignore(mail_store_flags(mail, folder, uid_validity, uids,
	    is_junk ? MAIL_NOT_JUNK_MARK : MAIL_JUNK_MARK, false, NULL));
}

static bool
act_is_special(struct mail *mail, const struct mail_folders *folders,
    enum mail_special special, struct text name)
{
	const struct mail_folder *folder =
	    mail_special_find(mail, folders, special);

	return folder != NULL && str_eq(folder->name.s, name.s);
}

/* What went to or from junk was marked so, too. */
static enum err_code
act_undo_junk(struct mail *mail, const struct act_undo *undo, struct err *err)
{
	struct mail_folders folders;
	enum err_code rc = mail_folders(mail, &folders, err);

	if (rc != ERR_OK)
		return rc;
	if (act_is_special(mail, &folders, MAIL_JUNK, undo->from))
		act_mark_junk(
		    mail, undo->from, undo->uid_validity, undo->uids, false);
	else if (act_is_special(mail, &folders, MAIL_JUNK, undo->to))
		act_mark_junk(
		    mail, undo->from, undo->uid_validity, undo->uids, true);
	return ERR_OK;
}

enum err_code
act_undo_run(struct request *req, struct str token, struct mail_uids *out_uids,
    struct err *err)
{
	struct mail mail = page_mail(req);
	struct act_undo undo;
	enum err_code rc = act_unseal_undo(req, token, &undo, err);

	if (rc != ERR_OK)
		return err_set(err, rc,
		    "This can no longer be undone: the session has changed. "
		    "The messages are in the folder they were moved to.",
		    NULL);
	*out_uids = undo.uids;
	rc = act_undo_junk(&mail, &undo, err);
	if (rc != ERR_OK)
		return rc;
	return mail_move(&mail, undo.from, undo.uid_validity, undo.uids,
	    undo.to, NULL, NULL, err);
}
