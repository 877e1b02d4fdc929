/*
 * The only file that knows GMime: it finds the parts of a whole message. What
 * stands in them is decoded by our own pieces.
 */
#include <gmime/gmime.h>

#include "mime/mime_field.h"
#include "mime/mime_guard.h"
#include "mime/mime_part.h"
#include "os/clock.h"

/* Delimiters that never come are looked for through so many messages. */
#define SEARCHES 20u
/* Headers of attached messages that are read, in all, by the limit of one. */
#define HEADERS_READ 4u

struct walk {
	struct arena *arena;
	const struct mime_limits *limits;
	struct str bytes; /* the whole message */
	struct mime_guard guard;
	size_t part_count;
	size_t header_bytes; /* of attached messages, read so far */
	size_t searched;     /* bytes, for the ends of attached messages */
	int64_t until_ms;    /* processor time of this thread */
	bool is_incomplete;
};

/* ---- what the library is given to read ---- */

/*
 * A stream over our bytes without those that the guard leaves out. It comes to
 * its end when the time for the message is used up: the library then makes of
 * what it has seen what it can.
 */
struct seen {
	GMimeStreamMem parent;
	struct walk *walk; /* borrowed */
};

#define SEEN_TYPE "IwebmsgSeen"

static bool
is_late(struct walk *walk)
{
	if (clock_cpu_ms() <= walk->until_ms)
		return false;
	walk->is_incomplete = true;
	return true;
}

static ssize_t
seen_read(GMimeStream *stream, char *out, size_t len)
{
	struct seen *seen = (struct seen *)stream;
	struct walk *walk = seen->walk;
	size_t done = 0;

	if (is_late(walk))
		return 0;
	while (done < len && stream->position < stream->bound_end) {
		size_t position = (size_t)stream->position;
		size_t from = mime_guard_offset(&walk->guard, position + 1) - 1;
		size_t count = mime_guard_run(&walk->guard, from);
		if (count > (size_t)stream->bound_end - position)
			count = (size_t)stream->bound_end - position;
		if (count > len - done)
			count = len - done;
		memcpy(out + done, walk->bytes.ptr + from, count);
		done += count;
		stream->position += (gint64)count;
	}
	return (ssize_t)done;
}

static void
seen_class_init(gpointer class, gpointer data)
{
	(void)data;
	((GMimeStreamClass *)class)->read = seen_read;
}

void
mime_init(void)
{
	g_mime_init();
	(void)g_type_register_static_simple(GMIME_TYPE_STREAM_MEM, SEEN_TYPE,
	    sizeof(GMimeStreamMemClass), seen_class_init, sizeof(struct seen),
	    NULL, 0);
}

/* ---- what the fields of a part say ---- */

/* As it stands in the message: the library's copy goes with its object. */
static struct str
raw_field(const struct walk *walk, GMimeObject *object, const char *name)
{
	GMimeHeader *header = g_mime_header_list_get_header(
	    g_mime_object_get_header_list(object), name);
	gint64 seen = header == NULL ? -1 : g_mime_header_get_offset(header);
	struct mime_field field;
	struct str rest;

	if (seen < 0)
		return (struct str){0};
	rest = str_slice(walk->bytes,
	    mime_guard_offset(&walk->guard, (size_t)seen + 1) - 1,
	    walk->bytes.len);
	if (!mime_field_next(&rest, &field) ||
	    !str_eq_nocase(field.name, str_c(name)))
		return (struct str){0};
	return field.value;
}

static void
read_fields(struct walk *walk, GMimeObject *object, struct mime_part *part)
{
	const struct mime_part_fields fields = {
	    .type = raw_field(walk, object, "Content-Type"),
	    .disposition = raw_field(walk, object, "Content-Disposition"),
	    .encoding = raw_field(walk, object, "Content-Transfer-Encoding"),
	    .id = raw_field(walk, object, "Content-Id"),
	    .description = raw_field(walk, object, "Content-Description"),
	};

	mime_part_read(walk->arena, &fields, part);
}

/* ---- where the parts are ---- */

static struct str
content_of(const struct walk *walk, GMimePart *leaf)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(leaf);
	GMimeStream *stream =
	    wrapper == NULL ? NULL : g_mime_data_wrapper_get_stream(wrapper);
	size_t start = 0;
	size_t end = walk->guard.end;

	if (stream == NULL || stream->bound_start < 0)
		return (struct str){0};
	start = mime_guard_offset(&walk->guard, (size_t)stream->bound_start);
	if (stream->bound_end >= 0)
		end = mime_guard_end(
		    &walk->guard, walk->bytes, (size_t)stream->bound_end);
	return str_slice(walk->bytes, start, end);
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
	size_t room = walk->limits->parts - walk->part_count;
	size_t keep = count < 0 ? 0 : (size_t)count;

	if (!str_eq(part->type, STR("multipart"))) {
		part->type = STR("multipart");
		part->subtype = STR("mixed");
	}
	if (keep > room) {
		keep = room;
		walk->is_incomplete = true;
	}
	walk->part_count += keep;
	part->parts = ARENA_ARRAY(walk->arena, keep, struct mime_part);
	if (part->parts == NULL)
		return;
	for (size_t i = 0; i < keep && !is_late(walk); i++) {
		part->part_count = i + 1;
		read_object(walk, g_mime_multipart_get_part(multipart, (int)i),
		    section_of(walk, section, i + 1), depth + 1,
		    &part->parts[i]);
	}
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
message_content(struct walk *walk, GMimeMessage *message, GMimeObject *around,
    const struct mime_part *inner)
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
	if (start >= 0)
		start = (gint64)mime_guard_offset(&walk->guard, (size_t)start);
	if (start < 0 || (size_t)start > walk->bytes.len || end < (size_t)start)
		return (struct str){0};
	if (boundary == NULL) {
		end = walk->bytes.len;
	} else if (walk->searched < walk->bytes.len * SEARCHES) {
		size_t from = end;
		struct str mark = str_join(walk->arena,
		    (struct str[]){STR("\n--"), str_c(boundary)}, 2);
		end = str_find(walk->bytes, mark, end);
		walk->searched += end - from;
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
	if (root == NULL)
		return;
	if (walk->part_count >= walk->limits->parts) {
		walk->is_incomplete = true;
		return;
	}
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
	if (depth >= walk->limits->depth) {
		walk->is_incomplete =
		    walk->is_incomplete || !GMIME_IS_PART(object);
		return;
	}
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

/* What the header of an attached message says; only of the first ones. */
static const struct mime_header *
header_of(struct walk *walk, struct str content)
{
	struct str block = str_slice(content, 0, walk->limits->header_bytes);
	struct mime_header *header = NULL;
	struct err err = ERR_NONE;

	if (walk->header_bytes >= walk->limits->header_bytes * HEADERS_READ)
		return NULL;
	header = ARENA_NEW(walk->arena, struct mime_header);
	/* Without it the message is still there to be read. */
	if (header == NULL ||
	    mime_parse_header(block, walk->arena, header, &err) != ERR_OK)
		return NULL;
	walk->header_bytes += header->raw.len;
	return header;
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
		part->message = header_of(walk, part->content);
	} else if (GMIME_IS_MULTIPART(object)) {
		for (size_t i = 0; i < part->part_count; i++)
			read_messages(walk,
			    g_mime_multipart_get_part(
			        GMIME_MULTIPART(object), (int)i),
			    object, &part->parts[i]);
	}
}

/* ---- the whole ---- */

/* GLib neither copies nor frees our bytes. */
static GMimeObject *
parse_object(struct walk *walk)
{
	guint8 *data = NULL;
	GByteArray *array;
	struct seen *seen;
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeObject *object;

	memcpy(&data, &walk->bytes.ptr, sizeof(data));
	array = g_byte_array_new_take(data, walk->bytes.len);
	seen = g_object_new(g_type_from_name(SEEN_TYPE), NULL);
	seen->walk = walk;
	stream = &seen->parent.parent_object;
	g_mime_stream_mem_set_byte_array(&seen->parent, array);
	g_mime_stream_set_bounds(
	    stream, 0, (gint64)(walk->guard.end - walk->guard.skipped));
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	object = g_mime_parser_construct_part(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	(void)g_byte_array_free(array, FALSE);
	return object;
}

static bool
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): GMime's macros */
read_parts(struct walk *walk, struct mime_part *root)
{
	GMimeObject *object = NULL;
	bool is_whole = false;

	mime_guard_look(walk->bytes, walk->limits, walk->arena, &walk->guard);
	walk->is_incomplete = walk->is_incomplete || walk->guard.is_cut;
	if (!arena_failed(walk->arena))
		object = parse_object(walk);
	if (object == NULL)
		return false;
	read_object(walk, object,
	    GMIME_IS_MULTIPART(object) ? STR("") : STR("1"), 0, root);
	read_messages(walk, object, NULL, root);
	is_whole = !GMIME_IS_MULTIPART(object) || root->part_count > 0;
	g_object_unref(object);
	return is_whole;
}

enum err_code
mime_parse(struct str bytes, const struct mime_limits *limits,
    struct arena *arena, struct mime_message *out, struct err *err)
{
	struct walk walk = {.arena = arena,
	    .limits = limits,
	    .bytes = mime_field_lines(
	        arena, str_slice(bytes, 0, limits->parse_bytes)),
	    .part_count = 1,
	    .until_ms = clock_cpu_ms() + limits->time_ms,
	    .is_incomplete = bytes.len > limits->parse_bytes};
	enum err_code rc =
	    mime_parse_header(str_slice(bytes, 0, limits->header_bytes), arena,
	        &out->header, err);

	if (rc != ERR_OK)
		return rc;
	bytes = walk.bytes;
	out->root = ARENA_NEW(arena, struct mime_part);
	if (out->root != NULL &&
	    (bytes.len == 0 || mime_part_body(bytes) == 0 ||
	        !read_parts(&walk, out->root)))
		mime_part_of_text(bytes, out->root);
	if (out->root == NULL || arena_failed(arena))
		return err_set(err, ERR_LIMIT,
		    "This message is too large to be shown whole.",
		    "mime: arena used up");
	out->is_incomplete = walk.is_incomplete ||
	                     (out->header.raw.len >= limits->header_bytes &&
	                         bytes.len > limits->header_bytes);
	return ERR_OK;
}
