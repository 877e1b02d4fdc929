#include "base/limits.h"
#include "base/tr.h"
#include "page/page_contact.h"

#define CONTACT_LINE_BYTES ((size_t)2000)

/* Lines of a card that have a field in the form. */
static const struct {
	const char *name;  /* of the line */
	const char *field; /* of the form */
} contact_singles[] = {
    {"TITLE", "position"},
    {"BDAY", "birthday"},
    {"URL", "web"},
};
/* What a telephone number is for: the form's word, the card's, for people. */
static const struct {
	const char *word, *type, *label;
} contact_kinds[] = {
    {"mobile", "cell", N_("Mobile")},
    {"home", "home", N_("Home")},
    {"work", "work", N_("Work")},
    {"fax", "fax", N_("Fax")},
    {"pager", "pager", N_("Pager")},
    {"other", "", N_("Other")},
};
#define CONTACT_KINDS (sizeof(contact_kinds) / sizeof(contact_kinds[0]))

static size_t
contact_kind(const struct mime_card_line *line)
{
	/* A fax at work is a fax. */
	static const size_t order[] = {3, 4, 0, 1, 2};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (mime_card_has_type(line, contact_kinds[order[i]].type))
			return order[i];
	return CONTACT_KINDS - 1;
}

static struct text
contact_phone(struct arena *arena, const struct mime_card_line *line)
{
	struct str value = mime_card_value(arena, line).s;

	if (str_starts_nocase(value, STR("tel:")))
		value = str_slice(value, 4, value.len);
	return text_line(arena, value);
}

/* ---- show -----------------------------------------------------------------
 */
static void
contact_view_phone(
    struct view_list *rows, size_t number, struct text value, size_t kind)
{
	struct view *row = view_list_add(rows);
	struct view_list *kinds = view_list(row, "kinds");

	view_u64(row, "number", number);
	view_text(row, "phone", value);
	for (size_t i = 0; i < CONTACT_KINDS; i++) {
		struct view *one = view_list_add(kinds);

		view_word(one, "word", contact_kinds[i].word);
		view_word(one, "label", tr(contact_kinds[i].label));
		view_bool(one, "selected", i == kind);
	}
}

/* "work" of a line, in words; or the line's own name. */
static struct text
contact_label(struct arena *arena, const struct mime_card_line *line)
{
	static const struct {
		const char *name, *label;
	} labels[] = {
	    {"ADR", N_("Postal address")},
	    {"NICKNAME", N_("Called")},
	    {"ROLE", N_("Role")},
	    {"IMPP", N_("Chat")},
	    {"ANNIVERSARY", N_("Anniversary")},
	    {"X-COLUMN", N_("Further")},
	    {"X-ADDRESS", N_("No e-mail address")},
	    {"GEO", N_("Place")},
	    {"TZ", N_("Time zone")},
	    {"KEY", N_("Key")},
	    {"RELATED", N_("Related")},
	    {"LANG", N_("Language")},
	};
	const char *where = mime_card_has_type(line, "work")   ? tr(", work")
	                    : mime_card_has_type(line, "home") ? tr(", home")
	                                                       : "";

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (str_eq(line->name, str_c(labels[i].name)))
			return (struct text){str_printf(
			    arena, "%s%s", tr(labels[i].label), where)};
	return text_line(arena, line->name);
}

/* Lines that are shown elsewhere, or say nothing to people. */
static bool
contact_is_hidden(const struct mime_card_line *line)
{
	static const char *const names[] = {"N", "ORG", "EMAIL", "TEL", "UID",
	    "REV", "PRODID", "X-ABUID", "KIND"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(line->name, str_c(names[i])))
			return true;
	return false;
}

static void
contact_view_more(
    struct arena *arena, const struct mime_card_line *line, struct view *view)
{
	struct text value = mime_card_value(arena, line);

	view_text(view, "label", contact_label(arena, line));
	if (str_starts(value.s, STR("data:")))
		value = tr_text("kept as it came");
	view_text(view, "value", text_shorten(arena, value, 300));
}

void
contact_card_view(struct request *req, struct str card, struct view *view)
{
	struct arena *arena = req->arena;
	struct view_list *phones = view_list(view, "phones");
	struct view_list *more = view_list(view, "more");
	struct mime_card_line line;
	size_t phone_count = 0;
	size_t more_count = 0;
	bool is_shown[3] = {false, false, false};

	while (mime_card_line_next(&card, &line)) {
		bool is_single = false;

		for (size_t i = 0; i < 3; i++) {
			if (is_shown[i] ||
			    !str_eq(line.name, str_c(contact_singles[i].name)))
				continue;
			is_shown[i] = true;
			view_text(view, contact_singles[i].field,
			    text_line(arena, mime_card_value(arena, &line).s));
			is_single = true;
		}
		if (str_eq(line.name, STR("TEL")))
			contact_view_phone(phones, ++phone_count,
			    contact_phone(arena, &line), contact_kind(&line));
		else if (!is_single && !contact_is_hidden(&line) &&
		         more_count++ < 100)
			contact_view_more(arena, &line, view_list_add(more));
	}
	for (size_t i = 0; i < CONTACT_SPARE; i++)
		contact_view_phone(phones, ++phone_count, TEXT(""), 0);
	view_bool(view, "has_more", more_count > 0);
}

/* ---- read -----------------------------------------------------------------
 */
/* The line of the old card that says the same, with all it says besides. */
static bool
contact_old_line(struct arena *arena, struct str card, const char *name,
    struct text value, size_t kind, struct str *out)
{
	struct mime_card_line line;

	while (mime_card_line_next(&card, &line)) {
		bool is_phone = str_eq(line.name, STR("TEL"));
		struct text old;

		if (!str_eq(line.name, str_c(name)))
			continue;
		old = is_phone
		          ? contact_phone(arena, &line)
		          : text_line(arena, mime_card_value(arena, &line).s);
		if (!str_eq(old.s, value.s) ||
		    (is_phone && contact_kind(&line) != kind))
			continue;
		*out = line.whole;
		return true;
	}
	return false;
}

static void
contact_add_line(struct arena *arena, struct buf *out, struct str old,
    const char *name, struct text value, size_t kind)
{
	struct str whole;

	if (text_is_empty(value))
		return;
	if (contact_old_line(arena, old, name, value, kind, &whole)) {
		buf_add(out, whole);
		buf_add_byte(out, '\n');
		return;
	}
	mime_card_add(out, name,
	    strcmp(name, "TEL") == 0 ? contact_kinds[kind].type : "", value);
}

static size_t
contact_kind_of(struct str word)
{
	for (size_t i = 0; i < CONTACT_KINDS; i++)
		if (str_eq(word, str_c(contact_kinds[i].word)))
			return i;
	return CONTACT_KINDS - 1;
}

static void
contact_add_phones(struct request *req, struct str old, struct buf *out)
{
	const struct form *form = NULL;
	const struct form_field *phone = NULL;
	const struct form_field *kind = NULL;

	if (request_form(req, &form, NULL) != ERR_OK)
		return;
	/* Both come in the order of the rows. */
	while ((phone = form_next(form, "phone", phone)) != NULL) {
		kind = form_next(form, "phone_kind", kind);
		contact_add_line(req->arena, out, old, "TEL",
		    text_line(req->arena, phone->value),
		    kind != NULL ? contact_kind_of(kind->value)
		                 : CONTACT_KINDS - 1);
		if (kind == NULL)
			break;
	}
}

struct str
contact_card_parse(
    struct request *req, struct str old, bool is_renamed, bool is_moved)
{
	struct arena *arena = req->arena;
	struct mime_card_line line;
	struct str rest = old;
	bool is_first[3] = {true, true, true};
	struct buf out;

	buf_init_arena(&out, arena, LIMIT_PERSON_CARD);
	while (mime_card_line_next(&rest, &line)) {
		bool goes = str_eq(line.name, STR("TEL")) ||
		            (is_renamed && str_eq(line.name, STR("N"))) ||
		            (is_moved && str_eq(line.name, STR("ORG")));

		for (size_t i = 0; i < 3; i++) {
			bool is_it =
			    str_eq(line.name, str_c(contact_singles[i].name));

			/* The form shows one of each: the first. */
			goes = goes || (is_it && is_first[i]);
			is_first[i] = is_first[i] && !is_it;
		}
		if (goes)
			continue;
		buf_add(&out, line.whole);
		buf_add_byte(&out, '\n');
	}
	for (size_t i = 0; i < 3; i++)
		contact_add_line(arena, &out, old, contact_singles[i].name,
		    text_line(arena,
		        str_slice(request_field(req, contact_singles[i].field),
		            0, CONTACT_LINE_BYTES)),
		    0);
	contact_add_phones(req, old, &out);
	return out.failed == ERR_OK ? buf_str(&out) : str_of(NULL, 0);
}
