#include "base/limits.h"
#include "mail/imap_batch.h"
#include "mail/imap_message.h"

/* Where the server does not say how large a message is. */
#define WHOLE_GUESS_BYTES ((size_t)4 << 20)
#define WHOLE_SPARE_BYTES ((size_t)64 << 10) /* sizes told may be wrong */

/* Memory of one size: growing would take twice as much of the arena. */
struct whole {
	char *ptr;
	size_t len, capacity;
	bool is_cut;
};

static bool
whole_sink(void *ctx, struct str bytes)
{
	struct whole *whole = ctx;
	size_t room = whole->capacity - whole->len;

	if (bytes.len > room) {
		whole->is_cut = true;
		bytes.len = room;
	}
	if (bytes.len > 0)
		memcpy(whole->ptr + whole->len, bytes.ptr, bytes.len);
	whole->len += bytes.len;
	return !whole->is_cut;
}

/* Half of a request's memory at most: the rest is for what is in it. */
static size_t
whole_capacity(const struct mail_message *message, size_t parse_bytes)
{
	uint64_t bytes = WHOLE_GUESS_BYTES;

	if (parse_bytes > LIMIT_ARENA_BYTES / 2)
		parse_bytes = LIMIT_ARENA_BYTES / 2;
	if (message->bytes > 0 && message->bytes < UINT64_MAX / 2)
		bytes = message->bytes + WHOLE_SPARE_BYTES;
	return bytes < parse_bytes ? (size_t)bytes : parse_bytes;
}

enum err_code
imap_message_whole(struct mail *mail, const struct mail_id *id,
    struct mail_message *out, struct err *err)
{
	struct mime_limits limits = mail_limits(mail);
	struct whole whole = {
	    .capacity = whole_capacity(out, limits.parse_bytes)};
	struct mime_message parsed = {0};
	enum err_code rc;

	whole.ptr = arena_alloc(mail->arena, whole.capacity);
	if (whole.ptr == NULL)
		return imap_arena_check(mail->arena, err);
	rc = mail_part_stream(mail, id, NULL, whole_sink, &whole, err);
	if (rc == ERR_OK)
		rc = mime_parse(str_of(whole.ptr, whole.len), &limits,
		    mail->arena, &parsed, err);
	if (rc != ERR_OK)
		return rc;
	out->header = parsed.header;
	out->root = parsed.root;
	out->is_incomplete = parsed.is_incomplete || whole.is_cut;
	return ERR_OK;
}
