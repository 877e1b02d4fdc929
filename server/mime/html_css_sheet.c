#include "mime/html_css_sheet.h"

#include "mime/html_css_media.h"
#include "mime/html_css_selector.h"

/*
 *   sheet = *( rule / "@media" queries "{" *rule "}" )
 *   rule  = selector *( "," selector ) "{" declarations "}"
 *
 * All other at-rules (they load, or name what is elsewhere) are passed over.
 * Bounds are on what is written, so that the result stays within them.
 */
#define SOURCE_BYTES_MAX ((size_t)1 << 20)
#define SHEET_BYTES_MAX  ((size_t)128 << 10)
#define RULE_BYTES_MAX   ((size_t)16 << 10)
#define SELECTORS_MAX    2000u
#define SUBJECTS_MAX     8u

void
html_css_sheet_init(struct html_css_sheet *sheet)
{
	memset(sheet, 0, sizeof(*sheet));
	sheet->source_left = SOURCE_BYTES_MAX;
	buf_init(&sheet->out, SHEET_BYTES_MAX + SOURCE_BYTES_MAX * 2);
}

void
html_css_sheet_end(struct html_css_sheet *sheet)
{
	buf_free(&sheet->out);
}

/* ---- what the rules mean ---- */

static bool
has_class(const struct html_css_class *list, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(str_of(list[i].name, list[i].len), name))
			return true;
	}
	return false;
}

static void
add_class(struct html_css_class *list, size_t *count, struct str name)
{
	if (name.len == 0 || name.len > sizeof(list->name) ||
	    *count == HTML_CSS_SHEET_CLASSES || has_class(list, *count, name))
		return;
	memcpy(list[*count].name, name.ptr, name.len);
	list[*count].len = name.len;
	(*count)++;
}

static void
note_colours(struct html_css_sheet *sheet, const struct html_css_facts *facts)
{
	if (facts->text.state == HTML_COLOUR_NONE &&
	    facts->background.state == HTML_COLOUR_NONE)
		return;
	for (size_t i = 0; i < sheet->pair_count; i++) {
		if (memcmp(&sheet->pairs[i].text, &facts->text,
		        sizeof(facts->text)) == 0 &&
		    memcmp(&sheet->pairs[i].background, &facts->background,
		        sizeof(facts->background)) == 0)
			return;
	}
	if (sheet->pair_count == HTML_CSS_SHEET_PAIRS) {
		sheet->has_more_pairs = true;
		return;
	}
	sheet->pairs[sheet->pair_count].text = facts->text;
	sheet->pairs[sheet->pair_count].background = facts->background;
	sheet->pair_count++;
}

bool
html_css_sheet_is_tiny(const struct html_css_sheet *sheet, struct str names)
{
	while (names.len > 0) {
		struct str name = str_cut(&names, ' ');
		if (has_class(sheet->tiny, sheet->tiny_count, name) &&
		    !has_class(sheet->varied, sheet->varied_count, name))
			return true;
	}
	return false;
}

/* ---- rules ---- */

struct rules {
	struct html_css_sheet *sheet;
	struct html_css_scan *scan;
	struct html_css_token token;
	bool is_media; /* within one */
	bool is_full;
	/* Last classes or ids of the rule's selectors. */
	struct html_css_class subjects[SUBJECTS_MAX];
	size_t subject_count;
};

/* Its list of selectors; those that are not allowed are left out. */
static size_t
add_selectors(struct rules *rules)
{
	struct buf *out = &rules->sheet->out;
	size_t count = 0;

	rules->subject_count = 0;
	while (true) {
		size_t before = out->len;
		struct str one = {0};
		if (count > 0)
			buf_add_byte(out, ',');
		if (html_css_selector_add(
		        out, rules->scan, &rules->token, &one)) {
			count++;
			if (rules->subject_count < SUBJECTS_MAX)
				add_class(rules->subjects,
				    &rules->subject_count, one);
		} else {
			out->len = before;
		}
		if (!html_css_token_delim(&rules->token, ','))
			return count;
		html_css_token_next(rules->scan, &rules->token);
	}
}

static void
note_classes(struct rules *rules, const struct html_css_facts *facts)
{
	struct html_css_sheet *sheet = rules->sheet;
	bool is_tiny = facts->is_hidden || (facts->is_narrow && facts->is_low);

	for (size_t i = 0; i < rules->subject_count; i++) {
		struct str name =
		    str_of(rules->subjects[i].name, rules->subjects[i].len);
		if (rules->is_media)
			add_class(sheet->varied, &sheet->varied_count, name);
		else if (is_tiny)
			add_class(sheet->tiny, &sheet->tiny_count, name);
	}
}

/* The cursor stands on the first token of its selectors. */
static void
add_rule(struct rules *rules)
{
	struct html_css_sheet *sheet = rules->sheet;
	struct html_css_facts facts = {0};
	size_t before = sheet->out.len;
	size_t count = add_selectors(rules);
	size_t block = 0;

	if (rules->token.kind == HTML_CSS_END) {
		sheet->out.len = before;
		return;
	}
	buf_add_byte(&sheet->out, '{');
	block = sheet->out.len;
	html_css_block(&sheet->out, rules->scan, &facts);
	sheet->loads += facts.loads;
	if (count == 0 || sheet->out.len == block ||
	    sheet->out.len - before > RULE_BYTES_MAX) {
		sheet->out.len = before;
		return;
	}
	buf_add_byte(&sheet->out, '}');
	rules->is_full = sheet->out.failed != ERR_OK ||
	                 sheet->out.len > SHEET_BYTES_MAX ||
	                 sheet->selector_count + count > SELECTORS_MAX;
	if (rules->is_full) {
		sheet->out.len = before;
		return;
	}
	sheet->selector_count += count;
	note_classes(rules, &facts);
	note_colours(sheet, &facts);
}

/* Up to its ";" or through its block. */
static void
pass_at_rule(struct rules *rules)
{
	struct html_css_token *token = &rules->token;

	while (
	    token->kind != HTML_CSS_END && !html_css_token_delim(token, ';')) {
		bool is_block = html_css_token_delim(token, '{');
		if (is_block || token->kind == HTML_CSS_FUNCTION ||
		    html_css_token_delim(token, '(') ||
		    html_css_token_delim(token, '['))
			(void)html_css_token_skip(rules->scan, token);
		if (is_block)
			return;
		html_css_token_next(rules->scan, token);
	}
}

static void add_rules(struct rules *rules);

static void
add_media(struct rules *rules)
{
	struct buf *out = &rules->sheet->out;
	size_t before = out->len;
	size_t block = 0;
	bool is_allowed = false;

	buf_add(out, STR("@media "));
	is_allowed = html_css_media_add(out, rules->scan, &rules->token);
	if (!is_allowed || !html_css_token_delim(&rules->token, '{')) {
		out->len = before;
		pass_at_rule(rules);
		return;
	}
	buf_add_byte(out, '{');
	block = out->len;
	rules->is_media = true;
	add_rules(rules);
	rules->is_media = false;
	if (out->len == block)
		out->len = before;
	else
		buf_add_byte(out, '}');
}

/* Of the sheet, or of one @media up to its end. */
static void
add_rules(struct rules *rules)
{
	while (!rules->is_full) {
		const struct html_css_token *token = &rules->token;
		html_css_token_next(rules->scan, &rules->token);
		if (token->kind == HTML_CSS_END ||
		    (rules->is_media && html_css_token_delim(token, '}')))
			return;
		if (token->kind == HTML_CSS_BLANK)
			continue;
		if (token->kind != HTML_CSS_AT)
			add_rule(rules);
		else if (html_css_token_is(token, "media") && !rules->is_media)
			add_media(rules);
		else
			pass_at_rule(rules);
	}
}

void
html_css_sheet_add(struct html_css_sheet *sheet, struct str css)
{
	struct html_css_scan scan = {0};
	struct rules rules = {.sheet = sheet, .scan = &scan};

	scan.css = str_slice(css, 0, sheet->source_left);
	sheet->source_left -= scan.css.len;
	add_rules(&rules);
}
