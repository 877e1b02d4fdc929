#ifndef HTTP_STATIC_H
#define HTTP_STATIC_H
/*
 * Static files, read whole at start and at reload: body, gzip, ETag, and a
 * versioned address ("/static/app.3f2a9c01.css") that may be cached for a
 * year. One set is immutable and counted.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "http/request.h"
#include "http/response.h"

struct static_set;

/*
 * Reads `folder`, then `override_folder` (may be NULL; a host's TemplateDir:
 * files in its "static" subfolder replace ours one by one).
 */
enum err_code static_set_new(const char *folder, const char *override_folder,
    struct static_set **out, struct err *err) WARN_UNUSED;
/*
 * Puts `css` behind app.css, and takes the logo at `path`, a PNG or SVG file of
 * at most LIMIT_LOGO_BYTES. Only before the set is in use. ERR_CONFIG: it is no
 * such picture; what stops file_read().
 */
enum err_code static_set_add_css(
    struct static_set *set, struct str css, struct err *err) WARN_UNUSED;
enum err_code static_set_add_logo(
    struct static_set *set, const char *path, struct err *err) WARN_UNUSED;
/* A logo's address, and its shape as width of a height of 100. */
struct static_logo {
	struct str address; /* empty: there is none */
	uint32_t width;     /* 25 to 800 */
};
struct static_logo static_set_logo(const struct static_set *set);
struct static_set *static_set_ref(struct static_set *set);
void static_set_unref(struct static_set *set);
/*
 * "/static/app.3f2a9c01.css" for "app.css"; "/static/unknown" when there
 * is no such file. Lives as long as the set.
 */
struct str static_set_address(const struct static_set *set, struct str name);
/*
 * Answers "/static/…" (with or without the version): 200, 304 or 404. With
 * the version: max-age one year, immutable; else an hour with ETag.
 */
void static_set_answer(struct static_set *set, const struct request *req,
    struct response *res, bool gzip);

#endif
