#include "page/page_label.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/tr.h"
#include "mime/mime_fold.h"
#include "page/page_folder.h"

const char page_pref_labels[] = "labels";

static const struct {
	const char *name, *css;
} label_colours[PAGE_LABEL_COLOURS] = {
    {N_("red"), "label-red"},
    {N_("orange"), "label-orange"},
    {N_("green"), "label-green"},
    {N_("blue"), "label-blue"},
    {N_("purple"), "label-purple"},
    {N_("teal"), "label-teal"},
    {N_("pink"), "label-pink"},
    {N_("grey"), "label-grey"},
};

/* As Thunderbird has them, in the reader's language until one is changed. */
static struct str
label_five(struct arena *arena)
{
	const char *const names[] = {tr_in("label", "Important"),
	    tr_in("label", "Work"), tr_in("label", "Personal"),
	    tr_in("label", "To Do"), tr_in("label", "Later")};
	struct buf out;

	buf_init_arena(&out, arena, LIMIT_HEADER_BYTES);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		buf_addf(&out, "%u\t$label%u\t%s\n", i, i + 1, names[i]);
	return buf_str(&out);
}

const char *
page_label_colour(unsigned colour)
{
	return label_colours[colour % PAGE_LABEL_COLOURS].name;
}

const char *
page_label_class(unsigned colour)
{
	return label_colours[colour % PAGE_LABEL_COLOURS].css;
}

/* ---- as they are stored ---- */
/* What is safe in every command; flag-keyword of RFC 9051 allows more. */
static bool
label_is_keyword(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' &&
		    c != '$')
			return false;
	}
	return s.len > 0 && s.len <= PAGE_LABEL_BYTES;
}

void
page_label_unpack(
    struct str stored, struct arena *arena, struct page_label_list *out)
{
	out->count = 0;
	while (stored.len > 0 && out->count < PAGE_LABELS) {
		struct str line = str_cut(&stored, '\n');
		struct str keyword;
		uint32_t colour = 0;

		if (num_u32(str_cut(&line, '\t'), 0, PAGE_LABEL_COLOURS - 1,
		        &colour, NULL) != ERR_OK)
			continue;
		keyword = str_cut(&line, '\t');
		if (!label_is_keyword(keyword) || line.len == 0 ||
		    page_label_find(out, keyword) != NULL)
			continue;
		out->list[out->count++] = (struct page_label){
		    .label = {text_line(arena, line), keyword},
		    .colour = colour};
	}
}

void
page_label_pack(const struct page_label_list *labels, struct buf *out)
{
	for (size_t i = 0; i < labels->count; i++) {
		const struct page_label *at = &labels->list[i];

		buf_addf(out, "%u\t%.*s\t%.*s\n", at->colour,
		    STR_ARG(at->label.keyword), STR_ARG(at->label.name.s));
	}
	/* None at all is something else than nobody chose. */
	if (labels->count == 0)
		buf_add_byte(out, '\n');
}

struct page_label_list *
page_labels(struct request *req)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);
	struct str stored = STR("");

	if (prefs != NULL && prefs->label_list != NULL)
		return prefs->label_list;
	if (prefs != NULL)
		stored = page_folder_prefs_labels(req);
	if (stored.len == 0)
		stored = label_five(req->arena);
	if (prefs == NULL)
		return NULL;
	prefs->label_list = ARENA_NEW(req->arena, struct page_label_list);
	if (prefs->label_list != NULL)
		page_label_unpack(stored, req->arena, prefs->label_list);
	return prefs->label_list;
}

const struct page_label *
page_label_find(const struct page_label_list *labels, struct str keyword)
{
	for (size_t i = 0; i < labels->count; i++)
		if (str_eq_nocase(labels->list[i].label.keyword, keyword))
			return &labels->list[i];
	return NULL;
}

/* ---- new ones ---- */
enum err_code
page_label_check(const struct page_label_list *labels,
    const struct page_label *self, struct str name, struct arena *arena,
    struct err *err)
{
	struct str folded = mime_fold(arena, name);

	if (folded.len == 0)
		return err_set(
		    err, ERR_INPUT, "Please type a name for the label.", NULL);
	if (name.len > PAGE_LABEL_BYTES || !str_is_utf8(name))
		return err_set(err, ERR_INPUT,
		    "This name is too long for a label. Please choose a "
		    "shorter one.",
		    NULL);
	for (size_t i = 0; i < labels->count; i++) {
		const struct page_label *at = &labels->list[i];

		if (at != self &&
		    str_eq(mime_fold(arena, at->label.name.s), folded))
			return err_set(err, ERR_INPUT,
			    "There is a label of this name already. Please "
			    "choose another name.",
			    NULL);
	}
	return ERR_OK;
}

/* What spam filters learn from, and other programs show as junk. */
static bool
label_is_taken(const struct page_label_list *labels, struct str keyword)
{
	static const char *const others[] = {"junk", "nonjunk", "notjunk"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_eq(keyword, str_c(others[i])))
			return true;
	return page_label_find(labels, keyword) != NULL;
}

/* "Reise 2026" is kept as reise_2026; what has no such letters by number. */
static struct str
label_keyword(
    const struct page_label_list *labels, struct str name, struct arena *arena)
{
	struct buf out;

	buf_init_arena(&out, arena, PAGE_LABEL_BYTES);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			buf_add_byte(&out, c);
		else if (c == ' ' && out.len > 0)
			buf_add_byte(&out, '_');
	}
	if (out.len >= 2 && !label_is_taken(labels, buf_str(&out)))
		return buf_str(&out);
	for (unsigned number = 1;; number++) {
		struct str numbered = str_printf(arena, "label_%u", number);

		if (page_label_find(labels, numbered) == NULL)
			return numbered;
	}
}

enum err_code
page_label_add(struct page_label_list *labels, struct str name, unsigned colour,
    struct arena *arena, struct err *err)
{
	enum err_code rc = page_label_check(labels, NULL, name, arena, err);

	if (rc != ERR_OK)
		return rc;
	if (labels->count == PAGE_LABELS)
		return err_set(err, ERR_INPUT,
		    "There are as many labels as there can be. Please delete "
		    "one that you do not use.",
		    NULL);
	labels->list[labels->count] =
	    (struct page_label){.label = {text_line(arena, name),
	                            label_keyword(labels, name, arena)},
	        .colour = colour % PAGE_LABEL_COLOURS};
	labels->count++;
	return ERR_OK;
}

/* ---- views ---- */
const struct mail_label *
page_label_names(struct request *req, size_t *out_count)
{
	const struct page_label_list *labels =
	    req->session == NULL ? NULL : page_labels(req);
	struct mail_label *list;

	*out_count = 0;
	if (labels == NULL)
		return NULL;
	list = ARENA_ARRAY(req->arena, labels->count + 1, struct mail_label);
	for (size_t i = 0; list != NULL && i < labels->count; i++) {
		list[i] = labels->list[i].label;
		*out_count = i + 1;
	}
	return list;
}

void
page_label_view(struct request *req, struct str keywords, struct view *view)
{
	const struct page_label_list *labels =
	    keywords.len == 0 ? NULL : page_labels(req);
	struct view_list *list;
	size_t count = 0;

	if (labels == NULL)
		return;
	list = view_list(view, "labels");
	/* Who shares a folder may set any number of others. */
	while (keywords.len > 0 && count < PAGE_LABELS) {
		struct str keyword = str_cut(&keywords, ' ');
		const struct page_label *label =
		    page_label_find(labels, keyword);
		struct view *row;

		/* Marks that other programs keep for themselves. */
		if (label == NULL && str_starts(keyword, STR("$")))
			continue;
		count++;
		row = view_list_add(list);
		view_text(row, "name",
		    label == NULL ? text_line(req->arena, keyword)
		                  : label->label.name);
		view_word(row, "colour",
		    page_label_class(label == NULL ? PAGE_LABEL_COLOURS - 1
		                                   : label->colour));
	}
}

void
page_label_view_choices(struct request *req, struct view *view)
{
	const struct page_label_list *labels = page_labels(req);
	struct view_list *list;

	if (labels == NULL || labels->count == 0)
		return;
	list = view_list(view, "label_choices");
	view_bool(view, "has_labels", true);
	for (size_t i = 0; i < labels->count; i++) {
		struct view *row = view_list_add(list);

		view_str(row, "value", labels->list[i].label.keyword);
		view_text(row, "name", labels->list[i].label.name);
	}
}
