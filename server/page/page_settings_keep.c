/*
 * What the settings keep for an hour, sealed for this session: the way back,
 * and a file that was looked at and not imported yet.
 */
#include "base/codec.h"
#include "base/num.h"
#include "base/secret.h"
#include "os/clock.h"
#include "page/page_settings.h"
#include "page/settings_file.h"
#include "store/store_undo.h"

#define KEEP_S     (60 * 60)
#define KEEP_PIECE ((size_t)512 << 10) /* what is sealed at once */
/* A file and what it replaces, each sealed. */
#define KEEP_BYTES (4 * SETTINGS_FILE_BYTES)

/* Piece i of n: none can be left out, or stand elsewhere. */
static struct str
keep_bound(struct request *req, size_t i, size_t n)
{
	return str_printf(req->arena, "%zu/%zu", i, n);
}

static size_t
keep_pieces(size_t bytes)
{
	return bytes / KEEP_PIECE + 1;
}

/* "LENGTH LF", then so many pieces: "LENGTH LF", sealed bytes. */
static enum err_code
keep_seal(struct request *req, const char *purpose, struct str plain,
    struct buf *out, struct err *err)
{
	size_t count = keep_pieces(plain.len);
	enum err_code rc = ERR_OK;

	buf_addf(out, "%zu\n", plain.len);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct str sealed = STR("");

		rc = session_seal(req->app->sessions, req, purpose, true,
		    keep_bound(req, i, count),
		    str_slice(plain, i * KEEP_PIECE, (i + 1) * KEEP_PIECE),
		    &sealed, err);
		buf_addf(out, "%zu\n", sealed.len);
		buf_add(out, sealed);
	}
	return rc;
}

struct str
settings_keep(struct request *req, const char *purpose, struct str plain)
{
	unsigned char random[16];
	int64_t now_s = clock_now_s();
	struct buf sealed;
	struct buf name;

	buf_init_arena(&sealed, req->arena, KEEP_BYTES);
	if (plain.len == 0 ||
	    keep_seal(req, purpose, plain, &sealed, NULL) != ERR_OK ||
	    sealed.failed != ERR_OK)
		return STR("");
	secret_fill_random(random, sizeof(random));
	buf_init_arena(&name, req->arena, 4 * sizeof(random));
	codec_base64url_encode(
	    &name, str_of((const char *)random, sizeof(random)));
	if (store_undo_put(req->app->store, req->session->account,
	        buf_str(&name), buf_str(&sealed), now_s, now_s + KEEP_S,
	        NULL) != ERR_OK)
		return STR("");
	return buf_str(&name);
}

static enum err_code
keep_unseal(struct request *req, const char *purpose, struct str rest,
    struct buf *out, struct err *err)
{
	uint32_t total = 0;
	uint32_t bytes = 0;
	size_t count;
	enum err_code rc =
	    num_u32(str_cut(&rest, '\n'), 0, KEEP_BYTES, &total, err);

	count = keep_pieces(total);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct str plain = STR("");

		rc = num_u32(str_cut(&rest, '\n'), 0, KEEP_BYTES, &bytes, err);
		if (rc == ERR_OK)
			rc = session_unseal(req->app->sessions, req, purpose,
			    true, keep_bound(req, i, count),
			    str_slice(rest, 0, bytes), &plain, err);
		rest = str_slice(rest, bytes, rest.len);
		buf_add(out, plain);
	}
	return rc;
}

enum err_code
settings_kept(struct request *req, const char *purpose, struct str name,
    struct str *out, struct err *err)
{
	struct str sealed;
	struct buf plain;
	enum err_code rc = store_undo_get(req->app->store,
	    req->session->account, name, req->arena, &sealed, err);

	*out = STR("");
	buf_init_arena(&plain, req->arena, KEEP_BYTES);
	if (rc == ERR_OK)
		rc = keep_unseal(req, purpose, sealed, &plain, err);
	if (rc == ERR_FORBIDDEN || rc == ERR_INPUT)
		return err_set(
		    err, ERR_NOT_FOUND, "There is no such page.", purpose);
	return rc == ERR_OK ? buf_end(&plain, out, err) : rc;
}
