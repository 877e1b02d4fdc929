/*
 * Form bodies. The first byte chooses memory or spool and the window, the
 * first line is the Content-Type. A form in memory and in a spool is the
 * same; files lie inside the body; what is urlencoded anew decodes to itself.
 */
#include <stdint.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "http/form_source.h"
#include "os/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_same(const struct form *a, const struct form *b)
{
	ensure(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct form_field *x = &a->fields[i];
		const struct form_field *y = &b->fields[i];

		ensure(str_eq(x->name, y->name));
		ensure(str_eq(x->value, y->value));
		ensure(x->is_file == y->is_file);
		ensure(x->file_offset == y->file_offset);
		ensure(x->file_bytes == y->file_bytes);
	}
}

static void
check_files(const struct form *form, size_t body_bytes)
{
	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];
		char byte;

		if (!field->is_file)
			continue;
		ensure(field->file_offset + field->file_bytes <= body_bytes);
		ensure(str_find_byte(field->file_name, '/', 0) ==
		       field->file_name.len);
		ensure(form_file_read(
		           form, field, field->file_bytes, &byte, 1) == 0);
		if (field->file_bytes > 0)
			ensure(form_file_read(form, field,
			           field->file_bytes - 1, &byte, 1) == 1);
	}
}

static void
check_again(const struct form *form, struct arena *arena)
{
	struct buf out;
	struct str text;
	const struct form *again = NULL;

	buf_init_arena(&out, arena, (size_t)4 << 20);
	for (size_t i = 0; i < form->count; i++) {
		buf_add_percent(&out, form->fields[i].name);
		buf_add_byte(&out, '=');
		buf_add_percent(&out, form->fields[i].value);
		buf_add_byte(&out, '&');
	}
	if (buf_end(&out, &text, NULL) != ERR_OK)
		return;
	ensure(form_parse(STR("application/x-www-form-urlencoded"), text, -1, 0,
	           arena, &again, NULL) == ERR_OK);
	ensure(again->count == form->count);
	for (size_t i = 0; i < form->count; i++) {
		ensure(str_eq(again->fields[i].name, form->fields[i].name));
		ensure(str_eq(again->fields[i].value, form->fields[i].value));
	}
}

static void
check_spool(struct str type, struct str body, size_t window,
    struct arena *arena, enum err_code code, const struct form *form)
{
	struct form_source source = {.total = body.len, .window_max = window};
	const struct form *other = NULL;
	int fd = -1;

	if (file_open_spool("/tmp", &fd, NULL) != ERR_OK)
		return;
	ensure(file_write_all(fd, body, NULL) == ERR_OK);
	source.spool_fd = fd;
	ensure(form_parse_source(type, &source, arena, &other, NULL) == code);
	if (form) {
		check_same(form, other);
		check_files(other, body.len);
	}
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena;
	struct str body, type;
	const struct form *form = NULL;
	enum err_code code;

	if (len < 1)
		return 0;
	body = str_of((const char *)data + 1, len - 1);
	type = str_cut(&body, '\n');
	arena = arena_new(LIMIT_ARENA_BYTES);
	ensure(arena);
	code = form_parse(type, body, -1, 0, arena, &form, NULL);
	ensure((code == ERR_OK) == (form != NULL));
	if (form) {
		check_files(form, body.len);
		check_again(form, arena);
	}
	if (data[0] & 1)
		check_spool(type, body, FORM_WINDOW_MIN + (data[0] >> 1), arena,
		    code, form);
	arena_free(arena);
	return 0;
}
