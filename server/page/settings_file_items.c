/* Identities, texts, searches, labels, senders: what each may be. */
#include "mime/mime.h"
#include "page/page_identity.h"
#include "page/page_label.h"
#include "page/page_list.h"
#include "page/settings_file.h"

const struct settings_shape settings_shapes[SETTINGS_SECTIONS] = {
    [SETTINGS_IDENTITIES] = {"identities", N_("Identities"), LIMIT_IDENTITIES,
        {0, 0},
        {
            {"address", LIMIT_NAME_BYTES, false, true},
            {"name", LIMIT_NAME_BYTES, false, false},
            {"reply_to", LIMIT_NAME_BYTES * 4, false, false},
            {"bcc", LIMIT_NAME_BYTES * 4, false, false},
            {"organization", LIMIT_NAME_BYTES, false, false},
            {"signature", SETTINGS_LONG_BYTES, true, false},
            {"signature_html", SETTINGS_HTML_BYTES, true, false},
        }},
    [SETTINGS_RESPONSES] = {"templates", N_("Templates"), LIMIT_RESPONSES,
        {0, 0},
        {
            {"name", LIMIT_NAME_BYTES, false, true},
            {"subject", LIMIT_NAME_BYTES * 2, false, false},
            {"body", (uint32_t)64 << 10, true, false},
        }},
    [SETTINGS_SEARCHES] = {"searches", N_("Saved searches"),
        LIMIT_SAVED_SEARCHES, {0, 0},
        {
            {"name", LIMIT_NAME_BYTES, false, true},
            {"words", LIST_WORDS_BYTES, false, true},
            {"scope", 20, false, true},
            {"folder", LIMIT_FOLDER_BYTES, false, false},
        }},
    [SETTINGS_LABELS] = {"labels", N_("Labels"), PAGE_LABELS, {0, 1},
        {
            {"keyword", PAGE_LABEL_BYTES, false, true},
            {"name", PAGE_LABEL_BYTES, false, true},
            {"colour", 20, false, true},
        }},
    [SETTINGS_SENDERS] = {"senders", N_("Senders whose images are shown"),
        LIMIT_TRUSTED, {0, 0},
        {
            {"address", LIMIT_NAME_BYTES, false, true},
        }},
};

static const char *
item_check_identity(struct settings_reading *in, struct settings_item *item)
{
	struct str *fields = item->fields;
	struct page_identity one = {
	    .address = text_line(in->arena, fields[0]),
	    .name = text_line(in->arena, fields[1]),
	    .reply_to = text_line(in->arena, fields[2]),
	    .bcc = text_line(in->arena, fields[3]),
	    .organization = text_line(in->arena, fields[4]),
	    .signature = text_from(in->arena, fields[5]),
	};
	const char *wrong = NULL;

	if (!settings_html_clean(in->arena, &fields[6]))
		return "signature_html";
	if (page_identity_check(in->arena, in->domain, &one, &wrong, NULL) !=
	    ERR_OK)
		/* "error_address" of the form is "address" here. */
		return wrong == NULL ? "address" : wrong + strlen("error_");
	fields[0] = one.address.s;
	fields[1] = one.name.s;
	return NULL;
}

static const char *
item_check_search(const struct settings_item *item)
{
	struct str scope = item->fields[2];

	if (!str_eq(scope, str_c(list_scope_name(list_scope_of(scope)))))
		return "scope";
	return NULL;
}

/* The number of a colour's name; PAGE_LABEL_COLOURS: there is none such. */
static unsigned
item_colour(struct str name)
{
	unsigned colour = 0;

	while (colour < PAGE_LABEL_COLOURS &&
	       !str_eq(name, str_c(page_label_colour(colour))))
		colour++;
	return colour;
}

static const char *
item_check_label(struct settings_reading *in, const struct settings_item *item)
{
	struct page_label_list *one =
	    ARENA_NEW(in->arena, struct page_label_list);
	unsigned colour = item_colour(item->fields[2]);
	struct page_label label = {
	    .label = {text_line(in->arena, item->fields[1]), item->fields[0]}};
	struct buf stored;

	if (one == NULL || colour == PAGE_LABEL_COLOURS)
		return "colour";
	/* What is read of it when it is stored is all of it. */
	one->list[one->count++] = label;
	buf_init_arena(&stored, in->arena, PAGE_LABELS_BYTES);
	page_label_pack(one, &stored);
	page_label_unpack(buf_str(&stored), in->arena, one);
	if (one->count != 1 ||
	    !str_eq(one->list[0].label.keyword, item->fields[0]))
		return "keyword";
	return str_eq(one->list[0].label.name.s, item->fields[1]) ? NULL
	                                                          : "name";
}

static const char *
item_check_sender(struct settings_reading *in, struct settings_item *item)
{
	struct mime_addresses found = {0};
	struct str *address = &item->fields[0];

	if (mime_check_recipients(*address, STR(""), in->arena, &found, NULL) !=
	        ERR_OK ||
	    found.count != 1 ||
	    !str_eq_nocase(found.list[0].address.s, *address))
		return "address";
	*address = str_lower(in->arena, *address);
	return NULL;
}

const char *
settings_item_check(struct settings_reading *in, enum settings_section section,
    struct settings_item *item)
{
	switch (section) {
	case SETTINGS_IDENTITIES:
		return item_check_identity(in, item);
	case SETTINGS_SEARCHES:
		return item_check_search(item);
	case SETTINGS_LABELS:
		return item_check_label(in, item);
	case SETTINGS_SENDERS:
		return item_check_sender(in, item);
	case SETTINGS_RESPONSES:
	case SETTINGS_SECTIONS:
		break;
	}
	return NULL;
}

/* ---- for people -----------------------------------------------------------
 */
static void
words_add(struct buf *out, const char *what, struct str value)
{
	if (value.len == 0)
		return;
	if (out->len > 0)
		buf_add_c(out, "; ");
	buf_addf(out, "%s: %.*s", tr(what), STR_ARG(value));
}

struct text
settings_pref_words(
    struct arena *arena, const struct settings_pref *pref, struct str stored)
{
	struct buf out;

	buf_init_arena(&out, arena, LIMIT_NAME_BYTES * 8);
	if (stored.len > 0 &&
	    (pref->kind == SETTINGS_PEOPLE || pref->kind == SETTINGS_LINE))
		words_add(&out, pref->people, stored);
	else
		buf_add_c(&out, tr(pref->people));
	return text_shorten(arena, text_line(arena, buf_str(&out)), 300);
}

/* Who reads along, or gets the answers, is not hidden behind a name. */
struct text
settings_item_words(struct arena *arena, enum settings_section section,
    const struct settings_item *item)
{
	struct buf out;

	buf_init_arena(&out, arena, LIMIT_NAME_BYTES * 16);
	buf_add(&out, item->fields[section == SETTINGS_LABELS ? 1 : 0]);
	if (section == SETTINGS_IDENTITIES) {
		words_add(&out, N_("Answers go to"), item->fields[2]);
		words_add(&out, N_("A blind copy of each message to"),
		    item->fields[3]);
	}
	return text_shorten(arena, text_line(arena, buf_str(&out)), 300);
}

/* ---- labels, as they are stored -------------------------------------------
 */
struct str
settings_labels_pack(struct arena *arena, const struct settings_list *list)
{
	struct page_label_list *labels =
	    ARENA_NEW(arena, struct page_label_list);
	struct buf stored;

	buf_init_arena(&stored, arena, PAGE_LABELS_BYTES);
	for (size_t i = 0; labels != NULL && i < list->count && i < PAGE_LABELS;
	     i++) {
		const struct str *fields = list->items[i].fields;

		labels->list[labels->count++] = (struct page_label){
		    .label = {text_line(arena, fields[1]), fields[0]},
		    .colour = item_colour(fields[2]) % PAGE_LABEL_COLOURS};
	}
	if (labels != NULL)
		page_label_pack(labels, &stored);
	return buf_str(&stored);
}

bool
settings_labels_unpack(struct arena *arena,
    const struct page_label_list *labels, struct settings_list *out)
{
	out->items = ARENA_ARRAY(arena, labels->count, struct settings_item);
	if (out->items == NULL)
		return false;
	out->is_there = true;
	for (size_t i = 0; i < labels->count; i++) {
		const struct page_label *at = &labels->list[i];
		struct settings_item *item = &out->items[out->count++];

		item->id = at->label.keyword;
		item->fields[0] = at->label.keyword;
		item->fields[1] = at->label.name.s;
		item->fields[2] = str_c(page_label_colour(at->colour));
	}
	return true;
}
