#include "mail/imap_folder_order.h"

#include "base/buf.h"
#include "base/limits.h"
#include "mail/imap_utf7.h"

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

static void
order_name(struct imap_folder *folder, struct arena *arena)
{
	struct str s = folder->wire;
	size_t label = 0;

	folder->name = imap_utf7_decode(arena, folder->wire);
	for (size_t i = 0; folder->delimiter != '\0' && i + 1 < s.len; i++) {
		if (s.ptr[i] != folder->delimiter)
			continue;
		folder->depth++;
		label = i + 1;
	}
	folder->label = imap_utf7_decode(arena, str_slice(s, label, s.len));
	/* What is no UTF-7 is shown as it is. */
	if (str_starts(folder->name.s, STR("\xEF\xA3\xB0")))
		folder->label = text_line(arena, str_slice(s, label, s.len));
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

/* At most one folder of each kind; -1: none. */
static int64_t
order_choose(const struct imap_folder *list, size_t count,
    const struct config_site *site, enum mail_special special)
{
	struct str configured = order_configured(site, special);
	int64_t by_name = -1;

	for (size_t i = 0; i < count; i++) {
		const struct imap_folder *at = &list[i];

		if (!at->is_selectable)
			continue;
		if (configured.len > 0) {
			if (str_eq(at->name.s, configured))
				return (int64_t)i;
			continue;
		}
		if (at->attribute == special)
			return (int64_t)i;
		if (by_name < 0 && order_by_name(at) == special)
			by_name = (int64_t)i;
	}
	return by_name;
}

static void
order_kinds(
    struct imap_folder *list, size_t count, const struct config_site *site)
{
	for (unsigned special = MAIL_DRAFTS; special <= MAIL_TRASH; special++) {
		int64_t at =
		    order_choose(list, count, site, (enum mail_special)special);

		if (at >= 0)
			list[at].special = (enum mail_special)special;
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
	size_t start = 0;

	buf_init_arena(&key, arena, LIMIT_FOLDER_BYTES * 16);
	for (size_t i = 0; i <= wire.len; i++) {
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

void
imap_folder_order(struct imap_folder *list, size_t count,
    const struct config_site *site, struct arena *arena)
{
	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		order_name(&list[i], arena);
	order_kinds(list, count, site);
	qsort(list, count, sizeof(*list), order_by_wire);
	for (size_t i = 0; i < count; i++)
		order_key(list, count, &list[i], arena);
	qsort(list, count, sizeof(*list), order_by_key);
}
