#include "page/page_folder.h"
#include "page/page_label.h"
#include "page/page_look.h"

#define FOLDER_OPEN_BYTES  ((size_t)4 << 10) /* read with every page */
#define FOLDER_MOVED_BYTES ((size_t)4 << 10)

static const char folder_pref_uses[] = "folder_uses";
static const char folder_pref_open[] = "folders_open";
static const char folder_pref_moved[] = "folders_moved";
static const char folder_pref_other[] = "folders_otherwise";
static const char folder_pref_many[] = "folders_many";
static const char folder_pref_archive[] = "archive_by";
static const char *const folder_archive_names[] = {
    [FOLDER_ARCHIVE_FLAT] = "",
    [FOLDER_ARCHIVE_YEAR] = "year",
    [FOLDER_ARCHIVE_MONTH] = "month",
};

/* As the store has them: "sent LF name LF". */
static const struct {
	const char *name;
	enum mail_special special;
} folder_uses[] = {
    {"drafts", MAIL_DRAFTS},
    {"sent", MAIL_SENT},
    {"archive", MAIL_ARCHIVE},
    {"junk", MAIL_JUNK},
    {"trash", MAIL_TRASH},
};
#define FOLDER_USES (sizeof(folder_uses) / sizeof(folder_uses[0]))

/* ---- reading ---- */
static enum folder_archive_by
prefs_archive(struct str name)
{
	for (int i = FOLDER_ARCHIVE_YEAR; i <= FOLDER_ARCHIVE_MONTH; i++)
		if (str_eq(name, str_c(folder_archive_names[i])))
			return (enum folder_archive_by)i;
	return FOLDER_ARCHIVE_FLAT;
}

static void
prefs_uses(struct str stored, struct arena *arena, struct mail_uses *out)
{
	while (stored.len > 0) {
		struct str kind = str_cut(&stored, '\n');
		struct text name = text_from(arena, str_cut(&stored, '\n'));

		for (size_t i = 0; i < FOLDER_USES; i++)
			if (str_eq(kind, str_c(folder_uses[i].name)))
				out->names[folder_uses[i].special] = name;
	}
}

void
page_folder_prefs_take(
    struct request *req, const struct store_pref *list, size_t count)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);

	if (prefs == NULL || prefs->is_known)
		return;
	prefs->is_known = prefs->uses.is_known = prefs->has_keys = true;
	for (size_t i = 0; i < count; i++) {
		if (str_eq(list[i].name, str_c(folder_pref_uses)))
			prefs_uses(list[i].content, req->arena, &prefs->uses);
		else if (str_eq(list[i].name, str_c(folder_pref_open)))
			prefs->open = list[i].content;
		else if (str_eq(list[i].name, str_c(folder_pref_moved)))
			prefs->moved = list[i].content;
		else if (str_eq(list[i].name, str_c(folder_pref_other)))
			prefs->otherwise = list[i].content;
		else if (str_eq(list[i].name, str_c(folder_pref_many)))
			prefs->uses.has_many = list[i].content.len > 0;
		else if (str_eq(list[i].name, str_c(page_pref_keys)))
			prefs->has_keys = !str_eq(list[i].content, STR("0"));
		else if (str_eq(list[i].name, str_c(folder_pref_archive)))
			prefs->archive_by = prefs_archive(list[i].content);
		else if (str_eq(list[i].name, str_c(page_pref_labels)))
			prefs->labels = list[i].content;
		else if (str_eq(list[i].name, str_c(page_look_pref)))
			prefs->look = list[i].content;
	}
}

static void
prefs_know(struct page_folder_prefs *prefs)
{
	struct request *req = prefs->req;
	struct store_pref *list = NULL;
	size_t count = 0;

	if (prefs->is_known)
		return;
	/* Without them all is as the mail server has it; nothing is written. */
	if (page_pref_list(req, &list, &count, NULL) != ERR_OK)
		prefs->is_broken = true;
	page_folder_prefs_take(req, list, count);
}

static void
prefs_learn(struct mail_uses *uses)
{
	prefs_know(uses->ctx);
}

struct page_folder_prefs *
page_folder_prefs_of(struct request *req)
{
	struct page_folder_prefs *prefs = req->folder_prefs;

	if (prefs != NULL || req->session == NULL)
		return prefs;
	prefs = ARENA_NEW(req->arena, struct page_folder_prefs);
	if (prefs == NULL)
		return NULL;
	*prefs = (struct page_folder_prefs){.req = req};
	prefs->uses.learn = prefs_learn;
	prefs->uses.ctx = prefs;
	req->folder_prefs = prefs;
	return prefs;
}

struct mail_uses *
page_folder_uses_of(
    struct store *store, struct str account, struct arena *arena)
{
	struct mail_uses *uses = ARENA_NEW(arena, struct mail_uses);
	struct str stored = {NULL, 0};

	if (uses == NULL)
		return NULL;
	*uses = (struct mail_uses){.is_known = true};
	if (store_pref_get(store, account, str_c(folder_pref_uses), arena,
	        &stored, NULL) == ERR_OK)
		prefs_uses(stored, arena, uses);
	return uses;
}

struct str
page_folder_prefs_labels(struct request *req)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);

	if (prefs == NULL)
		return STR("");
	prefs_know(prefs);
	return prefs->labels;
}

struct str
page_folder_prefs_look(struct request *req)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);

	if (prefs == NULL)
		return STR("");
	prefs_know(prefs);
	return prefs->look;
}

enum folder_archive_by
page_folder_prefs_archive(struct request *req)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);

	if (prefs == NULL)
		return FOLDER_ARCHIVE_FLAT;
	prefs_know(prefs);
	return prefs->archive_by;
}

/* ---- writing ---- */
enum err_code
page_folder_prefs_set_archive(
    struct request *req, struct str by, struct err *err)
{
	if (by.len > 0 && prefs_archive(by) == FOLDER_ARCHIVE_FLAT)
		return err_set(err, ERR_INPUT,
		    "Please choose where archived messages go.", NULL);
	return store_pref_set(req->app->store, req->session->account,
	    str_c(folder_pref_archive), by, err);
}

void
page_folder_prefs_count(struct request *req, size_t count)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);
	bool has_many = count > MAIL_MANY;

	if (prefs == NULL)
		return;
	prefs_know(prefs);
	/* Not to and fro about the border. */
	if (prefs->is_broken || prefs->uses.has_many == has_many ||
	    (!has_many && count > MAIL_MANY / 2))
		return;
	/* Without it the next login takes a moment longer. */
	err_ignore(store_pref_set(req->app->store, req->session->account,
	    str_c(folder_pref_many), has_many ? STR("1") : STR(""), NULL));
	prefs->uses.has_many = has_many;
}

static enum err_code
prefs_set(struct request *req, struct str name, const struct buf *value,
    struct err *err)
{
	return store_pref_set(
	    req->app->store, req->session->account, name, buf_str(value), err);
}

static enum err_code
prefs_set_uses(
    struct request *req, const struct mail_uses *uses, struct err *err)
{
	struct buf value;

	buf_init_arena(&value, req->arena, LIMIT_FOLDER_BYTES * 16);
	for (size_t i = 0; i < FOLDER_USES; i++) {
		struct str name = uses->names[folder_uses[i].special].s;

		if (name.len > 0)
			buf_addf(&value, "%s\n%.*s\n", folder_uses[i].name,
			    STR_ARG(name));
	}
	return prefs_set(req, str_c(folder_pref_uses), &value, err);
}

static enum err_code
prefs_need(struct request *req, struct page_folder_prefs **out, struct err *err)
{
	*out = page_folder_prefs_of(req);
	if (*out == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "folder prefs");
	prefs_know(*out);
	if ((*out)->is_broken)
		return err_set(err, ERR_AWAY,
		    "Your settings cannot be read at the moment. Please try "
		    "again.",
		    "folder prefs: not read");
	return ERR_OK;
}

enum err_code
page_folder_prefs_use(struct request *req, enum mail_special special,
    struct text name, struct err *err)
{
	struct page_folder_prefs *prefs = NULL;
	enum err_code rc = prefs_need(req, &prefs, err);

	if (rc != ERR_OK)
		return rc;
	/* For one thing only. */
	for (size_t i = 0; i < FOLDER_USES; i++) {
		struct text *at = &prefs->uses.names[folder_uses[i].special];

		if (str_eq(at->s, name.s))
			*at = (struct text){{0}};
	}
	prefs->uses.names[special] = name;
	return prefs_set_uses(req, &prefs->uses, err);
}

/* ---- names, a line each ---- */
static bool
prefs_has_line(struct str lines, struct text name)
{
	while (lines.len > 0)
		if (str_eq(str_cut(&lines, '\n'), name.s))
			return true;
	return false;
}

/* With the name, or without it; the oldest are forgotten. */
static enum err_code
prefs_set_line(struct request *req, const char *pref, struct str lines,
    struct text name, bool is_in, struct err *err)
{
	struct buf value;

	buf_init_arena(&value, req->arena, FOLDER_OPEN_BYTES * 2);
	if (is_in)
		buf_addf(&value, "%.*s\n", STR_ARG(name.s));
	while (lines.len > 0) {
		struct str line = str_cut(&lines, '\n');

		if (line.len > 0 && !str_eq(line, name.s) &&
		    value.len + line.len < FOLDER_OPEN_BYTES)
			buf_addf(&value, "%.*s\n", STR_ARG(line));
	}
	return prefs_set(req, str_c(pref), &value, err);
}

bool
page_folder_prefs_is_open(struct request *req, struct text name)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);

	if (prefs == NULL)
		return false;
	prefs_know(prefs);
	return prefs_has_line(prefs->open, name);
}

bool
page_folder_prefs_has_keys(struct request *req)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);

	if (prefs == NULL)
		return false;
	prefs_know(prefs);
	return prefs->has_keys;
}

enum err_code
page_folder_prefs_open(
    struct request *req, struct text name, bool is_open, struct err *err)
{
	struct page_folder_prefs *prefs = NULL;
	enum err_code rc = prefs_need(req, &prefs, err);

	if (rc != ERR_OK)
		return rc;
	return prefs_set_line(
	    req, folder_pref_open, prefs->open, name, is_open, err);
}

bool
page_folder_prefs_is_other(struct request *req, struct text name)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);

	if (prefs == NULL)
		return false;
	prefs_know(prefs);
	return prefs_has_line(prefs->otherwise, name);
}

enum err_code
page_folder_prefs_other(
    struct request *req, struct text name, bool is_other, struct err *err)
{
	struct page_folder_prefs *prefs = NULL;
	enum err_code rc = prefs_need(req, &prefs, err);

	if (rc != ERR_OK)
		return rc;
	return prefs_set_line(
	    req, folder_pref_other, prefs->otherwise, name, is_other, err);
}

/* ---- after a rename ---- */
/* `name` as it is when `folder` is called `to`; empty: not touched. */
static struct text
prefs_renamed(struct arena *arena, const struct mail_folder *folder,
    struct text to, struct str name)
{
	struct mail_folder other = {.name = text_from(arena, name)};
	struct str parts[2] = {to.s};

	if (str_eq(name, folder->name.s))
		return to;
	if (!mail_folder_is_below(folder, &other))
		return (struct text){{0}};
	parts[1] = str_slice(name, folder->name.s.len, name.len);
	return text_from(arena, str_join(arena, parts, 2));
}

static enum err_code
prefs_rename_uses(struct request *req, struct page_folder_prefs *prefs,
    const struct mail_folder *folder, struct text to, struct err *err)
{
	bool is_new = false;

	for (size_t i = 0; i < FOLDER_USES; i++) {
		struct text *at = &prefs->uses.names[folder_uses[i].special];
		struct text name = prefs_renamed(req->arena, folder, to, at->s);

		/* What was Sent by its name or mark goes on being it. */
		if (text_is_empty(*at) &&
		    folder->special == folder_uses[i].special)
			name = to;
		if (text_is_empty(name))
			continue;
		*at = name;
		is_new = true;
	}
	return is_new ? prefs_set_uses(req, &prefs->uses, err) : ERR_OK;
}

static enum err_code
prefs_rename_lines(struct request *req, const char *pref, struct str rest,
    const struct mail_folder *folder, struct text to, struct err *err)
{
	struct buf value;
	bool is_new = false;

	buf_init_arena(
	    &value, req->arena, FOLDER_OPEN_BYTES * 2 + LIMIT_FOLDER_BYTES);
	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		struct text name = prefs_renamed(req->arena, folder, to, line);

		is_new = is_new || !text_is_empty(name);
		if (!text_is_empty(name))
			line = name.s;
		if (line.len > 0 && value.len + line.len < FOLDER_OPEN_BYTES)
			buf_addf(&value, "%.*s\n", STR_ARG(line));
	}
	return is_new ? prefs_set(req, str_c(pref), &value, err) : ERR_OK;
}

static enum err_code
prefs_note_moved(struct request *req, struct page_folder_prefs *prefs,
    const struct mail_folder *folder, struct text to, struct err *err)
{
	struct str rest = prefs->moved;
	struct buf value;

	buf_init_arena(
	    &value, req->arena, FOLDER_MOVED_BYTES + LIMIT_FOLDER_BYTES * 4);
	buf_addf(
	    &value, "%.*s\n%.*s\n", STR_ARG(folder->name.s), STR_ARG(to.s));
	while (rest.len > 0) {
		struct str from = str_cut(&rest, '\n');
		struct str known = str_cut(&rest, '\n');
		struct text now = prefs_renamed(req->arena, folder, to, known);

		if (!text_is_empty(now))
			known = now.s;
		/* It has a folder of its own again. */
		if (from.len == 0 || str_eq(from, known) ||
		    str_eq(from, to.s) || str_eq(from, folder->name.s) ||
		    value.len + from.len + known.len > FOLDER_MOVED_BYTES)
			continue;
		buf_addf(&value, "%.*s\n%.*s\n", STR_ARG(from), STR_ARG(known));
	}
	return prefs_set(req, str_c(folder_pref_moved), &value, err);
}

enum err_code
page_folder_prefs_rename(struct request *req, const struct mail_folder *folder,
    struct text to, struct err *err)
{
	struct page_folder_prefs *prefs = NULL;
	enum err_code rc = prefs_need(req, &prefs, err);

	if (rc == ERR_OK)
		rc = prefs_rename_uses(req, prefs, folder, to, err);
	if (rc == ERR_OK)
		rc = prefs_rename_lines(
		    req, folder_pref_open, prefs->open, folder, to, err);
	if (rc == ERR_OK)
		rc = prefs_rename_lines(
		    req, folder_pref_other, prefs->otherwise, folder, to, err);
	if (rc == ERR_OK)
		rc = prefs_note_moved(req, prefs, folder, to, err);
	return rc;
}

bool
page_folder_moved_to(struct request *req, struct text name, struct text *out)
{
	static const char levels[] = "/.\\";
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);
	struct str rest;

	if (prefs == NULL)
		return false;
	prefs_know(prefs);
	rest = prefs->moved;
	while (rest.len > 0) {
		struct mail_folder old = {
		    .name = text_from(req->arena, str_cut(&rest, '\n'))};
		struct text to = text_from(req->arena, str_cut(&rest, '\n'));

		for (size_t i = 0; i < sizeof(levels); i++) {
			old.delimiter = levels[i];
			*out = prefs_renamed(req->arena, &old, to, name.s);
			if (!text_is_empty(*out))
				return true;
		}
	}
	return false;
}
