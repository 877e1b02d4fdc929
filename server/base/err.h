#ifndef BASE_ERR_H
#define BASE_ERR_H
/*
 * Errors. Whatever can fail returns an err_code and fills a struct err.
 * An error is handled or passed up, never both; it is logged once, where the
 * request ends.
 */
#include <stdbool.h>
#include <stddef.h>

#define WARN_UNUSED __attribute__((warn_unused_result))

/* The codes say whose turn it is to do something. */
enum err_code {
	ERR_OK = 0,
	ERR_INPUT,     /* what was sent is wrong: the sender's turn */
	ERR_LOGIN,     /* name or password refused, or no session */
	ERR_NOT_FOUND, /* no such page, folder, message */
	ERR_FORBIDDEN, /* not allowed: token, origin, mode */
	ERR_LIMIT,     /* too much, too often, too large */
	ERR_MAIL,      /* the mail server said no */
	ERR_AWAY,      /* a server cannot be reached, or took too long */
	ERR_TRUST,     /* the mail server's certificate cannot be trusted */
	ERR_BUSY,      /* we are overloaded: try again */
	ERR_CONFIG,    /* the admin's turn */
	ERR_CANCELED,  /* the browser left while we worked */
	ERR_NO_MEMORY,
	ERR_INTERNAL,
	ERR_COUNT
};

#define ERR_MESSAGE_BYTES 1024 /* two long paths and a line of words */
#define ERR_DETAIL_BYTES  512

/*
 * `message` may be shown to the person: a full sentence, plain UTF-8.
 * `detail` goes to the log: never passwords, subjects or bodies.
 * The functions below are given English and set `message` in the language of
 * the thread (base/tr.h), and then, when there is no detail, the English one
 * as that.
 */
struct err {
	enum err_code code;
	bool says_again; /* the message tells to try again */
	bool is_missing; /* it is English where another language is spoken */
	char message[ERR_MESSAGE_BYTES];
	char detail[ERR_DETAIL_BYTES];
};

/* clang-format off */
#define ERR_NONE { .code = ERR_OK } /* a macro because it initialises */
/* clang-format on */

/*
 * Fills `err` (NULL accepted) and returns `code`, so that a function can end
 * with `return err_set(...)`. `message` and `detail` may be NULL or empty;
 * too long texts are cut at a character's border.
 */
enum err_code err_set(struct err *err, enum err_code code, const char *message,
    const char *detail);

/* The same with a formatted detail (printf rules). */
enum err_code err_setf(struct err *err, enum err_code code, const char *message,
    const char *detail_format, ...) __attribute__((format(printf, 4, 5)));

/* The same with a formatted message, for configuration and command lines. */
enum err_code err_sayf(struct err *err, enum err_code code,
    const char *message_format, ...) __attribute__((format(printf, 3, 4)));

/* Says that a failure here changes nothing; the caller's comment says why. */
static inline void
err_ignore(enum err_code code)
{
	(void)code;
}

/* "ERR_AWAY" and so on, for logs and tests. Never NULL. */
const char *err_name(enum err_code code);

/*
 * States what must be true of our own code; stays in release builds and
 * aborts. Never on input. A macro because it names the place.
 */
#define ensure(expr) \
	((expr) ? (void)0 : err_ensure_failed(#expr, __FILE__, __LINE__))
void err_ensure_failed(const char *expr, const char *file, int line)
    __attribute__((noreturn));

/*
 * Calls fn(&variable) when the variable goes out of scope. A macro because it
 * is an attribute. Cleanup functions take a pointer to the variable.
 */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#endif
