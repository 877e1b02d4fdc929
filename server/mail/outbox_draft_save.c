/*
 * A composition goes into Drafts. Files that the copy there has already do not
 * travel again where the server can put messages together (CATENATE).
 */
#include "base/limits.h"
#include "mail/outbox_inside.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/store_draft.h"

/* Without CATENATE, autosaving sends no more than this again and again. */
#define DRAFT_FILES_BYTES ((uint64_t)1 << 20)
/* The text is part 1 of multipart/mixed, the files follow. */
#define DRAFT_FIRST_FILE 2u

struct draft_save {
	struct mail *mail;
	struct outbox_item *item;
	struct text folder;
	struct mail_uids old; /* the copies there */
	uint32_t validity;
	struct store_draft before, now;
	bool can_catenate;
	/* For each file its part in the copy, or 0; and where it belongs. */
	uint32_t *parts;
	uint64_t *places;
	size_t kept; /* how many need not travel */
};

static enum err_code
draft_no_memory(struct err *err)
{
	return err_set(
	    err, ERR_NO_MEMORY, "The server is out of memory.", "draft_save");
}

/* The ids of the files in their order; empty: their parts are not known. */
static struct str
draft_files(const struct mime_draft *draft, struct arena *arena)
{
	struct buf ids;

	buf_init_arena(&ids, arena, LIMIT_ATTACHMENTS * 64);
	for (size_t i = 0; i < draft->file_count; i++) {
		/* A picture of the text is no part of its own. */
		if (draft->files[i].content_id.len > 0)
			return STR("");
		if (i > 0)
			buf_add_byte(&ids, ' ');
		buf_add(&ids, outbox_file_id(&draft->files[i]));
	}
	return buf_str(&ids);
}

static bool
draft_is_there(const struct draft_save *save)
{
	if (save->before.uid == 0 ||
	    save->before.uid_validity != save->validity)
		return false;
	for (size_t i = 0; i < save->old.count; i++)
		if (save->old.list[i] == save->before.uid)
			return true;
	return false;
}

/* Nothing to do: this very version is there, and no other copy. */
static bool
draft_is_current(const struct draft_save *save)
{
	return draft_is_there(save) && save->old.count == 1 &&
	       save->now.version > 0 &&
	       save->before.version == save->now.version &&
	       str_eq(save->before.files, save->now.files);
}

/* Which part of the copy has this file; 0: none. */
static uint32_t
draft_part_of(const struct draft_save *save, struct str id)
{
	struct str rest = save->before.files;

	for (uint32_t part = DRAFT_FIRST_FILE; rest.len > 0; part++)
		if (str_eq(str_cut(&rest, ' '), id))
			return part;
	return 0;
}

static bool
draft_file_is_message(const struct mime_draft_file *file)
{
	return file->is_message ||
	       str_starts_nocase(file->type, STR("message/"));
}

/* Leaves out what the copy has; false without memory. */
static bool
draft_leave_out(struct draft_save *save)
{
	struct mime_draft *draft = save->item->draft;
	struct arena *arena = save->mail->arena;

	save->kept = 0;
	save->parts = ARENA_ARRAY(arena, draft->file_count + 1, uint32_t);
	save->places = ARENA_ARRAY(arena, draft->file_count + 1, uint64_t);
	if (save->parts == NULL || save->places == NULL)
		return false;
	if (!save->can_catenate || !draft_is_there(save) ||
	    save->now.files.len == 0)
		return true;
	for (size_t i = 0; i < draft->file_count; i++) {
		struct mime_draft_file *file = &draft->files[i];

		save->parts[i] = draft_part_of(save, outbox_file_id(file));
		if (save->parts[i] == 0 || draft_file_is_message(file)) {
			save->parts[i] = 0;
			continue;
		}
		file->left_out_at = &save->places[i];
		save->kept++;
	}
	return true;
}

/* New text, a part that is there (its header, then its contents), … */
static struct mail_piece *
draft_pieces(
    const struct draft_save *save, int fd, uint64_t bytes, size_t *out_count)
{
	struct arena *arena = save->mail->arena;
	struct mail_piece *pieces =
	    ARENA_ARRAY(arena, save->kept * 3 + 1, struct mail_piece);
	uint64_t at = 0;
	size_t count = 0;

	for (size_t i = 0; pieces != NULL && i < save->item->draft->file_count;
	     i++) {
		if (save->parts[i] == 0)
			continue;
		pieces[count++] = (struct mail_piece){
		    .fd = fd, .offset = at, .bytes = save->places[i] - at};
		at = save->places[i];
		pieces[count++] = (struct mail_piece){.fd = -1,
		    .uid = save->before.uid,
		    .section = str_printf(arena, "%u.MIME", save->parts[i])};
		pieces[count++] = (struct mail_piece){.fd = -1,
		    .uid = save->before.uid,
		    .section = str_printf(arena, "%u", save->parts[i])};
	}
	if (pieces != NULL)
		pieces[count++] = (struct mail_piece){
		    .fd = fd, .offset = at, .bytes = bytes - at};
	*out_count = count;
	return pieces;
}

static enum err_code
draft_append(struct draft_save *save, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	struct mime_built built = {0};
	struct mail_piece *pieces;
	size_t count = 0;
	enum err_code rc = file_open_spool(save->item->spool_folder, &fd, err);

	if (rc == ERR_OK)
		rc =
		    outbox_build(save->mail, save->item, fd, true, &built, err);
	if (rc != ERR_OK)
		return rc;
	if (save->kept == 0)
		return mail_append(save->mail, save->folder,
		    MAIL_DRAFT | MAIL_SEEN, fd, built.bytes, &save->now.uid,
		    err);
	pieces = draft_pieces(save, fd, built.bytes, &count);
	if (pieces == NULL)
		return draft_no_memory(err);
	return mail_append_pieces(save->mail, save->folder, save->validity,
	    MAIL_DRAFT | MAIL_SEEN, pieces, count, &save->now.uid, err);
}

/* The copy may be gone just now: then all of it travels. */
static enum err_code
draft_append_all(struct draft_save *save, struct err *err)
{
	enum err_code rc;

	if (!draft_leave_out(save))
		return draft_no_memory(err);
	rc = draft_append(save, err);
	if (rc != ERR_MAIL || save->kept == 0)
		return rc;
	for (size_t i = 0; i < save->item->draft->file_count; i++)
		save->item->draft->files[i].left_out_at = NULL;
	save->kept = 0;
	return draft_append(save, err);
}

/* Would saving by itself send much of what is there already? */
static bool
draft_is_dear(const struct draft_save *save)
{
	uint64_t bytes = 0;

	if (!save->item->is_by_itself || save->can_catenate)
		return false;
	for (size_t i = 0; i < save->item->draft->file_count; i++)
		bytes += save->item->draft->files[i].bytes;
	return bytes > DRAFT_FILES_BYTES;
}

static enum err_code
draft_look(struct draft_save *save, struct err *err)
{
	struct outbox_item *item = save->item;
	bool can_expunge = false;
	enum err_code rc = store_draft_find(item->store, item->account,
	    item->compose_id, save->mail->arena, &save->before, err);

	if (rc == ERR_OK)
		rc = outbox_find_drafts(save->mail, item->compose_id,
		    &save->folder, &save->old, &save->validity, err);
	if (rc == ERR_OK)
		rc = mail_can(
		    save->mail, &save->can_catenate, &can_expunge, err);
	save->now = (struct store_draft){.saved_s = clock_now_s(),
	    .version = item->draft->version,
	    .uid_validity = save->validity,
	    .files = draft_files(item->draft, save->mail->arena)};
	return rc;
}

enum err_code
outbox_save_draft(struct mail *mail, struct outbox_item *item, struct err *err)
{
	struct draft_save save = {.mail = mail, .item = item};
	enum err_code rc = draft_look(&save, err);

	item->draft->compose_id = item->compose_id;
	item->draft->is_draft = true;
	if (rc != ERR_OK || draft_is_current(&save) || draft_is_dear(&save))
		return rc;
	rc = draft_append_all(&save, err);
	if (rc != ERR_OK)
		return rc;
	/* It is saved; older copies are looked for again next time. */
	err_ignore(store_draft_note(
	    item->store, item->account, item->compose_id, &save.now, NULL));
	if (save.old.count > 0)
		err_ignore(outbox_remove_drafts(
		    mail, save.folder, save.validity, save.old, NULL));
	return ERR_OK;
}
