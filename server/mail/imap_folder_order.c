#include "mail/imap_folder_order.h"

#include "base/buf.h"
#include "base/limits.h"
#include "mail/imap_utf7.h"

/* Begins names that are no modified UTF-7 (imap_utf7.h). */
#define ORDER_ODD "\xEF\xA3\xB0"

/* Names people and programs use where nothing is marked. */
static const struct {
	const char *label;
	enum mail_special special;
} order_names[] = {{"Drafts", MAIL_DRAFTS}, {"Draft", MAIL_DRAFTS},
    {"Entw\xC3\xBCrfe", MAIL_DRAFTS}, {"Brouillons", MAIL_DRAFTS},
    {"Sent", MAIL_SENT}, {"Sent Items", MAIL_SENT},
    {"Sent Messages", MAIL_SENT}, {"Sent Mail", MAIL_SENT},
    {"sent-mail", MAIL_SENT}, {"Gesendet", MAIL_SENT},
    {"Gesendete Objekte", MAIL_SENT}, {"Archive", MAIL_ARCHIVE},
    {"Archives", MAIL_ARCHIVE}, {"Archiv", MAIL_ARCHIVE}, {"Junk", MAIL_JUNK},
    {"Spam", MAIL_JUNK}, {"Junk E-mail", MAIL_JUNK}, {"Junk Email", MAIL_JUNK},
    {"Trash", MAIL_TRASH}, {"Deleted Items", MAIL_TRASH},
    {"Deleted Messages", MAIL_TRASH}, {"Papierkorb", MAIL_TRASH},
    {"Bin", MAIL_TRASH}};

/* For people: what is no UTF-7 is shown as it is. */
static struct text
order_words(struct arena *arena, struct str wire)
{
	struct text words = imap_utf7_decode(arena, wire);

	return str_starts(words.s, STR(ORDER_ODD)) ? text_line(arena, wire)
	                                           : words;
}

static void
order_name(struct imap_folder *folder, struct arena *arena)
{
	struct str s = folder->wire;
	size_t label = folder->prefix_bytes;

	folder->name = imap_utf7_decode(arena, s);
	folder->path = folder->name;
	if (label > 0)
		folder->path = order_words(arena, str_slice(s, label, s.len));
	for (size_t i = label; folder->delimiter != '\0' && i + 1 < s.len;
	     i++) {
		if (s.ptr[i] != folder->delimiter)
			continue;
		folder->depth++;
		label = i + 1;
	}
	folder->label = order_words(arena, str_slice(s, label, s.len));
	if (folder->prefix_bytes == 0 &&
	    str_starts(folder->name.s, STR(ORDER_ODD)))
		folder->path = order_words(arena, s);
}

/* ---- kinds ---- */
static enum mail_special
order_by_name(const struct imap_folder *folder)
{
	if (folder->depth > 1)
		return MAIL_ORDINARY;
	for (size_t i = 0; i < sizeof(order_names) / sizeof(order_names[0]);
	     i++) {
		if (str_eq_nocase(folder->label.s, str_c(order_names[i].label)))
			return order_names[i].special;
	}
	return MAIL_ORDINARY;
}

static struct str
order_configured(const struct config_site *site, enum mail_special special)
{
	if (site == NULL)
		return (struct str){0};
	switch (special) {
	case MAIL_SENT:
		return site->sent_folder;
	case MAIL_DRAFTS:
		return site->drafts_folder;
	case MAIL_TRASH:
		return site->trash_folder;
	case MAIL_ORDINARY:
	case MAIL_INBOX:
	case MAIL_ARCHIVE:
	case MAIL_JUNK:
	default:
		return (struct str){0};
	}
}

/* -1: no folder that can be opened has this name. */
static int64_t
order_find(const struct imap_folder *list, size_t count, struct str name)
{
	for (size_t i = 0; name.len > 0 && i < count; i++) {
		if (list[i].is_selectable && str_eq(list[i].name.s, name))
			return (int64_t)i;
	}
	return -1;
}

/* At most one folder of each kind; -1: none. */
static int64_t
order_choose(const struct imap_folder *list, size_t count,
    struct str configured, enum mail_special special)
{
	int64_t by_name = -1;

	if (configured.len > 0)
		return order_find(list, count, configured);
	for (size_t i = 0; i < count; i++) {
		const struct imap_folder *at = &list[i];

		if (!at->is_selectable || at->space != MAIL_SPACE_OWN)
			continue;
		if (at->attribute == special)
			return (int64_t)i;
		if (by_name < 0 && order_by_name(at) == special)
			by_name = (int64_t)i;
	}
	return by_name;
}

static void
order_learn(struct mail_uses *uses)
{
	if (!uses->is_known && uses->learn != NULL)
		uses->learn(uses);
	uses->is_known = true;
}

/* What the person chose; a folder that is gone does not count. */
static int64_t
order_chosen(const struct imap_folder *list, size_t count,
    struct mail_uses *uses, enum mail_special special)
{
	if (uses == NULL)
		return -1;
	order_learn(uses);
	return order_find(list, count, uses->names[special].s);
}

static void
order_kinds(struct imap_folder *list, size_t count,
    const struct imap_folder_rules *rules)
{
	int64_t chosen[MAIL_TRASH + 1];

	/* A folder somebody chose for one thing is none of another kind. */
	for (unsigned kind = MAIL_DRAFTS; kind <= MAIL_TRASH; kind++) {
		chosen[kind] = order_chosen(
		    list, count, rules->uses, (enum mail_special)kind);
		if (chosen[kind] >= 0)
			list[chosen[kind]].special = (enum mail_special)kind;
	}
	for (unsigned kind = MAIL_DRAFTS; kind <= MAIL_TRASH; kind++) {
		enum mail_special special = (enum mail_special)kind;
		int64_t at = -1;

		if (chosen[kind] < 0)
			at = order_choose(list, count,
			    order_configured(rules->site, special), special);
		if (at >= 0 && list[at].special == MAIL_ORDINARY)
			list[at].special = special;
	}
	for (size_t i = 0; i < count; i++) {
		if (str_eq(list[i].wire, STR("INBOX")))
			list[i].special = MAIL_INBOX;
	}
}

/* ---- order ---- */
static int
order_by_wire(const void *a, const void *b)
{
	const struct imap_folder *left = a;
	const struct imap_folder *right = b;

	return str_compare(left->wire, right->wire);
}

static int
order_by_key(const void *a, const void *b)
{
	const struct imap_folder *left = a;
	const struct imap_folder *right = b;
	int order = str_compare(left->key, right->key);

	return order != 0 ? order : order_by_wire(a, b);
}

/* The list is sorted by wire. */
static enum mail_special
order_special_of(const struct imap_folder *list, size_t count, struct str wire)
{
	const struct imap_folder wanted = {.wire = wire};
	const struct imap_folder *found =
	    count == 0
	        ? NULL
	        : bsearch(&wanted, list, count, sizeof(*list), order_by_wire);

	return found == NULL ? MAIL_ORDINARY : found->special;
}

/*
 * For each level: a letter for the kind of folder that ends there, then its
 * name without case, then a byte below all others.
 */
static void
order_key(struct imap_folder *list, size_t count, struct imap_folder *folder,
    struct arena *arena)
{
	struct str wire = folder->wire;
	struct buf key;
	size_t start = folder->prefix_bytes;

	buf_init_arena(&key, arena, LIMIT_FOLDER_BYTES * 16);
	buf_add_byte(&key, (char)('0' + folder->space));
	for (size_t i = start; i <= wire.len; i++) {
		enum mail_special special;
		struct str part;

		if (i < wire.len && (folder->delimiter == '\0' ||
		                        wire.ptr[i] != folder->delimiter))
			continue;
		special = order_special_of(list, count, str_slice(wire, 0, i));
		part = str_slice(wire, start, i);
		buf_add_byte(&key,
		    (char)(special == MAIL_ORDINARY ? 'z' : 'a' + special));
		buf_add(
		    &key, str_lower(arena, imap_utf7_decode(arena, part).s));
		buf_add_byte(&key, '\x01');
		start = i + 1;
	}
	folder->key = buf_str(&key);
}

/* FNV-1a, with the length before the bytes */
static uint64_t
order_stamp(uint64_t stamp, struct str s)
{
	stamp = (stamp ^ s.len) * 1099511628211u;
	for (size_t i = 0; i < s.len; i++)
		stamp = (stamp ^ (unsigned char)s.ptr[i]) * 1099511628211u;
	return stamp;
}

uint64_t
imap_folder_rules_stamp(const struct imap_folder_rules *rules)
{
	uint64_t stamp = 14695981039346656037u;

	if (rules->uses != NULL)
		order_learn(rules->uses);
	for (unsigned kind = MAIL_DRAFTS; kind <= MAIL_TRASH; kind++) {
		stamp = order_stamp(stamp,
		    order_configured(rules->site, (enum mail_special)kind));
		stamp = order_stamp(stamp, rules->uses != NULL
		                               ? rules->uses->names[kind].s
		                               : (struct str){0});
	}
	return stamp;
}

void
imap_folder_order(struct imap_folder *list, size_t count,
    const struct imap_folder_rules *rules, struct arena *arena)
{
	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		order_name(&list[i], arena);
	order_kinds(list, count, rules);
	qsort(list, count, sizeof(*list), order_by_wire);
	for (size_t i = 0; i < count; i++)
		order_key(list, count, &list[i], arena);
	qsort(list, count, sizeof(*list), order_by_key);
}

/* ---- copies ---- */
size_t
imap_folder_names_bytes(const struct imap_folder *list, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += list[i].wire.len;
	return bytes;
}

void
imap_folder_copy_told(struct imap_folder *to, const struct imap_folder *from,
    size_t count, char *names)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = from[i].wire.len;

		memcpy(names, from[i].wire.ptr, len);
		to[i] = (struct imap_folder){.wire = str_of(names, len),
		    .delimiter = from[i].delimiter,
		    .is_selectable = from[i].is_selectable,
		    .is_subscribed = from[i].is_subscribed,
		    .is_leaf = from[i].is_leaf,
		    .is_counted = from[i].is_counted,
		    .attribute = from[i].attribute,
		    .messages = from[i].messages,
		    .unseen = from[i].unseen,
		    .uid_validity = from[i].uid_validity,
		    .uid_next = from[i].uid_next};
		names += len;
	}
}

size_t
imap_folder_all_bytes(const struct imap_folder *list, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += list[i].wire.len + list[i].name.s.len +
		         list[i].label.s.len + list[i].path.s.len;
	return bytes;
}

static struct str
copy_str(char **bytes, struct str s)
{
	struct str copy = str_of(*bytes, s.len);

	if (s.len > 0)
		memcpy(*bytes, s.ptr, s.len);
	*bytes += s.len;
	return copy;
}

void
imap_folder_copy_all(struct imap_folder *to, const struct imap_folder *from,
    size_t count, char *bytes)
{
	for (size_t i = 0; i < count; i++) {
		to[i] = from[i];
		to[i].wire = copy_str(&bytes, from[i].wire);
		to[i].name.s = copy_str(&bytes, from[i].name.s);
		to[i].label.s = copy_str(&bytes, from[i].label.s);
		to[i].path.s = copy_str(&bytes, from[i].path.s);
		to[i].key = (struct str){0};
		to[i].is_news = to[i].is_wanted = false;
	}
}

void
imap_folder_unorder(struct imap_folder *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		list[i].name = list[i].label = list[i].path =
		    (struct text){{0}};
		list[i].depth = 0;
		list[i].special = MAIL_ORDINARY;
		list[i].key = (struct str){0};
	}
}
