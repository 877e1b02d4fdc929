#include "base/codec.h"
#include "mail/outbox.h"
#include "mail/smtp.h"
#include "mail/outbox_inside.h"
#include "os/fault.h"
#include "os/file.h"

/* The one chunk in memory, of whichever file is being read. */
struct outbox_window {
	struct arena *arena;
	const struct outbox_file *file; /* NULL: nothing is loaded */
	uint32_t chunk_number;
	struct str chunk;
};

/* A stored attachment; reads through the window of the build at work. */
struct outbox_file {
	struct store *store;
	struct str id;
	struct outbox_window *window; /* NULL: no build is at work */
};

static enum err_code
outbox_load(const struct outbox_file *file, struct outbox_window *window,
    uint32_t number)
{
	enum err_code rc;

	if (window->file == file && window->chunk_number == number)
		return ERR_OK;
	arena_reset(window->arena);
	rc = store_attachment_read(
	    file->store, file->id, number, window->arena, &window->chunk, NULL);
	window->file = rc == ERR_OK ? file : NULL;
	window->chunk_number = number;
	return rc;
}

static int64_t
outbox_file_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	struct outbox_file *file = ctx;
	struct outbox_window *window = file->window;
	uint64_t number = offset / OUTBOX_CHUNK_BYTES;
	size_t at = (size_t)(offset % OUTBOX_CHUNK_BYTES);
	enum err_code rc;

	if (window == NULL || number > UINT32_MAX)
		return -1;
	rc = outbox_load(file, window, (uint32_t)number);
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (rc != ERR_OK)
		return -1;
	if (at >= window->chunk.len)
		return 0;
	if (len > window->chunk.len - at)
		len = window->chunk.len - at;
	memcpy(buf, window->chunk.ptr + at, len);
	return (int64_t)len;
}

/* Of a file that the formatted text shows; else empty. */
static struct str
outbox_content_id(
    const struct mime_draft *draft, struct arena *arena, struct str id)
{
	const struct str parts[3] = {STR("cid:"), id, STR(OUTBOX_CID_DOMAIN)};
	struct str address = str_join(arena, parts, 3);

	if (draft->html.len == 0 || address.ptr == NULL ||
	    str_find(draft->html, address, 0) == draft->html.len)
		return STR("");
	return str_slice(address, 4, address.len);
}

enum err_code
outbox_open_files(
    struct outbox_item *item, struct arena *arena, struct err *err)
{
	struct store_attachment *stored = NULL;
	struct mime_draft_file *files;
	size_t count = 0;
	enum err_code rc = store_attachment_list(item->store, item->account,
	    item->compose_id, arena, &stored, &count, err);

	if (rc != ERR_OK)
		return rc;
	files = ARENA_ARRAY(arena, count, struct mime_draft_file);
	for (size_t i = 0; files != NULL && i < count; i++) {
		struct outbox_file *file = ARENA_NEW(arena, struct outbox_file);

		if (file == NULL)
			break;
		file->store = item->store;
		file->id = stored[i].id;
		files[i].name = text_line(arena, stored[i].name);
		files[i].type = stored[i].type;
		files[i].bytes = stored[i].bytes;
		files[i].read = outbox_file_read;
		files[i].ctx = file;
		files[i].content_id =
		    outbox_content_id(item->draft, arena, stored[i].id);
	}
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "outbox_open_files");
	item->draft->files = files;
	item->draft->file_count = count;
	return ERR_OK;
}

struct str
outbox_file_id(const struct mime_draft_file *file)
{
	const struct outbox_file *own = file->ctx;

	return own->id;
}

static void
outbox_set_window(struct outbox_item *item, struct outbox_window *window)
{
	for (size_t i = 0; i < item->draft->file_count; i++) {
		struct outbox_file *file = item->draft->files[i].ctx;

		file->window = window;
	}
}

char *
outbox_path(const char *spool_folder, struct str file, struct arena *arena)
{
	struct str path =
	    str_printf(arena, "%s/%.*s", spool_folder, STR_ARG(file));

	return path.ptr == NULL ? NULL : str_dup_c(arena, path);
}

void
outbox_remove_file(
    const char *spool_folder, struct str file, struct arena *arena)
{
	char *path = outbox_path(spool_folder, file, arena);

	if (path != NULL)
		err_ignore(file_remove(path, NULL));
}

enum err_code
outbox_build(struct mail *mail, struct outbox_item *item, int fd,
    bool write_bcc, struct mime_built *out, struct err *err)
{
	const struct config *cfg =
	    mail_server_config(account_server(mail->account));
	struct outbox_window window = {
	    .arena = arena_new(OUTBOX_CHUNK_BYTES * 4)};
	enum err_code rc;

	if (window.arena == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "outbox_build");
	outbox_set_window(item, &window);
	item->draft->write_bcc = write_bcc;
	rc = mime_build(item->draft, fd, cfg->max_message_bytes, out, err);
	outbox_set_window(item, NULL);
	arena_free(window.arena);
	return rc;
}

/* The id and eight letters: a new name for each building. */
static struct str
outbox_file_name(struct str compose_id, struct arena *arena)
{
	unsigned char bytes[4];
	struct buf name;

	secret_fill_random(bytes, sizeof(bytes));
	buf_init_arena(&name, arena, 100);
	buf_add(&name, compose_id);
	buf_add_byte(&name, '.');
	codec_hex_encode(&name, str_of((const char *)bytes, sizeof(bytes)));
	buf_add_c(&name, ".eml");
	return buf_str(&name);
}

enum err_code
outbox_spool(struct mail *mail, const struct outbox_item *item,
    outbox_write_fn *write, void *ctx, struct outbox_spooled *out,
    struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	const struct config *cfg =
	    mail_server_config(account_server(mail->account));
	struct str file = outbox_file_name(item->compose_id, mail->arena);
	char *path = outbox_path(item->spool_folder, file, mail->arena);
	struct mime_built built = {0};
	enum err_code rc;

	if (path == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "outbox_spool");
	rc = file_create(path, 0600, &fd, err);
	fault_point("spool.created");
	if (rc == ERR_OK)
		rc = write(ctx, fd, cfg->max_message_bytes, &built, err);
	if (rc == ERR_OK)
		rc = file_sync_folder(path, err);
	fault_point("spool.built");
	if (rc != ERR_OK) {
		outbox_remove_file(item->spool_folder, file, mail->arena);
		return rc;
	}
	*out = (struct outbox_spooled){.file = file,
	    .head_bytes = built.head_bytes,
	    .message_bytes = built.bytes - built.head_bytes,
	    .is_8bit = built.is_8bit,
	    .is_utf8 = built.needs_utf8};
	return ERR_OK;
}

/* One building, for outbox_spool. */
struct outbox_building {
	struct mail *mail;
	struct outbox_item *item;
};

static enum err_code
outbox_write_draft(void *ctx, int fd, uint64_t max_bytes,
    struct mime_built *out, struct err *err)
{
	const struct outbox_building *building = ctx;
	enum err_code rc;

	(void)max_bytes;
	rc = outbox_build(building->mail, building->item, fd, true, out, err);
	return rc == ERR_OK ? file_sync(fd, err) : rc;
}

bool
outbox_takes_8bit(struct mail *mail)
{
	return smtp_takes_8bit(
	    account_server(mail->account), &mail->wait, mail->arena);
}

/* All else is encoded. */
static bool
outbox_has_message(const struct mime_draft *draft)
{
	for (size_t i = 0; i < draft->file_count; i++)
		if (draft->files[i].is_message ||
		    str_eq_nocase(draft->files[i].type, STR("message/rfc822")))
			return true;
	return false;
}

enum err_code
outbox_build_spool(struct mail *mail, struct outbox_item *item,
    struct outbox_spooled *out, struct err *err)
{
	struct outbox_building building = {mail, item};

	item->draft->compose_id = str_of(NULL, 0);
	item->draft->is_7bit_only =
	    outbox_has_message(item->draft) && !outbox_takes_8bit(mail);
	return outbox_spool(
	    mail, item, outbox_write_draft, &building, out, err);
}
