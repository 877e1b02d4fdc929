#include "base/json.h"

#include <jansson.h>

/* ---- limits --------------------------------------------------------------
 */
/*
 * Looked at before jansson builds a tree: a file of "[[[[…" or "[1,1,1,…" is
 * small, and its tree is not.
 */
static enum err_code
json_check(struct str bytes, const struct json_limits *limits, struct err *err)
{
	unsigned depth = 0;
	unsigned values = 0;
	bool is_string = false;

	if (bytes.len > limits->bytes)
		return err_set(
		    err, ERR_LIMIT, "This file is too large.", "json");
	for (size_t i = 0; i < bytes.len; i++) {
		char c = bytes.ptr[i];

		if (is_string && c == '\\')
			i++;
		else if (c == '"')
			is_string = !is_string;
		else if (is_string)
			continue;
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
		values += !is_string && (c == ',' || c == '{' || c == '[');
		if (depth > limits->depth || values > limits->values)
			return err_set(err, ERR_LIMIT,
			    "This file holds more than there is room for.",
			    "json: depth or values");
	}
	return ERR_OK;
}

/* ---- values --------------------------------------------------------------
 */
struct json *
json_add(struct arena *arena, struct json *into, struct str name,
    enum json_kind kind)
{
	struct json *value = ARENA_NEW(arena, struct json);

	if (value == NULL)
		return NULL;
	value->kind = kind;
	value->name = name;
	if (into == NULL)
		return value;
	if (into->last == NULL)
		into->first = value;
	else
		into->last->next = value;
	into->last = value;
	return value;
}

void
json_add_string(
    struct arena *arena, struct json *into, struct str name, struct str string)
{
	struct json *value = json_add(arena, into, name, JSON_KIND_STRING);

	if (value != NULL)
		value->string = string;
}

void
json_add_number(
    struct arena *arena, struct json *into, struct str name, int64_t number)
{
	struct json *value = json_add(arena, into, name, JSON_KIND_NUMBER);

	if (value != NULL)
		value->number = number;
}

void
json_add_bool(
    struct arena *arena, struct json *into, struct str name, bool is_true)
{
	struct json *value = json_add(arena, into, name, JSON_KIND_BOOL);

	if (value != NULL)
		value->is_true = is_true;
}

const struct json *
json_find(const struct json *object, struct str name)
{
	if (object == NULL || object->kind != JSON_KIND_OBJECT)
		return NULL;
	for (const struct json *at = object->first; at != NULL; at = at->next)
		if (str_eq(at->name, name))
			return at;
	return NULL;
}

/* ---- reading -------------------------------------------------------------
 */
static struct str
json_dup(struct arena *arena, const char *ptr, size_t len)
{
	return len == 0 ? STR("") : str_dup(arena, str_of(ptr, len));
}

/* As deep as json_check() let through. */
static void
json_take(struct arena *arena, json_t *from, struct json *into, struct str name)
{
	static const enum json_kind kinds[] = {
	    [JSON_OBJECT] = JSON_KIND_OBJECT,
	    [JSON_ARRAY] = JSON_KIND_LIST,
	    [JSON_STRING] = JSON_KIND_STRING,
	    [JSON_INTEGER] = JSON_KIND_NUMBER,
	    [JSON_REAL] = JSON_KIND_FRACTION,
	    [JSON_TRUE] = JSON_KIND_BOOL,
	    [JSON_FALSE] = JSON_KIND_BOOL,
	    [JSON_NULL] = JSON_KIND_NULL,
	};
	struct json *value =
	    json_add(arena, into, name, kinds[json_typeof(from)]);
	const char *key = NULL;
	json_t *item = NULL;
	size_t i = 0;

	if (value == NULL)
		return;
	value->is_true = json_is_true(from);
	value->number = json_integer_value(from);
	if (json_is_string(from))
		value->string = json_dup(
		    arena, json_string_value(from), json_string_length(from));
	json_array_foreach(from, i, item)
	    json_take(arena, item, value, STR(""));
	json_object_foreach(from, key, item)
	    json_take(arena, item, value, json_dup(arena, key, strlen(key)));
}

enum err_code
json_read(struct str bytes, const struct json_limits *limits,
    struct arena *arena, struct json **out, struct err *err)
{
	struct json root = {.kind = JSON_KIND_LIST};
	json_error_t why = {.line = 0};
	json_t *tree = NULL;
	enum err_code rc;

	*out = NULL;
	/* Editors of some systems write it, and RFC 8259 lets us pass it by. */
	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		bytes = str_slice(bytes, 3, bytes.len);
	rc = json_check(bytes, limits, err);
	if (rc != ERR_OK)
		return rc;
	tree = json_loadb(bytes.len == 0 ? "" : bytes.ptr, bytes.len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (tree == NULL)
		return err_sayf(err, ERR_INPUT,
		    "This file cannot be read: it is damaged at line %d, or "
		    "none that these pages wrote.",
		    why.line < 1 ? 1 : why.line);
	json_take(arena, tree, &root, STR(""));
	json_decref(tree);
	if (arena_failed(arena) || root.first == NULL)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is out of memory.", "json");
	*out = root.first;
	return ERR_OK;
}

/* ---- writing -------------------------------------------------------------
 */
static json_t *json_make(const struct json *value);

/* NULL without memory. */
static json_t *
json_make_many(const struct json *value)
{
	bool is_object = value->kind == JSON_KIND_OBJECT;
	json_t *made = is_object ? json_object() : json_array();

	for (const struct json *at = value->first; made != NULL && at != NULL;
	     at = at->next) {
		json_t *item = json_make(at);
		/* Both take the item, also when they fail. */
		int rc = is_object ? json_object_setn_new(
		                         made, at->name.ptr, at->name.len, item)
		                   : json_array_append_new(made, item);

		if (rc == 0)
			continue;
		json_decref(made);
		return NULL;
	}
	return made;
}

static json_t *
json_make(const struct json *value)
{
	switch (value->kind) {
	case JSON_KIND_BOOL:
		return json_boolean(value->is_true);
	case JSON_KIND_NUMBER:
		return json_integer(value->number);
	case JSON_KIND_STRING:
		return json_stringn(
		    value->string.len == 0 ? "" : value->string.ptr,
		    value->string.len);
	case JSON_KIND_LIST:
	case JSON_KIND_OBJECT:
		return json_make_many(value);
	case JSON_KIND_NULL:
	case JSON_KIND_FRACTION:
		break;
	}
	return json_null();
}

static int
json_put(const char *bytes, size_t len, void *ctx)
{
	struct buf *out = ctx;

	buf_add(out, str_of(bytes, len));
	return out->failed == ERR_OK ? 0 : -1;
}

enum err_code
json_write(const struct json *value, struct buf *out, struct err *err)
{
	json_t *tree = json_make(value);
	struct str whole;
	int rc = -1;

	if (tree != NULL)
		rc = json_dump_callback(
		    tree, json_put, out, JSON_INDENT(1) | JSON_ENCODE_ANY);
	json_decref(tree);
	buf_add_byte(out, '\n');
	if (rc != 0 && out->failed == ERR_OK)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is out of memory.", "json");
	return buf_end(out, &whole, err);
}
