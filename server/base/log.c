#include "base/log.h"

#include <stdatomic.h>

#include "base/buf.h"

#define LOG_LINE_BYTES ((size_t)8 << 10)

/*
 * The one mutable global of the program (style.md 26): set before any thread
 * starts; only the level may change later.
 */
static log_sink_fn *log_sink;
static void *log_sink_ctx;
static atomic_int log_min_level = LOG_INFO;
static _Thread_local char log_request[24];

void
log_init(log_sink_fn *sink, void *ctx, enum log_level min_level)
{
	log_sink = sink;
	log_sink_ctx = ctx;
	log_set_level(min_level);
}

void
log_set_level(enum log_level min_level)
{
	atomic_store(&log_min_level, (int)min_level);
}

bool
log_wants(enum log_level level)
{
	return (int)level >= atomic_load(&log_min_level);
}

void
log_set_request(struct str id)
{
	size_t len =
	    id.len < sizeof(log_request) - 1 ? id.len : sizeof(log_request) - 1;

	if (len > 0)
		memcpy(log_request, id.ptr, len);
	log_request[len] = '\0';
}

static const char *
log_level_name(enum log_level level)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};

	return names[level];
}

/*
 * A byte of a control: of ASCII, or U+0080 to U+009F in UTF-8, among them
 * U+009B, which some terminals take for ESC [.
 */
static bool
log_is_control(struct str value, size_t at)
{
	const unsigned char *c = (const unsigned char *)value.ptr + at;

	if (at > 0 && c[-1] == 0xC2 && c[0] >= 0x80 && c[0] < 0xA0)
		return true;
	if (at + 1 < value.len && c[0] == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0)
		return true;
	return c[0] < 0x20 || c[0] == 0x7F;
}

static bool
log_needs_quotes(struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (log_is_control(value, i) || c == ' ' || c == '"' ||
		    c == '\\' || c == '=')
			return true;
	}
	return value.len == 0;
}

static void
log_add_value(struct buf *line, struct str value)
{
	if (!log_needs_quotes(value)) {
		buf_add(line, value);
		return;
	}
	buf_add_byte(line, '"');
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '"' || c == '\\') {
			buf_add_byte(line, '\\');
			buf_add_byte(line, c);
		} else if (log_is_control(value, i)) {
			buf_addf(line, "\\x%02x", (unsigned)(unsigned char)c);
		} else {
			buf_add_byte(line, c);
		}
	}
	buf_add_byte(line, '"');
}

void
log_write(
    enum log_level level, const char *event, const struct log_field *fields)
{
	if (!log_wants(level))
		return;

	CLEANUP(buf_free) struct buf line;
	buf_init(&line, LOG_LINE_BYTES);
	buf_addf(&line, "level=%s event=%s", log_level_name(level), event);
	if (log_request[0] != '\0') {
		buf_add_c(&line, " request=");
		buf_add_c(&line, log_request);
	}
	for (; fields->key != NULL; fields++) {
		buf_addf(&line, " %s=", fields->key);
		if (fields->is_number)
			buf_add_u64(&line, fields->number);
		else
			log_add_value(&line, fields->value);
	}
	if (log_sink != NULL)
		log_sink(log_sink_ctx, level, buf_str(&line));
	else
		(void)fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&line)));
}
