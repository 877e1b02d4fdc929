#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H
/*
 * One request, read-only for pages. Everything lives until the answer is
 * sent; strings are borrowed from the request.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "http/form.h"
#include "net/net.h"
#include "os/cancel.h"

struct app;
struct session;
struct account;
struct mail_reading;
struct config;
struct config_site;
struct page_time;
struct page_folder_prefs;
struct store_pref;
struct route;

enum request_method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_OTHER
};

struct request {
	struct arena *arena;
	char id[20]; /* for logs and error pages; letters and digits */
	enum request_method method;
	struct str path; /* percent-decoded once, valid UTF-8, no NUL, starts
	                    with '/' */
	struct str raw_target; /* as sent: "/list?folder=INBOX" */
	struct str query;      /* after '?', still encoded */
	struct str host;       /* Host header, lower case, checked; with port */
	bool is_secure;        /* came through TLS */
	enum net_door door;
	uint16_t local_port;
	struct socket_peer peer; /* the browser, as far as we can know */
	bool is_from_proxy;      /* TCP's other end is a trusted proxy */
	/* Came by a trusted proxy that said who and how: peer and is_secure
	 * are its word (PROXY protocol or X-Forwarded-*). */
	bool is_forwarded;
	/* It came with a PROXY header: others are not believed, even if that
	 * named nobody. */
	bool is_introduced;
	const struct net_tls_peer *tls; /* NULL: no TLS to us */
	int64_t start_mono_us;
	int64_t deadline_mono_ms; /* for the whole job */

	/* Set by the worker that runs it. */
	struct cancel *cancel; /* fires when the browser leaves */

	/* Set on the way in by route and session; opaque here. */
	struct app *app;
	const struct config *cfg;       /* pinned for this request */
	const struct config_site *site; /* of the Host header */
	struct session *session;        /* NULL: nobody is logged in */
	bool is_misfit; /* there was one, but not for this certificate */
	struct account *account;      /* NULL likewise */
	struct mail_reading *reading; /* a message that is still coming */
	const struct route *route;
	/* A body past the limit of all: its beginning is kept, the rest is
	 * read and thrown away, so that the form's texts are not lost. */
	bool keeps_beginning;
	uint64_t max_body_bytes; /* of this one; 0: the limit of all */
	void *pinned;            /* what route keeps for the request's life */
	struct page_time *time;  /* the reader's time zone, once it is known */
	struct page_folder_prefs *folder_prefs; /* once they are known */
	/* The person's settings, while nothing is changed (GET); NULL: unread
	 */
	struct store_pref *prefs;
	size_t pref_count;
	struct str csrf_token; /* of the forms of its page, masked */
	/* Another origin that a form of this one page goes to, or empty. */
	struct str form_origin;
	uint64_t mail_wait_us; /* time spent waiting for IMAP and SMTP */

	struct request_inner *inner; /* http's own */
};

/* First header of that name (case ignored), or ptr NULL. */
struct str request_header(const struct request *req, const char *name);
/*
 * All headers of that name as one list, "a, b" (RFC 9110, 5.2), or ptr NULL:
 * without one, or without memory.
 */
struct str request_header_all(const struct request *req, const char *name);
/* Value of a cookie, or ptr NULL. */
struct str request_cookie(const struct request *req, const char *name);
/* Decoded value of a query parameter, the first of that name, or ptr NULL. */
struct str request_query(const struct request *req, const char *name);
/* Content-Length; 0 without one. */
uint64_t request_body_bytes(const struct request *req);
/* The whole body when it is in memory, else ptr NULL (see form). */
struct str request_body(const struct request *req);
/*
 * The parsed form body (urlencoded or multipart), parsed at the first call.
 * ERR_INPUT for a broken or another type of body, ERR_LIMIT. For a request
 * without a body: an empty form.
 */
enum err_code request_form(
    struct request *req, const struct form **out, struct err *err) WARN_UNUSED;
/* A field of the form, or empty when absent or the form is broken. */
struct str request_field(struct request *req, const char *name);
bool request_accepts_gzip(const struct request *req);

/*
 * The worker's cancel; fires at once when the browser has left already. NULL
 * takes it off again (http_answer does that too). Any thread.
 */
void request_set_cancel(struct request *req, struct cancel *cancel);
bool request_is_gone(const struct request *req);

/*
 * A request without a connection: for tests and fuzzers. `headers` are lines
 * "Name: value" separated by LF; `body` is borrowed. Goes through the same
 * checks as one from the street; *out_status is 0 when it passed, else the
 * status it would be refused with. NULL without memory. It lives in the arena;
 * request_end_alone gives back what is not in there.
 */
struct request *request_new_alone(struct arena *arena, struct str method,
    struct str target, struct str headers, struct str body,
    unsigned *out_status);
void request_end_alone(struct request *req);

#endif
