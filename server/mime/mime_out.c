#include "mime/mime_out.h"

#include "os/file.h"

void
mime_out_init(struct mime_out *out, int fd, uint64_t max_bytes, struct err *err)
{
	out->fd = fd;
	out->len = 0;
	out->total = out->written = out->begun = 0;
	out->is_lasting = false;
	out->max_bytes = max_bytes;
	out->failed = ERR_OK;
	out->err = err;
	out->column = 0;
	out->is_8bit = out->needs_utf8 = false;
}

/* Bytes the disk is told of at a time. */
#define OUT_BEGIN_BYTES ((uint64_t)1 << 20)

/* The disk is the slowest of all who work at a large message. */
static void
out_begin_sync(struct mime_out *out)
{
	uint64_t fresh = out->written - out->begun;

	if (!out->is_lasting || fresh < OUT_BEGIN_BYTES)
		return;
	file_sync_begin(out->fd, out->begun, fresh);
	out->begun = out->written;
}

static void
out_flush(struct mime_out *out)
{
	if (out->failed == ERR_OK && out->len > 0)
		out->failed = file_write_all(
		    out->fd, str_of(out->bytes, out->len), out->err);
	out->written += out->len;
	out->len = 0;
	out_begin_sync(out);
}

void
mime_out_add(struct mime_out *out, struct str bytes)
{
	if (out->failed == ERR_OK && bytes.len > out->max_bytes - out->total)
		out->failed = err_sayf(out->err, ERR_LIMIT,
		    "The message with its attachments is too large: at most "
		    "%llu KB can be sent, and attachments grow by a third on "
		    "their way.",
		    (unsigned long long)(out->max_bytes / 1024));
	if (out->failed != ERR_OK)
		return;
	out->total += bytes.len;
	while (bytes.len > 0) {
		size_t room = sizeof(out->bytes) - out->len;
		size_t len = bytes.len < room ? bytes.len : room;
		memcpy(out->bytes + out->len, bytes.ptr, len);
		out->len += len;
		bytes = str_slice(bytes, len, bytes.len);
		if (out->len == sizeof(out->bytes))
			out_flush(out);
	}
}

void
mime_out_add_c(struct mime_out *out, const char *c)
{
	mime_out_add(out, str_c(c));
}

enum err_code
mime_out_end(struct mime_out *out, uint64_t *total)
{
	out_flush(out);
	*total = out->total;
	return out->failed;
}
