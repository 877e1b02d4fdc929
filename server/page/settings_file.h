#ifndef PAGE_SETTINGS_FILE_H
#define PAGE_SETTINGS_FILE_H
/*
 * The settings of a person as one JSON file: reading it, writing it, and what
 * it would change. No passwords, no mail. Pure but for settings_file_store.c;
 * everything lives in the arena. This room only.
 *
 *   {"format": "iwebmsg settings", "version": 1,
 *    "settings": {"rows": 50, "keys": true, "name": null, …},
 *    "identities": [{"address": …}], "templates": […], "searches": […],
 *    "labels": […], "senders": […]}
 *
 * null: not chosen, so that the server's own choice holds. What the file does
 * not have stays as it is.
 */
#include "base/json.h"
#include "page/page.h"
#include "store/store_settings.h"

#define SETTINGS_FILE_BYTES ((size_t)4 << 20) /* all of one account's */
#define SETTINGS_PREFS      26u
#define SETTINGS_FIELDS     7u
#define SETTINGS_LONG_BYTES ((uint32_t)10 << 10) /* of a signature */
/* Cleaned HTML is a little longer than what was typed. */
#define SETTINGS_HTML_BYTES (4 * SETTINGS_LONG_BYTES)
#define SETTINGS_NAMED      60u /* more than settings, or identities, there are */

/* ---- what is in it --------------------------------------------------------
 */
enum settings_section {
	SETTINGS_IDENTITIES,
	SETTINGS_RESPONSES,
	SETTINGS_SEARCHES,
	SETTINGS_LABELS,
	SETTINGS_SENDERS,
	SETTINGS_SECTIONS
};
struct settings_item {
	struct str id; /* of the store; a label's keyword, a sender's address */
	struct str fields[SETTINGS_FIELDS]; /* as settings_shapes has them */
	bool is_default, is_verified;       /* of an identity */
	int64_t when_s;
};
struct settings_list {
	bool is_there; /* a file has this section */
	struct settings_item *items;
	size_t count;
};
struct settings_all {
	/* As the store has them; ptr NULL: not chosen. */
	struct str prefs[SETTINGS_PREFS];
	bool has_pref[SETTINGS_PREFS];
	struct settings_list lists[SETTINGS_SECTIONS];
	struct str stored_labels; /* of the store: all of them in one */
};

enum settings_kind {
	SETTINGS_TICK,
	SETTINGS_NUMBER, /* min to max, or one of words */
	SETTINGS_CHOICE, /* one of words */
	SETTINGS_LINE,   /* at most max bytes */
	SETTINGS_TEXT,   /* likewise */
	SETTINGS_HTML,   /* likewise, and cleaned */
	SETTINGS_PEOPLE, /* addresses */
	SETTINGS_ZONE,
	SETTINGS_LANGUAGE,
	SETTINGS_LOOK,
	SETTINGS_FOLDERS, /* {"sent": "Name", …} */
	SETTINGS_NAMES    /* ["Name", …] */
};
struct settings_pref {
	const char *name;   /* in the file, and in the store */
	const char *people; /* what people call it */
	enum settings_kind kind;
	const char *words; /* with spaces between them */
	uint32_t min, max;
};
extern const struct settings_pref settings_prefs[SETTINGS_PREFS];

struct settings_field {
	const char *name;
	uint32_t max_bytes;
	bool is_text;   /* of several lines */
	bool is_needed; /* not empty */
};
struct settings_shape {
	const char *name;   /* in the file */
	const char *people; /* what people call it */
	uint32_t most;
	/* Fields by which one is known again, the first before the second. */
	size_t keys[2];
	struct settings_field fields[SETTINGS_FIELDS]; /* up to a NULL name */
};
extern const struct settings_shape settings_shapes[SETTINGS_SECTIONS];

/* ---- the file -------------------------------------------------------------
 */
struct settings_names {
	struct text list[SETTINGS_NAMED];
	size_t count; /* of all, named or not */
};
void settings_names_add(struct settings_names *names, struct text name);
struct settings_report {
	struct settings_names wrong;   /* values that cannot be */
	struct settings_names unknown; /* passed by */
};
/*
 * Bytes of a stranger. What is wrong with single values is in the report, and
 * nothing of the file should be used then. `domain`: of addresses without one,
 * may be empty. ERR_INPUT, ERR_LIMIT: no such file, in words.
 */
enum err_code settings_file_read(struct str bytes, struct str domain,
    struct arena *arena, struct settings_all *out,
    struct settings_report *report, struct err *err) WARN_UNUSED;
/* ERR_LIMIT in words: past SETTINGS_FILE_BYTES. */
enum err_code settings_file_write(const struct settings_all *all,
    struct str domain, struct arena *arena, struct str *out,
    struct err *err) WARN_UNUSED;

/*
 * One setting. False: it cannot be so. Of a stored value, as one has it that
 * is read; *out ptr NULL: not chosen.
 */
struct settings_reading {
	struct arena *arena;
	struct str domain;
	struct settings_report *report; /* of names within a value; or NULL */
};
bool settings_pref_read(struct settings_reading *in,
    const struct settings_pref *pref, const struct json *value,
    struct str *out);
void settings_pref_write(struct settings_reading *in,
    const struct settings_pref *pref, struct str stored, struct json *into);
/* What messages will hold of it; false: it cannot be read. */
bool settings_html_clean(struct arena *arena, struct str *html);
/* What is wrong with an item whose fields were read: its field's name. NULL:
 * nothing. */
const char *settings_item_check(struct settings_reading *in,
    enum settings_section section, struct settings_item *item);

/* For people: what it is called, and where it matters to whom mail goes. */
struct text settings_pref_words(
    struct arena *arena, const struct settings_pref *pref, struct str stored);
struct text settings_item_words(struct arena *arena,
    enum settings_section section, const struct settings_item *item);
/* Labels as one setting of the store has them. */
struct page_label_list;
struct str settings_labels_pack(
    struct arena *arena, const struct settings_list *list);
/* False without memory. */
bool settings_labels_unpack(struct arena *arena,
    const struct page_label_list *labels, struct settings_list *out);

/* ---- what it would change -------------------------------------------------
 */
struct settings_change {
	struct store_pref *prefs; /* content.ptr NULL: chosen no more */
	size_t pref_count;
	struct settings_list put[SETTINGS_SECTIONS];
	struct settings_list gone[SETTINGS_SECTIONS]; /* by their ids */
};
struct settings_count {
	struct settings_names fresh, changed,
	    extra; /* extra: not in the file */
	size_t same;
};
struct settings_plan {
	struct settings_count prefs, lists[SETTINGS_SECTIONS];
	size_t work; /* how many of all would change */
	struct settings_change change, back;
};
/*
 * `removes`: what is not in the file goes, where it has that section. `now`
 * has ids; new ones are random.
 */
enum err_code settings_file_plan(struct arena *arena,
    const struct settings_all *now, const struct settings_all *file,
    bool removes, struct settings_plan *out, struct err *err) WARN_UNUSED;

/* ---- the way back ---------------------------------------------------------
 */
enum err_code settings_change_write(const struct settings_change *change,
    struct arena *arena, struct str *out, struct err *err) WARN_UNUSED;
/* Of what the former wrote. */
enum err_code settings_change_read(struct str bytes, struct arena *arena,
    struct settings_change *out, struct err *err) WARN_UNUSED;

/* ---- the store ------------------------------------------------------------
 */
enum err_code settings_file_load(
    struct request *req, struct settings_all *out, struct err *err) WARN_UNUSED;
/*
 * Keeps what brings one item back, for who removes it: the name of its Undo,
 * or empty.
 */
struct str settings_keep_item(
    struct request *req, enum settings_section section, struct str id);
/* "undo_removed", where the address names one. `back`: where it leads. */
void settings_view_removed(
    struct request *req, struct view *view, const char *back);
/* All of it, or nothing. */
enum err_code settings_file_apply(struct request *req,
    const struct settings_change *change, struct err *err) WARN_UNUSED;

#endif
