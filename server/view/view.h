#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H
/*
 * View models: named values for a template. The type of a value decides how
 * it is escaped. A view remembers its first failure; tmpl_render reports it.
 * Names are literals of ours. Values are borrowed: they live as long as the
 * arena. A name set twice has its last value. A NULL view or list is taken
 * everywhere and stays without effect (memory was used up).
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct view;

struct view *view_new(struct arena *arena);
void view_text(struct view *view, const char *name, struct text value);
/* A word or number of ours; made text like view_str. */
void view_word(struct view *view, const char *name, const char *value);
/* Bytes: made text first. */
void view_str(struct view *view, const char *name, struct str value);
void view_u64(struct view *view, const char *name, uint64_t value);
void view_bool(struct view *view, const char *name, bool value);
/* The only value that goes out unescaped. */
void view_html(struct view *view, const char *name, struct html value);
/* Declarations html_clean found harmless: the only value of a style="". */
void view_css(struct view *view, const char *name, struct str value);

/* A checked address: the only thing a URL attribute takes. */
struct view_url {
	struct str s; /* made by the functions below only */
};
void view_set_url(struct view *view, const char *name, struct view_url url);
/*
 * One of our own addresses: path, then name/value pairs up to a NULL name;
 * values are percent-encoded, pairs with ptr NULL values are left out.
 *   view_url_local(arena, "/list", "folder", folder, "page", page, NULL)
 * names are const char *, values struct str.
 */
struct view_url_param {
	const char *name; /* NULL ends */
	struct str value;
};
struct view_url view_url_local(
    struct arena *arena, const char *path, const struct view_url_param *params);
/* An own path that is complete already ("/static/app.1.css"). */
struct view_url view_url_own(struct arena *arena, struct str path);
/*
 * BasePath: templates, and what view_plain_text writes, put it in front of
 * our own addresses when they are printed; a view_url itself never has it, so
 * that it can travel in forms and come back. Set once, before any thread;
 * copied. Empty without a call.
 */
void view_url_set_base(struct str base);
struct str view_url_base(void);
/* For addresses printed elsewhere (Location): with BasePath when ours. */
struct view_url view_url_with_base(struct arena *arena, struct view_url url);
/* Somebody's: http, https or mailto, else "#". */
struct view_url view_url_foreign(struct arena *arena, struct str url);

/* A section that repeats; each add is one round. */
struct view_list;
struct view_list *view_list(struct view *view, const char *name);
struct view *view_list_add(struct view_list *list);
/*
 * A round that may be used again as it was rendered: `note`, which must live
 * until then, says where it stands in what tmpl_render made. Only a round that
 * has all its names by itself, those without a value, too, can be: what is
 * looked for outside may be another the next time.
 */
struct view_made {
	bool is_whole; /* it can be used again; else nothing is known */
	size_t start, bytes;
};
struct view *view_list_add_noted(
    struct view_list *list, struct view_made *note);
/* What such a round became, in place of its values. */
void view_list_add_made(struct view_list *list, struct html ready);
/* A section with names of its own. */
struct view *view_child(struct view *view, const char *name);

bool view_failed(const struct view *view);

/* ---- words for people from values -------------------------------------- */
/* All as the thread's language writes them (base/tr.h); here in English. */
/* "3.4 MB", "12 KB", "800 bytes". */
struct text view_size(struct arena *arena, uint64_t bytes);
/* "12345"; where a language groups digits, "12.345". */
struct text view_number(struct arena *arena, uint64_t number);
/* Short for lists: "14:05" today, "Mon 14:05", "12 Mar", "12 Mar 2024". */
struct text view_date_short(
    struct arena *arena, int64_t unix_s, int64_t now_s, int offset_minutes);
/* Long: "Saturday, 21 November 2026, 14:05". */
struct text view_date_long(
    struct arena *arena, int64_t unix_s, int offset_minutes);
/*
 * Plain text to paragraphs: <p dir="auto"> whose lines stay lines (style
 * white-space: pre-wrap), <p class="mono"> where they form columns, quotes as
 * <blockquote class="q">, the signature as <div class="sig">. http and https
 * become links, addresses lead to our /compose?to=. Ends with "…" when the
 * result would be too long.
 */
struct html view_plain_text(struct arena *arena, struct text text);
struct view_plain {
	/* Long quotes behind a text of one's own become <details>. */
	bool folds;
	size_t max_bytes; /* of the result, about */
	/* Where an address leads; NULL: to /compose?to=. */
	struct view_url (*mail_url)(void *ctx, struct str address);
	void *ctx;
};
/* The same, with a say in it; *out_is_cut: it ends with "…". */
struct html view_plain_shown(struct arena *arena, struct text text,
    const struct view_plain *how, bool *out_is_cut);

#endif
