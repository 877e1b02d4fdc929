#ifndef SSL_UTIL_ASK_H
#define SSL_UTIL_ASK_H
/*
 * Questions on the terminal. While a struct ask lives, Ctrl-C and the other
 * signals that end programs wait: they are noticed at the next question, so
 * that nothing is ever half-written.
 */
#include <signal.h>
#include <stdbool.h>

#include "base/buf.h"

#define ASK_LINE_BYTES 1024

struct ask {
	int signals; /* signalfd; -1: none */
	sigset_t before;
};

/* Both ends are a terminal: somebody reads and answers. */
bool ask_is_possible(void);
enum err_code ask_begin(struct ask *ask, struct err *err) WARN_UNUSED;
void ask_end(struct ask *ask); /* for CLEANUP */

/* Prints what is there so far, and empties it. */
void ask_show(struct buf *out);
/*
 * "question [fallback]: "; the answer without blanks at its ends, or the
 * fallback when it is empty (NULL: asked again). ERR_CANCELED after Ctrl-C or
 * the end of input.
 */
enum err_code ask_line(struct ask *ask, const char *question,
    const char *fallback, char out[ASK_LINE_BYTES],
    struct err *err) WARN_UNUSED;
/* "question [yes]: ", asked again until it is yes or no. */
enum err_code ask_yes(struct ask *ask, const char *question, bool fallback,
    bool *out, struct err *err) WARN_UNUSED;

#endif
