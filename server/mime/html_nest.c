#include "mime/html_nest.h"

#include "base/err.h"

/* HTML Standard, 13.2.6: what the tree builder does at a start tag. */
enum kind {
	KIND_OTHER = 1u << 0,
	KIND_P = 1u << 1,
	KIND_ENDS_P = 1u << 2,  /* ends a p in button scope */
	KIND_HEADING = 1u << 3, /* ends a heading that is the current node */
	KIND_LI = 1u << 4,
	KIND_DD = 1u << 5,
	KIND_A = 1u << 6,
	KIND_SPECIAL = 1u << 7, /* stops the search for li, dd, dt */
	KIND_WEAK = 1u << 8,    /* address, div, p: special, but do not stop */
	KIND_TABLE = 1u << 9,
	KIND_CAPTION = 1u << 10,
	KIND_COLGROUP = 1u << 11,
	KIND_COL = 1u << 12,
	KIND_SECTION = 1u << 13,
	KIND_TR = 1u << 14,
	KIND_CELL = 1u << 15
};

#define BLOCK (KIND_ENDS_P | KIND_SPECIAL)
/* Behind these neither p nor a are seen. */
#define WALL (KIND_CELL | KIND_CAPTION)
/* Only their own parts stand in these. */
#define TABLE_INSIDE (KIND_TABLE | KIND_COLGROUP | KIND_SECTION | KIND_TR)
#define TABLE_PART                                                          \
	(KIND_CAPTION | KIND_COLGROUP | KIND_COL | KIND_SECTION | KIND_TR | \
	    KIND_CELL)

static const struct {
	const char *name;
	uint32_t kind;
} kinds[] = {
    {"a", KIND_A},
    {"address", BLOCK | KIND_WEAK},
    {"article", BLOCK},
    {"aside", BLOCK},
    {"blockquote", BLOCK},
    {"caption", KIND_CAPTION | KIND_SPECIAL},
    {"center", BLOCK},
    {"col", KIND_COL},
    {"colgroup", KIND_COLGROUP | KIND_SPECIAL},
    {"dd", BLOCK | KIND_DD},
    {"details", BLOCK},
    {"dir", BLOCK},
    {"div", BLOCK | KIND_WEAK},
    {"dl", BLOCK},
    {"dt", BLOCK | KIND_DD},
    {"figcaption", BLOCK},
    {"figure", BLOCK},
    {"footer", BLOCK},
    {"h1", BLOCK | KIND_HEADING},
    {"h2", BLOCK | KIND_HEADING},
    {"h3", BLOCK | KIND_HEADING},
    {"h4", BLOCK | KIND_HEADING},
    {"h5", BLOCK | KIND_HEADING},
    {"h6", BLOCK | KIND_HEADING},
    {"header", BLOCK},
    {"hr", BLOCK},
    {"li", BLOCK | KIND_LI},
    {"main", BLOCK},
    {"nav", BLOCK},
    {"ol", BLOCK},
    {"p", BLOCK | KIND_WEAK | KIND_P},
    {"pre", BLOCK},
    {"section", BLOCK},
    {"summary", BLOCK},
    {"table", BLOCK | KIND_TABLE},
    {"tbody", KIND_SECTION | KIND_SPECIAL},
    {"td", KIND_CELL | KIND_SPECIAL},
    {"tfoot", KIND_SECTION | KIND_SPECIAL},
    {"th", KIND_CELL | KIND_SPECIAL},
    {"thead", KIND_SECTION | KIND_SPECIAL},
    {"tr", KIND_TR | KIND_SPECIAL},
    {"ul", BLOCK},
};

uint32_t
html_nest_kind(struct str name)
{
	size_t from = 0;
	size_t to = sizeof(kinds) / sizeof(kinds[0]);

	while (from < to) {
		size_t middle = (from + to) / 2;
		int order = str_compare(name, str_c(kinds[middle].name));
		if (order == 0)
			return kinds[middle].kind;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return KIND_OTHER;
}

/* Is one of `wanted` open, seen from here up to one of `walls`? */
static bool
is_open(const struct html_nest *nest, uint32_t wanted, uint32_t walls)
{
	for (size_t i = nest->depth; i > 0; i--) {
		if ((nest->kinds[i - 1] & wanted) != 0)
			return true;
		if ((nest->kinds[i - 1] & walls) != 0)
			return false;
	}
	return false;
}

/* An li ends an open li unless an element stands between that walls it off. */
static bool
ends_item(const struct html_nest *nest, uint32_t item)
{
	for (size_t i = nest->depth; i > 0; i--) {
		uint32_t kind = nest->kinds[i - 1];
		if ((kind & item) != 0)
			return true;
		if ((kind & KIND_SPECIAL) != 0 && (kind & KIND_WEAK) == 0)
			return false;
	}
	return false;
}

/* Tables: each part stands in its proper place and nothing else there. */
static bool
is_misplaced(const struct html_nest *nest, uint32_t kind)
{
	uint32_t parent = nest->depth > 0 ? nest->kinds[nest->depth - 1] : 0;

	if ((kind & (KIND_CAPTION | KIND_COLGROUP | KIND_SECTION)) != 0)
		return (parent & KIND_TABLE) == 0;
	if ((kind & KIND_COL) != 0)
		return (parent & KIND_COLGROUP) == 0;
	if ((kind & KIND_TR) != 0)
		return (parent & KIND_SECTION) == 0;
	if ((kind & KIND_CELL) != 0)
		return (parent & KIND_TR) == 0;
	return (parent & TABLE_INSIDE) != 0;
}

static bool
is_doubtful(const struct html_nest *nest, uint32_t kind)
{
	if (is_misplaced(nest, kind))
		return true;
	if ((kind & TABLE_PART) != 0)
		return false;
	if ((kind & KIND_ENDS_P) != 0 && is_open(nest, KIND_P, WALL))
		return true;
	if ((kind & KIND_HEADING) != 0 && is_open(nest, KIND_HEADING, WALL))
		return true;
	if ((kind & KIND_A) != 0 && is_open(nest, KIND_A, WALL))
		return true;
	if ((kind & KIND_LI) != 0 && ends_item(nest, KIND_LI))
		return true;
	return (kind & KIND_DD) != 0 && ends_item(nest, KIND_DD);
}

void
html_nest_init(struct html_nest *nest)
{
	nest->depth = 0;
	nest->is_doubtful = false;
}

void
html_nest_open(struct html_nest *nest, uint32_t kind, bool is_void)
{
	if (is_doubtful(nest, kind))
		nest->is_doubtful = true;
	if (is_void)
		return;
	ensure(nest->depth < sizeof(nest->kinds) / sizeof(nest->kinds[0]));
	nest->kinds[nest->depth] = kind;
	nest->depth++;
}

void
html_nest_close(struct html_nest *nest)
{
	ensure(nest->depth > 0);
	nest->depth--;
}

void
html_nest_text(struct html_nest *nest, bool is_blank)
{
	if (!is_blank && nest->depth > 0 &&
	    (nest->kinds[nest->depth - 1] & TABLE_INSIDE) != 0)
		nest->is_doubtful = true;
}
