#include "http/form.h"

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "http/form_source.h"
#include "os/file.h"

#define FORM_WINDOW_BYTES ((size_t)64 << 10)

enum err_code
form_builder_add(struct form_builder *builder, const struct form_field *field,
    struct err *err)
{
	struct form *form = builder->form;
	struct form_field *fields;

	if (form->count >= LIMIT_FORM_FIELDS)
		return err_set(
		    err, ERR_LIMIT, "The form has too many fields.", NULL);
	fields = arena_grow(builder->arena, form->fields, form->count,
	    &builder->capacity, sizeof(*fields));
	if (!fields)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is short of memory.", NULL);
	fields[form->count] = *field;
	form->fields = fields;
	form->count++;
	return ERR_OK;
}

static enum err_code
decode(struct arena *arena, struct str s, struct str *out, struct err *err)
{
	struct buf decoded;

	if (s.len > LIMIT_FIELD_BYTES)
		return err_set(
		    err, ERR_LIMIT, "A field of the form is too long.", NULL);
	buf_init_arena(&decoded, arena, s.len + 1);
	codec_percent_decode(&decoded, s, true);
	if (buf_end(&decoded, out, NULL) != ERR_OK)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is short of memory.", NULL);
	if (!out->ptr)
		*out = STR("");
	return ERR_OK;
}

/* WHATWG URL, 5.1: pieces between '&', name and value between '='. */
static enum err_code
parse_urlencoded(struct str body, struct form_builder *builder, struct err *err)
{
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && body.ptr && body.len > 0) {
		struct form_field field = {0};
		struct str value = str_cut(&body, '&');
		struct str name;

		if (value.len == 0)
			continue;
		name = str_cut(&value, '=');
		rc = decode(builder->arena, name, &field.name, err);
		if (rc == ERR_OK)
			rc = decode(builder->arena, value, &field.value, err);
		if (rc == ERR_OK)
			rc = form_builder_add(builder, &field, err);
	}
	return rc;
}

static enum err_code
parse_body(struct form_source *source, struct str content_type,
    struct form_builder *builder, struct err *err)
{
	struct str params = content_type;
	struct str type = str_trim(str_cut(&params, ';'));
	struct str body = source->memory;
	enum err_code rc = ERR_OK;

	if (str_eq_nocase(type, STR("multipart/form-data"))) {
		struct str boundary =
		    form_boundary(content_type, builder->arena);

		if (!boundary.ptr)
			return err_set(err, ERR_INPUT,
			    "The form that was sent is broken.",
			    "multipart without a boundary");
		return form_multipart(source, boundary, builder, err);
	}
	if (!str_eq_nocase(type, STR("application/x-www-form-urlencoded")))
		return err_set(err, ERR_INPUT, "What was sent is not a form.",
		    "content type");
	if (source->spool_fd >= 0)
		rc = form_source_copy(source, 0, source->total,
		    2 * LIMIT_FIELD_BYTES, &body, err);
	return rc == ERR_OK ? parse_urlencoded(body, builder, err) : rc;
}

enum err_code
form_parse_source(struct str content_type, struct form_source *source,
    struct arena *arena, const struct form **out, struct err *err)
{
	struct form *form = ARENA_NEW(arena, struct form);
	struct form_builder builder = {.form = form, .arena = arena};
	enum err_code rc;

	*out = NULL;
	ensure(source->window_max >= FORM_WINDOW_MIN);
	source->arena = arena;
	if (form && source->spool_fd >= 0)
		source->window = arena_alloc(arena, source->window_max);
	if (!form || (source->spool_fd >= 0 && !source->window))
		return err_set(
		    err, ERR_NO_MEMORY, "The server is short of memory.", NULL);
	form->spool_fd = source->spool_fd;
	form->memory = source->memory;
	rc = parse_body(source, content_type, &builder, err);
	if (source->failed)
		return err_set(err, ERR_INTERNAL, "The upload cannot be read.",
		    "spool read");
	/* Names lose their escapes in silence: a field must not get lost so. */
	if (rc == ERR_OK && arena_failed(arena))
		rc = err_set(
		    err, ERR_NO_MEMORY, "The server is short of memory.", NULL);
	if (rc == ERR_OK)
		*out = form;
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a body is memory or a spool */
form_parse(struct str content_type, struct str memory, int spool_fd,
    uint64_t spool_bytes, struct arena *arena, const struct form **out,
    struct err *err)
{
	struct form_source source = {.memory = memory,
	    .spool_fd = spool_fd,
	    .total = spool_fd >= 0 ? spool_bytes : memory.len,
	    .window_max = FORM_WINDOW_BYTES};

	return form_parse_source(content_type, &source, arena, out, err);
}

enum err_code
form_parse_beginning(struct str content_type, int spool_fd,
    uint64_t spool_bytes, struct arena *arena, const struct form **out,
    struct err *err)
{
	struct form_source source = {.spool_fd = spool_fd,
	    .total = spool_bytes,
	    .window_max = FORM_WINDOW_BYTES,
	    .is_cut = true};

	return form_parse_source(content_type, &source, arena, out, err);
}

const struct form_field *
form_next(
    const struct form *form, const char *name, const struct form_field *after)
{
	size_t i = after ? (size_t)(after - form->fields) + 1 : 0;

	for (; i < form->count; i++) {
		if (str_eq(form->fields[i].name, str_c(name)))
			return &form->fields[i];
	}
	return NULL;
}

const struct form_field *
form_find(const struct form *form, const char *name)
{
	return form_next(form, name, NULL);
}

struct str
form_value(const struct form *form, const char *name)
{
	const struct form_field *field = form_find(form, name);

	return field ? field->value : (struct str){0};
}

int64_t
form_file_read(const struct form *form, const struct form_field *field,
    uint64_t offset, void *buf, size_t len)
{
	struct str part;

	if (offset >= field->file_bytes)
		return 0;
	if (len > field->file_bytes - offset)
		len = (size_t)(field->file_bytes - offset);
	if (form->spool_fd >= 0)
		return file_read_at(
		    form->spool_fd, buf, len, field->file_offset + offset);
	part = str_slice(form->memory, (size_t)(field->file_offset + offset),
	    (size_t)(field->file_offset + offset + len));
	if (part.len > 0)
		memcpy(buf, part.ptr, part.len);
	return (int64_t)part.len;
}
