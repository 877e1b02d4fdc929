#include "mail/imap_batch.h"
#include "mail/mail_search.h"

#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_fold.h"

struct scope {
	const struct mail_folders *folders;
	bool *is_in; /* of each folder */
};

/* "sent", "spam": kinds of folders have names of ours, too. */
static bool
scope_is_kind(struct str name, enum mail_special special)
{
	static const struct {
		const char *name;
		enum mail_special special;
	} table[] = {
	    {"inbox", MAIL_INBOX},
	    {"sent", MAIL_SENT},
	    {"drafts", MAIL_DRAFTS},
	    {"draft", MAIL_DRAFTS},
	    {"archive", MAIL_ARCHIVE},
	    {"junk", MAIL_JUNK},
	    {"spam", MAIL_JUNK},
	    {"trash", MAIL_TRASH},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].special == special &&
		    str_eq_nocase(name, str_c(table[i].name)))
			return true;
	return false;
}

/* As the special ones are called on the pages: "Gesendet". */
static struct str
scope_shown(enum mail_special special)
{
	switch (special) {
	case MAIL_INBOX:
		return str_c(tr("Inbox"));
	case MAIL_DRAFTS:
		return str_c(tr_in("folder", "Drafts"));
	case MAIL_SENT:
		return str_c(tr_in("folder", "Sent"));
	case MAIL_ARCHIVE:
		return str_c(tr_in("folder", "Archive"));
	case MAIL_JUNK:
		return str_c(tr_in("folder", "Junk"));
	case MAIL_TRASH:
		return str_c(tr_in("folder", "Trash"));
	case MAIL_ORDINARY:
		break;
	}
	return (struct str){0};
}

/* The same but for capitals and accents, in any alphabet. */
static size_t
scope_match_folded(const struct mail_folders *folders, struct str name)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct str folded = {0};

	if (arena != NULL)
		folded = mime_fold(arena, name);
	for (unsigned how = 0; how < 3 && folded.len > 0; how++) {
		for (size_t i = 0; i < folders->count; i++) {
			const struct mail_folder *at = &folders->list[i];
			struct str is = how == 0   ? at->name.s
			                : how == 1 ? scope_shown(at->special)
			                           : at->label.s;

			if (str_eq(mime_fold(arena, is), folded)) {
				arena_free(arena);
				return i;
			}
		}
	}
	arena_free(arena);
	return folders->count;
}

/* By its whole name, else by what kind it is, else by its last part. */
static size_t
scope_match(const struct mail_folders *folders, struct str name)
{
	for (unsigned how = 0; how < 4; how++) {
		for (size_t i = 0; i < folders->count; i++) {
			const struct mail_folder *at = &folders->list[i];

			if ((how == 0 && str_eq(at->name.s, name)) ||
			    (how == 1 && str_eq_nocase(at->name.s, name)) ||
			    (how == 2 && scope_is_kind(name, at->special)) ||
			    (how == 3 && str_eq_nocase(at->label.s, name)))
				return i;
		}
	}
	return folders->count;
}

/* A folder, and what stands below it in the tree. */
static void
scope_set(struct scope *scope, size_t at, bool is_in, bool with_below)
{
	const struct mail_folders *folders = scope->folders;

	scope->is_in[at] = is_in;
	for (size_t i = at + 1;
	     with_below && i < folders->count &&
	     folders->list[i].depth > folders->list[at].depth;
	     i++)
		scope->is_in[i] = is_in;
}

static void
scope_set_all(struct scope *scope, bool with_refuse, struct mail_scope *out)
{
	for (size_t i = 0; i < scope->folders->count; i++)
		scope->is_in[i] = true;
	for (size_t i = 0; !with_refuse && i < scope->folders->count; i++) {
		enum mail_special special = scope->folders->list[i].special;

		if (special != MAIL_TRASH && special != MAIL_JUNK)
			continue;
		scope_set(scope, i, false, true);
		out->is_short = true;
	}
}

/* in:NAME and -in:NAME, in the order they were typed. */
static void
scope_places(struct scope *scope, const struct mail_search *search,
    struct mail_scope *out)
{
	for (size_t i = 0; i < search->place_count; i++) {
		const struct mail_place *place = &search->places[i];
		size_t at = scope_match(scope->folders, place->name.s);

		if (at == scope->folders->count)
			at = scope_match_folded(scope->folders, place->name.s);
		if (at < scope->folders->count)
			/* Some servers have all folders below INBOX. */
			scope_set(scope, at, !place->is_not,
			    place->is_not &&
			        scope->folders->list[at].special != MAIL_INBOX);
		else if (text_is_empty(out->unknown))
			out->unknown = place->name;
	}
}

static bool
scope_names_some(const struct mail_search *search)
{
	for (size_t i = 0; search != NULL && i < search->place_count; i++)
		if (!search->places[i].is_not)
			return true;
	return false;
}

static void
scope_base(struct scope *scope, const struct mail_search *search,
    enum mail_scope_kind kind, struct text here, struct mail_scope *out)
{
	size_t at = scope->folders->count;

	if (search != NULL && search->is_everywhere)
		kind = MAIL_SCOPE_EVERYWHERE;
	else if (scope_names_some(search))
		return;
	if (kind == MAIL_SCOPE_BELOW || kind == MAIL_SCOPE_HERE)
		at = scope_match(scope->folders, here.s);
	if (at < scope->folders->count)
		scope_set(scope, at, true, kind == MAIL_SCOPE_BELOW);
	else
		scope_set_all(scope, kind == MAIL_SCOPE_EVERYWHERE, out);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_scope_find(struct arena *arena, const struct mail_folders *folders,
    const struct mail_search *search, enum mail_scope_kind kind,
    struct text here, struct mail_scope *out, struct err *err)
{
	struct scope scope = {.folders = folders,
	    .is_in = ARENA_ARRAY(arena, folders->count, bool)};

	*out = (struct mail_scope){.list = ARENA_ARRAY(arena, folders->count,
	                               const struct mail_folder *)};
	if (scope.is_in == NULL || out->list == NULL)
		return imap_arena_check(arena, err);
	scope_base(&scope, search, kind, here, out);
	if (search != NULL)
		scope_places(&scope, search, out);
	for (size_t i = 0; i < folders->count; i++)
		if (scope.is_in[i] && folders->list[i].is_selectable)
			out->list[out->count++] = &folders->list[i];
	return ERR_OK;
}
