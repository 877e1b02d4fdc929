/*
 * The only file that knows GMime: it finds the parts of a whole message. What
 * stands in them is decoded by our own pieces.
 */
#include <gmime/gmime.h>

#include "base/limits.h"
#include "mime/mime_field.h"
#include "mime/mime_guard.h"

struct walk {
	struct arena *arena;
	struct str bytes; /* the whole message */
	size_t part_count;
};

void
mime_init(void)
{
	g_mime_init();
}

/* ---- what the fields of a part say ---- */

/* A copy, because the library's goes with its object. */
static struct str
raw_field(struct arena *arena, GMimeObject *object, const char *name)
{
	GMimeHeader *header = g_mime_header_list_get_header(
	    g_mime_object_get_header_list(object), name);
	const char *raw =
	    header == NULL ? NULL : g_mime_header_get_raw_value(header);

	return str_dup(arena, str_trim(str_c(raw)));
}

static enum mime_encoding
encoding_of(struct str field)
{
	struct str rest = str_trim(field);
	struct str word = str_trim(str_cut(&rest, ';'));

	if (str_eq_nocase(word, STR("base64")))
		return MIME_BASE64;
	return str_eq_nocase(word, STR("quoted-printable"))
	           ? MIME_QUOTED_PRINTABLE
	           : MIME_IDENTITY;
}

static enum mime_disposition
disposition_of(struct str word)
{
	if (str_is_empty(word))
		return MIME_NO_DISPOSITION;
	/* RFC 2183, 2.8: unknown ones are attachments. */
	return str_eq(word, STR("inline")) ? MIME_INLINE : MIME_ATTACHMENT;
}

static struct text
without_angle(struct text id)
{
	struct str s = str_trim(id.s);

	if (str_starts(s, STR("<")))
		s = str_slice(s, 1, s.len);
	if (str_ends(s, STR(">")))
		s = str_slice(s, 0, s.len - 1);
	return (struct text){s};
}

/* RFC 2045, 5.2: what has no readable type is plain text. */
static void
read_type(struct mime_part *part, const struct mime_field_value *value)
{
	part->type = value->type;
	part->subtype = value->subtype;
	if (part->type.len == 0 ||
	    (part->subtype.len == 0 && str_eq(part->type, STR("text")))) {
		part->type = STR("text");
		part->subtype = STR("plain");
	} else if (part->subtype.len == 0) {
		part->type = STR("application");
		part->subtype = STR("octet-stream");
	}
}

static void
read_fields(struct walk *walk, GMimeObject *object, struct mime_part *part)
{
	struct arena *arena = walk->arena;
	struct mime_field_value type =
	    mime_field_params(arena, raw_field(arena, object, "Content-Type"));
	struct mime_field_value disposition = mime_field_params(
	    arena, raw_field(arena, object, "Content-Disposition"));
	struct text charset = mime_param_find(
	    arena, type.params, type.param_count, STR("charset"));
	struct text format = mime_param_find(
	    arena, type.params, type.param_count, STR("format"));
	struct text delsp =
	    mime_param_find(arena, type.params, type.param_count, STR("delsp"));

	read_type(part, &type);
	part->charset.s = str_lower(arena, charset.s);
	part->name = mime_param_file_name(arena, disposition.params,
	    disposition.param_count, type.params, type.param_count);
	part->content_id = without_angle(
	    text_line(arena, raw_field(arena, object, "Content-Id")));
	part->description = mime_decode_text(
	    arena, raw_field(arena, object, "Content-Description"));
	part->disposition = disposition_of(disposition.type);
	part->encoding =
	    encoding_of(raw_field(arena, object, "Content-Transfer-Encoding"));
	part->is_flowed = str_eq_nocase(format.s, STR("flowed"));
	part->is_delsp = str_eq_nocase(delsp.s, STR("yes"));
}

/* ---- where the parts are ---- */

static struct str
content_of(const struct walk *walk, GMimePart *leaf)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(leaf);
	GMimeStream *stream =
	    wrapper == NULL ? NULL : g_mime_data_wrapper_get_stream(wrapper);
	gint64 end = 0;

	if (stream == NULL || stream->bound_start < 0)
		return (struct str){0};
	end = stream->bound_end;
	if (end < 0 || (size_t)end > walk->bytes.len)
		end = (gint64)walk->bytes.len;
	return str_slice(walk->bytes, (size_t)stream->bound_start, (size_t)end);
}

static struct str
section_of(struct walk *walk, struct str parent, size_t number)
{
	if (parent.len == 0)
		return str_printf(walk->arena, "%zu", number);
	return str_printf(walk->arena, "%.*s.%zu", STR_ARG(parent), number);
}

static void read_object(struct walk *walk, GMimeObject *object,
    struct str section, unsigned depth, struct mime_part *part);

static void
read_multipart(struct walk *walk, GMimeMultipart *multipart, struct str section,
    unsigned depth, struct mime_part *part)
{
	int count = g_mime_multipart_get_count(multipart);
	size_t room = LIMIT_MIME_PARTS - walk->part_count;
	size_t keep = count < 0 ? 0 : (size_t)count;

	if (!str_eq(part->type, STR("multipart"))) {
		part->type = STR("multipart");
		part->subtype = STR("mixed");
	}
	if (keep > room)
		keep = room;
	walk->part_count += keep;
	part->parts = ARENA_ARRAY(walk->arena, keep, struct mime_part);
	if (part->parts == NULL)
		return;
	part->part_count = keep;
	for (size_t i = 0; i < keep; i++)
		read_object(walk, g_mime_multipart_get_part(multipart, (int)i),
		    section_of(walk, section, i + 1), depth + 1,
		    &part->parts[i]);
}

/* The last byte of the message that a part of it holds. */
static size_t
end_of(const struct walk *walk, const struct mime_part *part)
{
	size_t end = 0;

	if (part->content.ptr != NULL)
		end = (size_t)(part->content.ptr - walk->bytes.ptr) +
		      part->content.len;
	for (size_t i = 0; i < part->part_count; i++) {
		size_t inner = end_of(walk, &part->parts[i]);
		if (inner > end)
			end = inner;
	}
	return end;
}

static gint64
first_field(GMimeObject *object)
{
	GMimeHeaderList *fields = g_mime_object_get_header_list(object);

	return g_mime_header_list_get_count(fields) > 0
	           ? g_mime_header_get_offset(
	                 g_mime_header_list_get_header_at(fields, 0))
	           : -1;
}

/*
 * GMime does not say where an attached message ends: it starts with its first
 * field and goes up to the delimiter of the multipart around it.
 */
static struct str
message_content(const struct walk *walk, GMimeMessage *message,
    GMimeObject *around, const struct mime_part *inner)
{
	gint64 start = first_field(GMIME_OBJECT(message));
	gint64 inner_start = first_field(g_mime_message_get_mime_part(message));
	const char *boundary =
	    around == NULL
	        ? NULL
	        : g_mime_object_get_content_type_parameter(around, "boundary");
	size_t end = end_of(walk, inner);

	/* Its Content- fields belong to its root. */
	if (start < 0 || (inner_start >= 0 && inner_start < start))
		start = inner_start;
	if (start < 0 || (size_t)start > walk->bytes.len || end < (size_t)start)
		return (struct str){0};
	if (boundary == NULL) {
		end = walk->bytes.len;
	} else {
		struct str mark = str_join(walk->arena,
		    (struct str[]){STR("\n--"), str_c(boundary)}, 2);
		end = str_find(walk->bytes, mark, end);
	}
	if (end > 0 && end < walk->bytes.len &&
	    walk->bytes.ptr[end - 1] == '\r')
		end--;
	return str_slice(walk->bytes, (size_t)start, end);
}

static void
read_message(struct walk *walk, GMimeMessagePart *object, struct str section,
    unsigned depth, struct mime_part *part)
{
	GMimeMessage *message = g_mime_message_part_get_message(object);
	GMimeObject *root =
	    message == NULL ? NULL : g_mime_message_get_mime_part(message);

	if (!str_eq(part->type, STR("message"))) { /* multipart/digest */
		part->type = STR("message");
		part->subtype = STR("rfc822");
	}
	if (root == NULL || walk->part_count >= LIMIT_MIME_PARTS)
		return;
	part->parts = ARENA_NEW(walk->arena, struct mime_part);
	if (part->parts == NULL)
		return;
	walk->part_count++;
	part->part_count = 1;
	read_object(walk, root,
	    GMIME_IS_MULTIPART(root) ? section : section_of(walk, section, 1),
	    depth + 1, part->parts);
}

static void
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): GMime's macros */
read_object(struct walk *walk, GMimeObject *object, struct str section,
    unsigned depth, struct mime_part *part)
{
	part->section = section;
	read_fields(walk, object, part);
	if (depth >= LIMIT_MIME_DEPTH)
		return;
	if (GMIME_IS_MULTIPART(object))
		read_multipart(
		    walk, GMIME_MULTIPART(object), section, depth, part);
	else if (GMIME_IS_MESSAGE_PART(object))
		read_message(
		    walk, GMIME_MESSAGE_PART(object), section, depth, part);
	else if (GMIME_IS_PART(object))
		part->content = content_of(walk, GMIME_PART(object));
	part->bytes = part->content.len;
}

/* Attached messages as they came, once all other places are known. */
static void
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): GMime's macros */
read_messages(struct walk *walk, GMimeObject *object, GMimeObject *around,
    struct mime_part *part)
{
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message =
		    g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		if (message == NULL || part->part_count == 0)
			return;
		read_messages(walk, g_mime_message_get_mime_part(message),
		    around, part->parts);
		part->content =
		    message_content(walk, message, around, part->parts);
		part->bytes = part->content.len;
	} else if (GMIME_IS_MULTIPART(object)) {
		for (size_t i = 0; i < part->part_count; i++)
			read_messages(walk,
			    g_mime_multipart_get_part(
			        GMIME_MULTIPART(object), (int)i),
			    object, &part->parts[i]);
	}
}

/* ---- the whole ---- */

/* A reader over our bytes, which GLib neither copies nor frees. */
static GMimeObject *
parse_object(struct str bytes)
{
	guint8 *data = NULL;
	GByteArray *array;
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeObject *object;

	memcpy(&data, &bytes.ptr, sizeof(data));
	array = g_byte_array_new_take(data, bytes.len);
	stream = g_mime_stream_mem_new_with_byte_array(array);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	object = g_mime_parser_construct_part(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	(void)g_byte_array_free(array, FALSE);
	return object;
}

static size_t
body_start(struct str bytes)
{
	struct str rest = bytes;
	struct mime_field field;
	bool has_field = false;

	while (mime_field_next(&rest, &field))
		has_field = true;
	return has_field ? bytes.len - rest.len : 0;
}

/* What cannot be taken apart is shown as one text. */
static void
read_as_text(struct str bytes, struct mime_part *part)
{
	*part = (struct mime_part){
	    .section = STR("1"), .type = STR("text"), .subtype = STR("plain")};
	part->content = str_slice(bytes, body_start(bytes), bytes.len);
	part->bytes = part->content.len;
}

static bool
read_parts(struct str bytes, struct arena *arena, struct mime_part *root)
{
	struct walk walk = {.arena = arena, .bytes = bytes, .part_count = 1};
	GMimeObject *object =
	    mime_guard_is_safe(bytes) ? parse_object(bytes) : NULL;
	bool is_whole = false;

	if (object == NULL)
		return false;
	read_object(&walk, object,
	    GMIME_IS_MULTIPART(object) ? STR("") : STR("1"), 0, root);
	read_messages(&walk, object, NULL, root);
	is_whole = !GMIME_IS_MULTIPART(object) || root->part_count > 0;
	g_object_unref(object);
	return is_whole;
}

enum err_code
mime_parse(struct str bytes, const struct mime_limits *limits,
    struct arena *arena, struct mime_message *out, struct err *err)
{
	(void)limits;
	enum err_code rc = mime_parse_header(bytes, arena, &out->header, err);

	if (rc != ERR_OK)
		return rc;
	out->root = ARENA_NEW(arena, struct mime_part);
	if (out->root != NULL && (bytes.len == 0 || body_start(bytes) == 0 ||
	                             !read_parts(bytes, arena, out->root)))
		read_as_text(bytes, out->root);
	if (out->root == NULL || arena_failed(arena))
		return err_set(err, ERR_LIMIT,
		    "This message is too large to be shown whole.",
		    "mime: arena used up");
	return ERR_OK;
}
