#include "mime/mime_seven.h"

#include "mime/mime_encode.h"
#include "mime/mime_field.h"

#define SEVEN_LINE_BYTES     ((size_t)64 << 10)
#define SEVEN_HEAD_BYTES     ((size_t)256 << 10)
#define SEVEN_ARENA_BYTES    (SEVEN_HEAD_BYTES * 8)
#define SEVEN_DEPTH_MAX      32u
#define SEVEN_BOUNDARY_BYTES 200u

/* A multipart that is open. */
struct level {
	char boundary[SEVEN_BOUNDARY_BYTES];
	size_t len;
	bool is_signed; /* it, or one around it */
	bool is_digest; /* its parts are messages (RFC 2046, 5.1.5) */
};

struct mime_seven {
	struct mime_out *out;
	struct arena *arena; /* of one header */
	struct buf line, head;
	struct level levels[SEVEN_DEPTH_MAX];
	size_t depth;
	bool is_in_head, is_top;
	bool is_encoded_here; /* lines become quoted-printable */
	bool is_unfit;
};

/* What a header says of its part. */
struct seven_part {
	struct mime_field_value type;
	struct str encoding;
	bool has_version;
};

struct mime_seven *
mime_seven_new(struct mime_out *out)
{
	struct mime_seven *seven = calloc(1, sizeof(*seven));

	if (seven == NULL)
		return NULL;
	seven->out = out;
	seven->arena = arena_new(SEVEN_ARENA_BYTES);
	buf_init(&seven->line, SEVEN_LINE_BYTES);
	buf_init(&seven->head, SEVEN_HEAD_BYTES);
	seven->is_in_head = seven->is_top = true;
	if (seven->arena != NULL)
		return seven;
	mime_seven_free(seven);
	return NULL;
}

void
mime_seven_free(struct mime_seven *seven)
{
	if (seven == NULL)
		return;
	arena_free(seven->arena);
	buf_free(&seven->line);
	buf_free(&seven->head);
	free(seven);
}

static bool
is_signed(const struct mime_seven *seven)
{
	return seven->depth > 0 && seven->levels[seven->depth - 1].is_signed;
}

/* As it is; beyond ASCII nothing may be. */
static void
add_line(struct mime_seven *seven, struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.ptr[i] >= 0x80)
			seven->is_unfit = true;
	mime_out_add(seven->out, line);
	mime_out_add(seven->out, STR("\r\n"));
}

/* The header, without its Content-Transfer-Encoding but with this one. */
static void
add_head(struct mime_seven *seven, const char *encoding, bool has_version)
{
	struct str rest = buf_str(&seven->head);
	bool is_left = false;

	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		struct str value = line;
		struct str name = str_trim(str_cut(&value, ':'));

		if (line.len == 0 ||
		    (line.ptr[0] != ' ' && line.ptr[0] != '\t'))
			is_left = encoding != NULL &&
			          str_eq_nocase(
			              name, STR("Content-Transfer-Encoding"));
		if (!is_left)
			add_line(seven, line);
	}
	if (encoding == NULL)
		return;
	if (seven->is_top && !has_version)
		mime_out_add(seven->out, STR("MIME-Version: 1.0\r\n"));
	mime_out_add(seven->out, STR("Content-Transfer-Encoding: "));
	mime_out_add_c(seven->out, encoding);
	mime_out_add(seven->out, STR("\r\n"));
}

static struct seven_part
read_head(struct mime_seven *seven)
{
	struct seven_part part = {.has_version = false};
	struct str rest = buf_str(&seven->head);
	struct mime_field field;
	bool has_type = false;

	arena_reset(seven->arena);
	while (mime_field_next(&rest, &field)) {
		struct str value = str_trim(field.value);

		if (str_eq_nocase(field.name, STR("Content-Type")) &&
		    !has_type) {
			part.type = mime_field_params(seven->arena, value);
			has_type = true;
		}
		if (str_eq_nocase(
		        field.name, STR("Content-Transfer-Encoding")) &&
		    part.encoding.len == 0)
			part.encoding = value;
		part.has_version = part.has_version || str_eq_nocase(field.name,
		                                           STR("MIME-Version"));
	}
	if (arena_failed(seven->arena))
		seven->is_unfit = true;
	if (part.type.type.len == 0 && seven->depth > 0 &&
	    seven->levels[seven->depth - 1].is_digest) {
		part.type.type = STR("message");
		part.type.subtype = STR("rfc822");
	}
	return part;
}

/* 7bit, 8bit, binary, or nothing: the bytes are what they are. */
static bool
is_plain(struct str encoding)
{
	return encoding.len == 0 || str_eq_nocase(encoding, STR("7bit")) ||
	       str_eq_nocase(encoding, STR("8bit")) ||
	       str_eq_nocase(encoding, STR("binary"));
}

static void
open_level(struct mime_seven *seven, const struct mime_field_value *type)
{
	struct level *level = &seven->levels[seven->depth];
	bool is_inside = is_signed(seven);
	struct str boundary = {NULL, 0};

	for (size_t i = 0; i < type->param_count; i++)
		if (str_eq_nocase(type->params[i].name, STR("boundary")))
			boundary = type->params[i].value;
	if (seven->depth == SEVEN_DEPTH_MAX || boundary.len == 0 ||
	    boundary.len > SEVEN_BOUNDARY_BYTES) {
		seven->is_unfit = true;
		return;
	}
	memcpy(level->boundary, boundary.ptr, boundary.len);
	level->len = boundary.len;
	level->is_signed = is_inside || str_eq(type->subtype, STR("signed"));
	level->is_digest = str_eq(type->subtype, STR("digest"));
	seven->depth++;
}

/* The empty line behind a header, or a boundary in its place. */
static void
end_head(struct mime_seven *seven)
{
	struct seven_part part = read_head(seven);
	bool is_identity = is_plain(part.encoding);
	bool is_kept = is_signed(seven) || !is_identity;
	const char *encoding = NULL;

	seven->is_in_head = seven->is_encoded_here = false;
	if (str_eq(part.type.type, STR("multipart"))) {
		open_level(seven, &part.type);
		/* Signed itself: its own header is not. */
		if (!is_kept && part.encoding.len > 0)
			encoding = "7bit";
	} else if (str_eq(part.type.type, STR("message"))) {
		if (!is_kept && part.encoding.len > 0)
			encoding = "7bit";
		seven->is_in_head =
		    is_identity && str_eq(part.type.subtype, STR("rfc822"));
	} else if (!is_kept) {
		encoding = "quoted-printable";
		seven->is_encoded_here = true;
	}
	add_head(seven, encoding, part.has_version);
	buf_clear(&seven->head);
	seven->is_top = false;
}

/* What was no boundary must not become one. */
static void
add_encoded(struct mime_seven *seven, struct str line)
{
	bool is_risky = str_starts(line, STR("--"));

	if (is_risky)
		mime_out_add(seven->out, STR("=2D"));
	mime_encode_qp_rest(seven->out,
	    str_slice(line, is_risky ? 1 : 0, line.len), is_risky ? 3 : 0);
}

/*
 * delimiter := "--" boundary, close-delimiter := delimiter "--" (RFC 2046,
 * 5.1.1). Of which open multipart, counted from 1; 0: none.
 */
static size_t
find_level(const struct mime_seven *seven, struct str line, bool *out_close)
{
	if (!str_starts(line, STR("--")))
		return 0;
	for (size_t i = seven->depth; i > 0; i--) {
		const struct level *level = &seven->levels[i - 1];
		struct str rest = str_slice(line, 2, line.len);

		if (!str_starts(rest, str_of(level->boundary, level->len)))
			continue;
		rest = str_slice(rest, level->len, rest.len);
		*out_close = str_starts(rest, STR("--"));
		if (*out_close || str_trim(rest).len == 0)
			return i;
	}
	return 0;
}

static void
take_line(struct mime_seven *seven, struct str line)
{
	bool is_close = false;
	size_t level = find_level(seven, line, &is_close);

	if (level > 0) {
		if (seven->is_in_head)
			end_head(seven);
		seven->depth = is_close ? level - 1 : level;
		seven->is_in_head = !is_close;
		seven->is_encoded_here = false;
		add_line(seven, line);
	} else if (seven->is_in_head && line.len > 0) {
		buf_add(&seven->head, line);
		buf_add_byte(&seven->head, '\n');
	} else if (seven->is_in_head) {
		end_head(seven);
		mime_out_add(seven->out, STR("\r\n"));
	} else if (seven->is_encoded_here) {
		add_encoded(seven, line);
	} else {
		add_line(seven, line);
	}
}

void
mime_seven_add(struct mime_seven *seven, struct str bytes)
{
	while (bytes.len > 0 && seven->out->failed == ERR_OK) {
		size_t end = str_find_byte(bytes, '\n', 0);
		struct str line;

		buf_add(&seven->line, str_slice(bytes, 0, end));
		if (end == bytes.len)
			return;
		bytes = str_slice(bytes, end + 1, bytes.len);
		line = buf_str(&seven->line);
		if (str_ends(line, STR("\r")))
			line = str_slice(line, 0, line.len - 1);
		if (seven->line.failed != ERR_OK ||
		    seven->head.failed != ERR_OK)
			seven->is_unfit = true;
		else
			take_line(seven, line);
		buf_clear(&seven->line);
	}
}

enum err_code
mime_seven_end(struct mime_seven *seven, struct err *err)
{
	if (seven->line.len > 0)
		mime_seven_add(seven, STR("\r\n"));
	if (seven->is_in_head)
		end_head(seven);
	if (seven->line.failed == ERR_OK && seven->head.failed == ERR_OK &&
	    !seven->is_unfit)
		return ERR_OK;
	return err_set(err, ERR_INPUT,
	    "This message has letters beyond ASCII where nothing may be "
	    "changed: it is signed, or it is not written by the rules. The "
	    "server for outgoing mail cannot take such letters. Forward the "
	    "message as an attachment: then it goes as a file, untouched.",
	    "mime: not to be made 7-bit");
}
