#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "base/scan.h"
#include "http/form_source.h"

/*
 * multipart-body := dash-boundary padding CRLF body-part
 *                   *( CRLF dash-boundary padding CRLF body-part )
 *                   CRLF dash-boundary "--" padding [ CRLF epilogue ]
 * (RFC 2046, 5.1.1; browsers send no preamble, and none is taken here.)
 */
#define PART_HEAD_BYTES ((size_t)8 << 10)
#define BOUNDARY_BYTES  70u
#define PADDING_BYTES   32u

struct part_head {
	struct str name;
	struct str file_name;
	struct str type;
	bool is_file;
};

static enum err_code
broken(struct err *err, const char *detail)
{
	return err_set(
	    err, ERR_INPUT, "The form that was sent is broken.", detail);
}

/* token or quoted-string after "name="; browsers escape '"' as %22 or \". */
static bool
scan_value(struct scan *scan, struct arena *arena, struct str *out)
{
	struct buf value;

	if (!scan_byte(scan, '"')) {
		*out = scan_until(scan, "; \t");
		return true;
	}
	buf_init_arena(&value, arena, PART_HEAD_BYTES);
	for (;;) {
		int c = scan_next(scan);

		if (c < 0)
			return false;
		if (c == '"')
			break;
		if (c == '\\' && scan_peek(scan) == '"')
			c = scan_next(scan);
		buf_add_byte(&value, (char)c);
	}
	return buf_end(&value, out, NULL) == ERR_OK;
}

/* Moves to the next ";name=value" and reads it. */
static bool
scan_param(
    struct scan *scan, struct arena *arena, struct str *name, struct str *value)
{
	scan_blank(scan);
	if (!scan_byte(scan, ';'))
		return false;
	scan_blank(scan);
	*name = str_trim(scan_until(scan, "=;"));
	*value = (struct str){0};
	if (!scan_byte(scan, '='))
		return true;
	scan_blank(scan);
	return scan_value(scan, arena, value);
}

struct str
form_boundary(struct str content_type, struct arena *arena)
{
	static const char marks[] = "0123456789abcdefghijklmnopqrstuvwxyz"
	                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";
	struct scan scan = scan_of(content_type);
	struct str name, value;

	(void)scan_until(&scan, ";");
	while (scan_param(&scan, arena, &name, &value)) {
		struct scan letters = scan_of(value);

		if (!str_eq_nocase(name, STR("boundary")))
			continue;
		(void)scan_while(&letters, marks);
		if (value.len == 0 || value.len > BOUNDARY_BYTES ||
		    !scan_end(&letters) || value.ptr[value.len - 1] == ' ')
			break;
		return value;
	}
	return (struct str){0};
}

/* HTML's escapes in names: only these three (WHATWG HTML, 4.10.21.8). */
static struct str
unescape(struct arena *arena, struct str s)
{
	struct buf out;
	struct scan scan = scan_of(s);
	struct str result;

	if (str_find_byte(s, '%', 0) == s.len)
		return s;
	buf_init_arena(&out, arena, s.len + 1);
	while (!scan_end(&scan)) {
		if (scan_str(&scan, STR("%22")))
			buf_add_byte(&out, '"');
		else if (scan_str_nocase(&scan, STR("%0D")))
			buf_add_byte(&out, '\r');
		else if (scan_str_nocase(&scan, STR("%0A")))
			buf_add_byte(&out, '\n');
		else
			buf_add_byte(&out, (char)scan_next(&scan));
	}
	return buf_end(&out, &result, NULL) == ERR_OK ? result : s;
}

/* Some browsers sent whole paths; only the last part is a name. */
static struct str
without_path(struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '/' || s.ptr[i] == '\\')
			from = i + 1;
	}
	return str_slice(s, from, s.len);
}

/* UTF-8''name%20x (RFC 5987); RFC 7578 forbids it, some programs send it. */
static struct str
extended_value(struct arena *arena, struct str s)
{
	struct str charset = str_cut(&s, '\'');
	struct buf out;
	struct str result;

	(void)str_cut(&s, '\'');
	if (!str_eq_nocase(charset, STR("UTF-8")) || !s.ptr)
		return (struct str){0};
	buf_init_arena(&out, arena, s.len + 1);
	codec_percent_decode(&out, s, false);
	return buf_end(&out, &result, NULL) == ERR_OK ? result
	                                              : (struct str){0};
}

static enum err_code
parse_disposition(struct str value, struct arena *arena, struct part_head *head,
    struct err *err)
{
	struct scan scan = scan_of(value);
	struct str type = str_trim(scan_until(&scan, ";"));
	struct str name, text;
	struct str extended = {0};

	if (!str_eq_nocase(type, STR("form-data")))
		return broken(err, "part is not form-data");
	while (scan_param(&scan, arena, &name, &text)) {
		if (str_eq_nocase(name, STR("name")) && !head->name.ptr) {
			head->name = unescape(arena, text);
		} else if (str_eq_nocase(name, STR("filename"))) {
			head->is_file = true;
			head->file_name = without_path(unescape(arena, text));
		} else if (str_eq_nocase(name, STR("filename*"))) {
			head->is_file = true;
			extended = extended_value(arena, text);
		}
	}
	if (!scan_end(&scan) || !head->name.ptr)
		return broken(err, "part's disposition");
	if (head->file_name.len == 0 && extended.len > 0)
		head->file_name = without_path(extended);
	return ERR_OK;
}

static bool
is_plain_encoding(struct str value)
{
	return str_eq_nocase(value, STR("7bit")) ||
	       str_eq_nocase(value, STR("8bit")) ||
	       str_eq_nocase(value, STR("binary"));
}

static enum err_code
parse_head(struct str lines, struct arena *arena, struct part_head *head,
    struct err *err)
{
	bool has_disposition = false;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && lines.ptr && lines.len > 0) {
		struct str value = str_trim(str_cut(&lines, '\n'));
		struct str name = str_cut(&value, ':');

		value = str_trim(value);
		if (str_eq_nocase(name, STR("Content-Disposition"))) {
			if (has_disposition)
				return broken(err, "two dispositions");
			has_disposition = true;
			rc = parse_disposition(value, arena, head, err);
		} else if (str_eq_nocase(name, STR("Content-Type"))) {
			head->type = value;
		} else if (str_eq_nocase(
		               name, STR("Content-Transfer-Encoding")) &&
		           !is_plain_encoding(value)) {
			rc = broken(err, "part's encoding");
		}
	}
	if (rc == ERR_OK && !has_disposition)
		rc = broken(err, "part without a disposition");
	return rc;
}

/*
 * What follows a delimiter: "--" ends the form, blanks and CRLF begin a part
 * (*at moves there), anything else: it was no delimiter but data.
 */
enum after {
	AFTER_PART,
	AFTER_END,
	AFTER_DATA
};

static enum after
look_after(struct form_source *source, uint64_t *at)
{
	struct str view = form_source_view(source, *at, PADDING_BYTES);
	struct scan scan = scan_of(str_slice(view, 0, PADDING_BYTES));

	if (scan_str(&scan, STR("--")))
		return AFTER_END;
	scan_blank(&scan);
	if (!scan_str(&scan, STR("\r\n")))
		return AFTER_DATA;
	*at += scan.at;
	return AFTER_PART;
}

/* The end of the data that begins at `from`: where its delimiter stands. */
static bool
find_end(struct form_source *source, struct str delimiter, uint64_t from,
    uint64_t *out_end, uint64_t *out_next, enum after *out_after)
{
	while (form_source_find(source, delimiter, from, out_end)) {
		*out_next = *out_end + delimiter.len;
		*out_after = look_after(source, out_next);
		if (*out_after != AFTER_DATA)
			return true;
		from = *out_end + 1;
	}
	return false;
}

static enum err_code
read_head(struct form_source *source, uint64_t *at, struct arena *arena,
    struct part_head *head, struct err *err)
{
	struct str lines;
	uint64_t end;
	enum err_code rc;

	if (!form_source_find(source, STR("\r\n\r\n"), *at, &end))
		return broken(err, "part's header has no end");
	if (end - *at > PART_HEAD_BYTES)
		return broken(err, "part's header is too long");
	rc = form_source_copy(source, *at, end, PART_HEAD_BYTES, &lines, err);
	*at = end + 4;
	return rc == ERR_OK ? parse_head(lines, arena, head, err) : rc;
}

static enum err_code
add_part(struct form_source *source, struct form_builder *builder,
    const struct part_head *head, uint64_t from, uint64_t to, struct err *err)
{
	struct form_field field = {
	    .name = head->name, .is_file = head->is_file};

	if (head->is_file) {
		field.file_name = head->file_name;
		field.type = head->type;
		field.file_offset = from;
		field.file_bytes = to - from;
	} else {
		enum err_code rc = form_source_copy(
		    source, from, to, LIMIT_FIELD_BYTES, &field.value, err);

		/* Our pages are UTF-8: so are the fields (RFC 7578, 4.6). */
		if (rc != ERR_OK || str_eq(head->name, STR("_charset_")))
			return rc;
	}
	return form_builder_add(builder, &field, err);
}

/* The last part of a body that was longer. */
static enum err_code
add_cut(struct form_source *source, struct form_builder *builder,
    const struct part_head *head, uint64_t from, struct err *err)
{
	enum err_code rc;

	if (!head->is_file)
		return ERR_OK;
	rc = add_part(source, builder, head, from, source->total, err);
	if (rc == ERR_OK)
		builder->form->fields[builder->form->count - 1].is_cut = true;
	return rc;
}

enum err_code
form_multipart(struct form_source *source, struct str boundary,
    struct form_builder *builder, struct err *err)
{
	const struct str joined[] = {STR("\r\n--"), boundary};
	struct str delimiter = str_join(builder->arena, joined, 2);
	struct str dashed = str_slice(delimiter, 2, delimiter.len);
	enum after after;
	uint64_t at = dashed.len;
	enum err_code rc = ERR_OK;

	if (!delimiter.ptr)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is short of memory.", NULL);
	if (!str_starts(form_source_view(source, 0, dashed.len), dashed))
		return broken(err, "does not begin with its boundary");
	after = look_after(source, &at);
	while (rc == ERR_OK && after == AFTER_PART) {
		struct part_head head = {0};
		uint64_t end = 0;
		uint64_t next = 0;

		rc = read_head(source, &at, builder->arena, &head, err);
		if (rc == ERR_INPUT && source->is_cut)
			return ERR_OK;
		if (rc == ERR_OK &&
		    !find_end(source, delimiter, at, &end, &next, &after)) {
			if (source->is_cut)
				return add_cut(source, builder, &head, at, err);
			rc = broken(err, "last boundary is missing");
		}
		if (rc == ERR_OK)
			rc = add_part(source, builder, &head, at, end, err);
		at = next;
	}
	if (rc == ERR_OK && after == AFTER_DATA)
		rc = broken(err, "boundary is followed by rubbish");
	return rc;
}
