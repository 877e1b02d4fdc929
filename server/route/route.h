#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H
/*
 * The table of addresses: {method, path, guards, flags, page}. HEAD is
 * answered by the page for GET; the HTTP side leaves the body out.
 */
#include "page/pages.h"

enum guard {
	GUARD_NONE = 0,
	GUARD_SESSION = 1, /* somebody is logged in */
	GUARD_CSRF = 2,    /* the form's token, Origin, Sec-Fetch-Site */
	GUARD_LOOPBACK = 4 /* from this machine, and not through a proxy */
};

enum route_flag {
	ROUTE_GZIP = 1, /* the answer may be compressed */
	ROUTE_MAIL = 2, /* talks to the mail server: counts for its site */
	ROUTE_LARGE_BODY = 4, /* attachments, with a session cookie */
	ROUTE_NO_SESSION = 8, /* the cookie is not looked at */
	ROUTE_ANY_CASE = 16,  /* the path's letters may be of any case */
	ROUTE_ANY_DOOR =
	    32, /* from this machine in clear too, under ForceSSL */
	ROUTE_UNCOUNTED = 64,   /* no share of the workers is counted */
	ROUTE_BOTH_DOORS = 128, /* in clear to everybody, under ForceSSL too */
	ROUTE_BELOW = 256,      /* the path and all below it; ends with '/' */
	ROUTE_ROOT = 512,       /* also without BasePath in front */
	ROUTE_QUIET = 1024,     /* no use of the session: see session_look */
	ROUTE_IMPORT_BODY = 2048, /* up to MaxImportSize */
	ROUTE_AGAIN = 4096        /* often asked for again: see page_again.h */
};

struct route {
	enum request_method method; /* METHOD_GET or METHOD_POST */
	const char *path;
	unsigned guards;
	unsigned flags;
	page_fn *page;
	const char *name; /* in logs and metrics */
};

extern const struct route route_table[];
extern const size_t route_count;

/*
 * Sets *out to the request's route. ERR_NOT_FOUND: no such path. ERR_INPUT:
 * the path is there, for another method; *out_allow says for which.
 */
enum err_code route_find(const struct request *req, const struct route **out,
    const char **out_allow, struct err *err) WARN_UNUSED;

/* Does a route with ROUTE_ROOT have this path, for whatever method? */
bool route_is_at_root(struct str path);

#endif
