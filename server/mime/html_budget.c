#include "mime/html_budget.h"

#include "base/limits.h"
#include "base/scan.h"

/* What gumbo takes for each, with its vectors; measured. */
#define ELEMENT_BYTES   264u
#define TEXT_BYTES      176u
#define ATTRIBUTE_BYTES 160u
#define ATTRIBUTES_MAX  1000u
/* Twice what is kept. */
#define NESTED_MAX (LIMIT_HTML_DEPTH * 2u)

/*
 * What the tree builder would have open (HTML Standard, 13.2.6), about: end
 * tags that are left out are known for paragraphs, items and cells; whatever
 * is open within an element ends with it. Where tags stand where they do not
 * belong this may be wrong: the parser's clock is there for that.
 */
enum budget_kind {
	BUDGET_INLINE, /* and what nobody knows */
	BUDGET_FORMAT, /* its end tag ends nothing else */
	BUDGET_LINK,   /* likewise; ends one that is open */
	BUDGET_BLOCK,  /* ends a paragraph */
	BUDGET_P,
	BUDGET_ITEM, /* ends one of its name */
	BUDGET_LIST, /* a block, beyond which an item ends none */
	BUDGET_TABLE,
	BUDGET_CELL, /* or row: a wall for all of these */
	BUDGET_VOID
};

struct budget_tag {
	unsigned char kind;
	unsigned char id; /* 0 where the kind says all */
};

static const struct budget_tag budget_p = {BUDGET_P, 0};
static const struct budget_tag budget_table = {BUDGET_TABLE, 0};

struct budget {
	size_t bytes;
	bool is_text; /* what is read: one node */
	size_t depth;
	struct budget_tag open[NESTED_MAX + 1u];
};

static const struct {
	struct str name;
	enum budget_kind kind;
} budget_tags[] = {
    {{"td", 2}, BUDGET_CELL},
    {{"tr", 2}, BUDGET_CELL},
    {{"br", 2}, BUDGET_VOID},
    {{"p", 1}, BUDGET_P},
    {{"div", 3}, BUDGET_BLOCK},
    {{"table", 5}, BUDGET_TABLE},
    {{"img", 3}, BUDGET_VOID},
    {{"a", 1}, BUDGET_LINK},
    {{"b", 1}, BUDGET_FORMAT},
    {{"i", 1}, BUDGET_FORMAT},
    {{"u", 1}, BUDGET_FORMAT},
    {{"font", 4}, BUDGET_FORMAT},
    {{"strong", 6}, BUDGET_FORMAT},
    {{"em", 2}, BUDGET_FORMAT},
    {{"big", 3}, BUDGET_FORMAT},
    {{"code", 4}, BUDGET_FORMAT},
    {{"nobr", 4}, BUDGET_FORMAT},
    {{"s", 1}, BUDGET_FORMAT},
    {{"small", 5}, BUDGET_FORMAT},
    {{"strike", 6}, BUDGET_FORMAT},
    {{"tt", 2}, BUDGET_FORMAT},
    {{"th", 2}, BUDGET_CELL},
    {{"tbody", 5}, BUDGET_CELL},
    {{"thead", 5}, BUDGET_CELL},
    {{"tfoot", 5}, BUDGET_CELL},
    {{"caption", 7}, BUDGET_CELL},
    {{"li", 2}, BUDGET_ITEM},
    {{"dd", 2}, BUDGET_ITEM},
    {{"dt", 2}, BUDGET_ITEM},
    {{"option", 6}, BUDGET_ITEM},
    {{"ul", 2}, BUDGET_LIST},
    {{"ol", 2}, BUDGET_LIST},
    {{"dl", 2}, BUDGET_LIST},
    {{"h1", 2}, BUDGET_BLOCK},
    {{"h2", 2}, BUDGET_BLOCK},
    {{"h3", 2}, BUDGET_BLOCK},
    {{"center", 6}, BUDGET_BLOCK},
    {{"blockquote", 10}, BUDGET_BLOCK},
    {{"pre", 3}, BUDGET_BLOCK},
    {{"section", 7}, BUDGET_BLOCK},
    {{"hr", 2}, BUDGET_VOID},
    {{"area", 4}, BUDGET_VOID},
    {{"base", 4}, BUDGET_VOID},
    {{"col", 3}, BUDGET_VOID},
    {{"input", 5}, BUDGET_VOID},
    {{"link", 4}, BUDGET_VOID},
    {{"meta", 4}, BUDGET_VOID},
    {{"wbr", 3}, BUDGET_VOID},
};

static struct budget_tag
budget_tag_of(struct str name)
{
	const size_t count = sizeof(budget_tags) / sizeof(budget_tags[0]);
	unsigned hash = (unsigned)name.len;

	for (size_t i = 0; i < count; i++) {
		enum budget_kind kind = budget_tags[i].kind;
		bool is_one = kind == BUDGET_P || kind == BUDGET_TABLE ||
		              kind == BUDGET_CELL;

		if (name.len == budget_tags[i].name.len &&
		    str_eq_nocase(name, budget_tags[i].name))
			return (struct budget_tag){(unsigned char)kind,
			    (unsigned char)(is_one ? 0 : i)};
	}
	for (size_t i = 0; i < name.len && i < 8; i++)
		hash = hash * 31 + ((unsigned char)name.ptr[i] | 0x20u);
	return (struct budget_tag){
	    BUDGET_INLINE, (unsigned char)(count + hash % (256 - count))};
}

/*
 * The place of the nearest open one like it, not beyond one of kind `wall`
 * or, but for tables, a cell; `depth` of the budget when there is none.
 */
static size_t
budget_find(
    const struct budget *budget, struct budget_tag tag, enum budget_kind wall)
{
	for (size_t i = budget->depth; i > 0; i--) {
		const struct budget_tag *one = &budget->open[i - 1];

		if (one->kind == tag.kind && one->id == tag.id)
			return i - 1;
		if (one->kind == wall ||
		    (one->kind == BUDGET_CELL && tag.kind != BUDGET_TABLE))
			break;
	}
	return budget->depth;
}

static void
budget_remove(struct budget *budget, size_t at)
{
	if (at == budget->depth)
		return;
	budget->depth--;
	memmove(&budget->open[at], &budget->open[at + 1],
	    (budget->depth - at) * sizeof(budget->open[0]));
}

static void
budget_open(struct budget *budget, struct str name)
{
	struct budget_tag tag = budget_tag_of(name);
	size_t at;

	switch (tag.kind) {
	case BUDGET_VOID:
		return;
	case BUDGET_CELL:
		at = budget_find(budget, budget_table, BUDGET_VOID);
		if (at == budget->depth)
			return;
		budget->depth = at + 1;
		break;
	case BUDGET_ITEM:
		budget->depth = budget_find(budget, tag, BUDGET_LIST);
		break;
	case BUDGET_LINK:
		budget_remove(budget, budget_find(budget, tag, BUDGET_VOID));
		break;
	case BUDGET_INLINE:
	case BUDGET_FORMAT:
		break;
	default:
		budget->depth = budget_find(budget, budget_p, BUDGET_TABLE);
	}
	if (budget->depth <= NESTED_MAX)
		budget->open[budget->depth++] = tag;
}

static void
budget_close(struct budget *budget, struct str name)
{
	struct budget_tag tag = budget_tag_of(name);
	size_t at = budget_find(budget, tag, BUDGET_VOID);

	if (tag.kind == BUDGET_FORMAT || tag.kind == BUDGET_LINK)
		budget_remove(budget, at);
	else
		budget->depth = at;
}

/* A tag behind "<" or "</"; false: it has attributes without end. */
static bool
budget_read(struct budget *budget, struct scan *scan, bool is_end)
{
	struct str name = scan_until(scan, " \t\n\f\r/>");
	size_t attributes = 0;

	while (!scan_end(scan) && !scan_byte(scan, '>')) {
		int quote;

		(void)scan_while(scan, " \t\n\f\r/");
		if (scan_end(scan) || scan_peek(scan) == '>')
			continue;
		attributes++;
		(void)scan_next(scan);
		(void)scan_until(scan, " \t\n\f\r/>=");
		(void)scan_while(scan, " \t\n\f\r");
		if (!scan_byte(scan, '='))
			continue;
		(void)scan_while(scan, " \t\n\f\r");
		quote = scan_peek(scan);
		if (quote != '"' && quote != '\'') {
			(void)scan_until(scan, " \t\n\f\r>");
			continue;
		}
		(void)scan_next(scan);
		(void)scan_until_byte(scan, (char)quote);
		(void)scan_next(scan);
	}
	if (attributes > ATTRIBUTES_MAX)
		return false;
	if (is_end) {
		budget_close(budget, name);
		return true;
	}
	budget->bytes += ELEMENT_BYTES + attributes * ATTRIBUTE_BYTES;
	budget_open(budget, name);
	return true;
}

static void
budget_text(struct budget *budget, bool is_text)
{
	if (is_text && !budget->is_text)
		budget->bytes += TEXT_BYTES;
	budget->is_text = is_text;
}

/* What begins with "<". */
static bool
budget_markup(struct budget *budget, struct scan *scan)
{
	bool is_end;
	int letter;

	if (scan_str(scan, STR("<!--"))) {
		size_t end = str_find(scan->in, STR("-->"), scan->at - 2);

		budget->is_text = false;
		budget->bytes += TEXT_BYTES;
		scan->at = end < scan->in.len ? end + 3 : end;
		return true;
	}
	(void)scan_next(scan);
	is_end = scan_byte(scan, '/');
	letter = scan_peek(scan) | 0x20;
	budget_text(budget, letter < 'a' || letter > 'z');
	if (budget->is_text)
		return true;
	return budget_read(budget, scan, is_end);
}

size_t
html_budget_fit(struct str source, size_t max_bytes)
{
	struct budget budget = {0};
	struct scan scan = scan_of(source);

	while (!scan_end(&scan)) {
		size_t from;

		if (scan_until_byte(&scan, '<').len > 0)
			budget_text(&budget, true);
		if (scan_end(&scan))
			break;
		from = scan.at;
		if (!budget_markup(&budget, &scan) ||
		    budget.bytes > max_bytes || budget.depth > NESTED_MAX)
			return from;
	}
	return source.len;
}
