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

static bool
log_needs_quotes(struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if ((unsigned char)c <= ' ' || c == '"' || c == '\\' ||
		    c == '=' || (unsigned char)c == 0x7F)
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
		} else if ((unsigned char)c < 0x20 ||
		           (unsigned char)c == 0x7F) {
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
