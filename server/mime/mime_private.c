#include "mime/mime_private.h"

#define OWN_PREFIX "X-Iwebmsg-"

static void
flush(struct mime_private *passage)
{
	if (passage->out_len > 0 && !passage->is_stopped)
		passage->is_stopped = !passage->sink(
		    passage->ctx, str_of(passage->out, passage->out_len));
	passage->out_len = 0;
}

static void
emit(struct mime_private *passage, char c)
{
	if (passage->out_len == sizeof(passage->out))
		flush(passage);
	passage->out[passage->out_len++] = c;
}

static bool
is_private(struct str name)
{
	return str_eq_nocase(str_trim(name), STR("Bcc")) ||
	       str_starts_nocase(name, STR(OWN_PREFIX));
}

/* What was held back of a line goes on, unless its field stays. */
static void
end_name(struct mime_private *passage, bool is_field)
{
	struct str name = str_of(passage->name, passage->name_len);

	passage->is_named = true;
	passage->is_left = is_field && is_private(name);
	for (size_t i = 0; !passage->is_left && i < name.len; i++)
		emit(passage, name.ptr[i]);
	passage->name_len = 0;
}

/* A line of the header begins; a folded one belongs to the field above. */
static void
begin_line(struct mime_private *passage, char c)
{
	passage->is_body = c == '\n' || c == '\r';
	passage->is_named = passage->is_body || c == ' ' || c == '\t';
	if (passage->is_body)
		passage->is_left = false;
}

static void
pass_head(struct mime_private *passage, char c)
{
	bool is_end = c == '\n' || c == '\r';
	bool is_half = c == '\n' && passage->before == '\r';

	if (c == '\0')
		return;
	if (!is_half && passage->name_len == 0 &&
	    (passage->before == '\n' || passage->before == '\r'))
		begin_line(passage, c);
	passage->before = c;
	if (!passage->is_named && c != ':' && !is_end &&
	    passage->name_len < sizeof(passage->name)) {
		passage->name[passage->name_len++] = c;
		return;
	}
	/* A name that is longer than any of ours may still begin so. */
	if (!passage->is_named)
		end_name(passage, !is_end);
	if (!passage->is_left)
		emit(passage, c);
}

void
mime_private_init(struct mime_private *passage, mime_sink_fn *sink, void *ctx)
{
	*passage =
	    (struct mime_private){.sink = sink, .ctx = ctx, .before = '\n'};
}

bool
mime_private_sink(void *ctx, struct str bytes)
{
	struct mime_private *passage = ctx;
	size_t at = 0;

	while (at < bytes.len && !passage->is_body)
		pass_head(passage, bytes.ptr[at++]);
	flush(passage);
	if (at < bytes.len && !passage->is_stopped)
		passage->is_stopped = !passage->sink(
		    passage->ctx, str_slice(bytes, at, bytes.len));
	return !passage->is_stopped;
}

bool
mime_private_end(struct mime_private *passage)
{
	if (passage->name_len > 0)
		end_name(passage, false);
	flush(passage);
	return !passage->is_stopped;
}
