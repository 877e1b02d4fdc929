#ifndef BASE_LOG_H
#define BASE_LOG_H
/*
 * Structured log: a line is an event with fields, in logfmt. Values are
 * quoted here. Never subjects, bodies, addresses of third parties, passwords,
 * cookies. The sink is handed in by main before any thread starts.
 */
#include "base/str.h"

enum log_level {
	LOG_DEBUG,
	LOG_INFO,
	LOG_WARN,
	LOG_ERROR
};

struct log_field {
	const char *key; /* NULL ends a list */
	struct str value;
	uint64_t number;
	bool is_number;
};

/* Fields, as compound literals; macros because they are initialisers. */
#define LOG_STR(name, string) \
	((struct log_field){.key = (name), .value = (string)})
#define LOG_C(name, c_string) \
	((struct log_field){.key = (name), .value = str_c(c_string)})
#define LOG_U64(name, n)     \
	((struct log_field){ \
	    .key = (name), .number = (uint64_t)(n), .is_number = true})

/* Takes one finished line without the newline; called under no lock of ours. */
typedef void log_sink_fn(void *ctx, enum log_level level, struct str line);

/* Once, before any thread. Without it, lines go to stderr. */
void log_init(log_sink_fn *sink, void *ctx, enum log_level min_level);
void log_set_level(enum log_level min_level);
bool log_wants(enum log_level level);

/* Writes one line; a macro because of the list's end. */
#define log_event(level, event, ...) \
	log_write((level), (event),  \
	    (const struct log_field[]){__VA_ARGS__, {.key = NULL}})
/* An event without fields. */
#define log_plain(level, event) \
	log_write((level), (event), (const struct log_field[]){{.key = NULL}})
void log_write(
    enum log_level level, const char *event, const struct log_field *fields);

/* The request id that this thread's lines carry from now on; empty: none. */
void log_set_request(struct str id);

#endif
