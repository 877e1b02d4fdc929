#include "http/form_source.h"

#include "os/file.h"

/* Fills the window from `at`. */
static void
move_window(struct form_source *source, uint64_t at)
{
	source->window_at = at;
	source->window_len = 0;
	while (source->window_len < source->window_max &&
	       at + source->window_len < source->total) {
		int64_t got = file_read_at(source->spool_fd,
		    source->window + source->window_len,
		    source->window_max - source->window_len,
		    at + source->window_len);

		if (got <= 0) {
			source->failed = true;
			return;
		}
		source->window_len += (size_t)got;
	}
}

struct str
form_source_view(struct form_source *source, uint64_t at, size_t want)
{
	struct str view;

	if (source->spool_fd < 0)
		return str_slice(
		    source->memory, (size_t)at, source->memory.len);
	if (want > source->total - at)
		want = (size_t)(source->total - at);
	if (at < source->window_at ||
	    at + want > source->window_at + source->window_len)
		move_window(source, at);
	view = str_of(source->window, source->window_len);
	return str_slice(view, (size_t)(at - source->window_at), view.len);
}

static bool
find_in(struct str view, struct str needle, size_t *out)
{
	const char *found = view.len < needle.len ? NULL
	                                          : memmem(view.ptr, view.len,
	                                                needle.ptr, needle.len);

	if (!found)
		return false;
	*out = (size_t)(found - view.ptr);
	return true;
}

bool
form_source_find(struct form_source *source, struct str needle, uint64_t from,
    uint64_t *out_at)
{
	ensure(needle.len <= FORM_WINDOW_MIN);
	while (!source->failed && from < source->total &&
	       source->total - from >= needle.len) {
		struct str view = form_source_view(source, from, needle.len);
		size_t at;

		if (find_in(view, needle, &at)) {
			*out_at = from + at;
			return true;
		}
		if (view.len < needle.len)
			return false;
		/* It may begin in the last bytes of what was seen. */
		from += view.len - (needle.len - 1);
	}
	return false;
}

enum err_code
form_source_copy(struct form_source *source, uint64_t from, uint64_t to,
    size_t max_bytes, struct str *out, struct err *err)
{
	char *copy;
	size_t len;

	if (to - from > max_bytes)
		return err_set(
		    err, ERR_LIMIT, "A field of the form is too long.", NULL);
	len = (size_t)(to - from);
	copy = arena_alloc(source->arena, len);
	if (!copy)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is short of memory.", NULL);
	for (size_t done = 0; done < len;) {
		struct str view = form_source_view(source, from + done, 1);

		if (view.len == 0)
			return err_set(err, ERR_INTERNAL,
			    "The upload cannot be read.", "spool read");
		if (view.len > len - done)
			view.len = len - done;
		memcpy(copy + done, view.ptr, view.len);
		done += view.len;
	}
	*out = str_of(copy, len);
	return ERR_OK;
}
