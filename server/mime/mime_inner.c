#include "mime/mime_inner.h"

#include "base/limits.h"
#include "mime/mime_outline.h"
#include "mime/mime_tnef.h"
#include "mime/mime_type.h"
#include "mime/mime_uu.h"

#define RTF_BYTES ((size_t)4 << 20) /* unpacked */

/* A uuencoded file has a line at least: shorter texts hold none. */
#define UU_BYTES_MIN 30u

/* Calls `take` for each file; NULL bytes while listing. */
struct inner {
	struct arena *arena;
	struct mime_inners *out;
	struct str *bytes; /* of file `wanted`, when reading */
	size_t wanted;
	size_t capacity;
};

static bool
is_tnef(const struct mime_part *part)
{
	return str_eq_nocase(part->subtype, STR("ms-tnef")) ||
	       str_eq_nocase(part->subtype, STR("vnd.ms-tnef")) ||
	       str_eq_nocase(part->name.s, STR("winmail.dat"));
}

static bool
is_plain(const struct mime_part *part)
{
	return str_eq_nocase(part->type, STR("text")) &&
	       str_eq_nocase(part->subtype, STR("plain"));
}

bool
mime_inner_is_likely(const struct mime_part *part)
{
	if (is_tnef(part))
		return true;
	/* Who writes flowed text knows MIME, and attaches files. */
	return is_plain(part) && !part->is_flowed &&
	       part->bytes >= UU_BYTES_MIN;
}

static void
add(struct inner *in, struct text name, struct str type, uint64_t bytes)
{
	struct mime_inners *out = in->out;
	const struct mime_type *known;

	out->list = arena_grow(in->arena, out->list, out->count, &in->capacity,
	    sizeof(out->list[0]));
	if (out->list == NULL) {
		out->count = 0;
		return;
	}
	known = mime_type_named(
	    type.len > 0 ? type : STR("application/octet-stream"), name.s);
	out->list[out->count] = (struct mime_inner){
	    .name = name, .type = str_c(known->type), .bytes = bytes};
	out->count++;
}

/* Room for one more, and is it the one that is read? */
static bool
is_full(struct inner *in)
{
	if (in->out->count < LIMIT_ATTACHMENTS)
		return false;
	in->out->is_broken = true;
	return true;
}

static bool
is_wanted(const struct inner *in)
{
	return in->bytes != NULL && in->out->count == in->wanted;
}

/* ---- winmail.dat ---- */

static void
walk_tnef(struct inner *in, struct str bytes)
{
	struct tnef tnef;

	if (!tnef_parse(bytes, in->arena, &tnef)) {
		in->out->is_broken = true;
		return;
	}
	in->out->text = tnef.text;
	in->out->html = tnef.html;
	in->out->html_charset = tnef.html_charset;
	in->out->is_broken = tnef.is_broken;
	for (size_t i = 0; i < tnef.file_count && !is_full(in); i++) {
		struct tnef_file *file = &tnef.files[i];
		if (is_wanted(in))
			*in->bytes = file->bytes;
		add(in, text_is_empty(file->name) ? TEXT("file") : file->name,
		    file->type, file->bytes.len);
	}
	/* Where the text is there in no other form, it is a file. */
	if (text_is_empty(tnef.text) && tnef.html.len == 0 &&
	    tnef.rtf.len > 0 && !is_full(in)) {
		struct str rtf = tnef_rtf(in->arena, tnef.rtf, RTF_BYTES);
		if (is_wanted(in))
			*in->bytes = rtf;
		add(in, TEXT("message.rtf"), STR("application/rtf"), rtf.len);
	}
}

/* ---- uuencode ---- */

static void
walk_uu(struct inner *in, struct str bytes)
{
	struct mime_uu file;
	size_t at = 0;

	while (mime_uu_next(bytes, at, &file)) {
		at = file.end > at ? file.end : at + 1;
		if (file.is_yenc)
			continue;
		if (is_full(in))
			return;
		in->out->is_broken |= file.is_broken;
		if (is_wanted(in))
			*in->bytes = mime_uu_decode(in->arena, bytes, &file);
		add(in, mime_decode_name(in->arena, file.name), STR(""),
		    file.bytes);
	}
}

static enum err_code
walk(struct inner *in, const struct mime_part *part, struct str bytes,
    struct err *err)
{
	*in->out = (struct mime_inners){0};
	if (is_tnef(part))
		walk_tnef(in, bytes);
	else if (is_plain(part))
		walk_uu(in, bytes);
	if (arena_failed(in->arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The files in this part take too much memory.",
		    "mime: inner");
	return ERR_OK;
}

enum err_code
mime_inner_list(const struct mime_part *part, struct str bytes,
    struct arena *arena, struct mime_inners *out, struct err *err)
{
	struct inner in = {.arena = arena, .out = out};

	return walk(&in, part, bytes, err);
}

enum err_code
mime_inner_read(const struct mime_part *part, struct str bytes, size_t index,
    struct arena *arena, struct str *out, struct err *err)
{
	struct mime_inners list;
	struct inner in = {
	    .arena = arena, .out = &list, .bytes = out, .wanted = index};
	enum err_code rc;

	*out = (struct str){0};
	rc = walk(&in, part, bytes, err);
	if (rc == ERR_OK && index >= list.count)
		rc = err_set(
		    err, ERR_NOT_FOUND, "There is no such file in it.", NULL);
	return rc;
}
