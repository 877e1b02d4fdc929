#include "base/tr_plural.h"

#include "base/scan.h"

#define TR_PLURAL_DEPTH 40u /* parentheses and operators within each other */

enum tr_plural_what {
	TR_PLURAL_N,
	TR_PLURAL_NUMBER,
	TR_PLURAL_NOT,
	TR_PLURAL_CHOICE, /* a ? b : c */
	TR_PLURAL_OR,
	TR_PLURAL_AND,
	TR_PLURAL_EQ,
	TR_PLURAL_NE,
	TR_PLURAL_LE,
	TR_PLURAL_GE,
	TR_PLURAL_LT,
	TR_PLURAL_GT,
	TR_PLURAL_ADD,
	TR_PLURAL_SUB,
	TR_PLURAL_MUL,
	TR_PLURAL_DIV,
	TR_PLURAL_MOD
};

/* Longer names first, so that "<=" is not "<". */
static const struct {
	const char *name;
	enum tr_plural_what what;
	unsigned strength;
} tr_plural_operators[] = {
    {"||", TR_PLURAL_OR, 1},
    {"&&", TR_PLURAL_AND, 2},
    {"==", TR_PLURAL_EQ, 3},
    {"!=", TR_PLURAL_NE, 3},
    {"<=", TR_PLURAL_LE, 4},
    {">=", TR_PLURAL_GE, 4},
    {"<", TR_PLURAL_LT, 4},
    {">", TR_PLURAL_GT, 4},
    {"+", TR_PLURAL_ADD, 5},
    {"-", TR_PLURAL_SUB, 5},
    {"*", TR_PLURAL_MUL, 6},
    {"/", TR_PLURAL_DIV, 6},
    {"%", TR_PLURAL_MOD, 6},
};
#define TR_PLURAL_OPERATORS \
	(sizeof(tr_plural_operators) / sizeof(tr_plural_operators[0]))

struct tr_plural_reader {
	struct scan scan;
	struct tr_plural *plural;
	unsigned depth;
};

static void
tr_plural_blank(struct tr_plural_reader *reader)
{
	(void)scan_while(&reader->scan, " \t\r\n");
}

/* A node more; false past the limit. */
static bool
tr_plural_add(
    struct tr_plural_reader *reader, struct tr_plural_node node, uint16_t *out)
{
	struct tr_plural *plural = reader->plural;

	if (plural->count >= TR_PLURAL_NODES)
		return false;
	plural->nodes[plural->count] = node;
	*out = plural->count++;
	return true;
}

static bool tr_plural_choice(struct tr_plural_reader *reader, uint16_t *out);

static bool
tr_plural_value(struct tr_plural_reader *reader, uint16_t *out)
{
	struct tr_plural_node node = {.what = TR_PLURAL_NUMBER};

	tr_plural_blank(reader);
	if (scan_byte(&reader->scan, '('))
		return tr_plural_choice(reader, out) &&
		       (tr_plural_blank(reader), scan_byte(&reader->scan, ')'));
	if (scan_byte(&reader->scan, 'n'))
		node.what = TR_PLURAL_N;
	else if (!scan_u64(&reader->scan, UINT32_MAX, &node.number))
		return false;
	return tr_plural_add(reader, node, out);
}

static bool
tr_plural_not(struct tr_plural_reader *reader, uint16_t *out)
{
	struct tr_plural_node node = {.what = TR_PLURAL_NOT};
	unsigned nots = 0;

	for (tr_plural_blank(reader); scan_byte(&reader->scan, '!');
	     tr_plural_blank(reader))
		nots++;
	if (nots > TR_PLURAL_NODES || !tr_plural_value(reader, &node.a))
		return false;
	*out = node.a;
	for (; nots > 0; nots--) {
		if (!tr_plural_add(reader, node, out))
			return false;
		node.a = *out;
	}
	return true;
}

/* The operator at the cursor that binds as `strength` at least; or NULL. */
static bool
tr_plural_operator(
    struct tr_plural_reader *reader, unsigned strength, size_t *out)
{
	tr_plural_blank(reader);
	for (size_t i = 0; i < TR_PLURAL_OPERATORS; i++) {
		struct str name = str_c(tr_plural_operators[i].name);
		struct str rest = scan_rest(&reader->scan);

		if (!str_starts(rest, name))
			continue;
		if (tr_plural_operators[i].strength < strength)
			return false;
		(void)scan_take(&reader->scan, name.len);
		*out = i;
		return true;
	}
	return false;
}

/* Operators of the same strength from left to right. */
static bool
tr_plural_binary(
    struct tr_plural_reader *reader, unsigned strength, uint16_t *out)
{
	size_t which = 0;

	if (reader->depth >= TR_PLURAL_DEPTH || !tr_plural_not(reader, out))
		return false;
	reader->depth++;
	while (tr_plural_operator(reader, strength, &which)) {
		struct tr_plural_node node = {
		    .what = (uint8_t)tr_plural_operators[which].what,
		    .a = *out,
		};

		if (!tr_plural_binary(reader,
		        tr_plural_operators[which].strength + 1, &node.b) ||
		    !tr_plural_add(reader, node, out))
			return false;
	}
	reader->depth--;
	return true;
}

static bool
tr_plural_choice(struct tr_plural_reader *reader, uint16_t *out)
{
	struct tr_plural_node node = {.what = TR_PLURAL_CHOICE};

	if (reader->depth >= TR_PLURAL_DEPTH)
		return false;
	reader->depth++;
	if (!tr_plural_binary(reader, 1, &node.a))
		return false;
	*out = node.a;
	tr_plural_blank(reader);
	if (scan_byte(&reader->scan, '?')) {
		if (!tr_plural_choice(reader, &node.b))
			return false;
		tr_plural_blank(reader);
		if (!scan_byte(&reader->scan, ':') ||
		    !tr_plural_choice(reader, &node.c) ||
		    !tr_plural_add(reader, node, out))
			return false;
	}
	reader->depth--;
	return true;
}

bool
tr_plural_parse(struct str value, struct arena *arena, struct tr_plural *out)
{
	struct tr_plural_reader reader = {
	    .scan = scan_of(value), .plural = out};
	uint64_t forms = 0;

	*out = (struct tr_plural){.forms = 2};
	tr_plural_blank(&reader);
	if (!scan_str(&reader.scan, STR("nplurals=")) ||
	    !scan_u64(&reader.scan, TR_PLURAL_FORMS, &forms) || forms == 0 ||
	    !scan_byte(&reader.scan, ';'))
		return false;
	tr_plural_blank(&reader);
	if (!scan_str(&reader.scan, STR("plural=")))
		return false;
	out->nodes = ARENA_ARRAY(arena, TR_PLURAL_NODES, struct tr_plural_node);
	if (out->nodes == NULL || !tr_plural_choice(&reader, &out->root))
		return false;
	tr_plural_blank(&reader);
	(void)scan_byte(&reader.scan, ';');
	tr_plural_blank(&reader);
	out->forms = (unsigned)forms;
	return scan_end(&reader.scan);
}

static uint64_t
tr_plural_two(enum tr_plural_what what, uint64_t a, uint64_t b)
{
	switch ((int)what) {
	case TR_PLURAL_OR:
		return a != 0 || b != 0;
	case TR_PLURAL_AND:
		return a != 0 && b != 0;
	case TR_PLURAL_EQ:
		return a == b;
	case TR_PLURAL_NE:
		return a != b;
	case TR_PLURAL_LE:
		return a <= b;
	case TR_PLURAL_GE:
		return a >= b;
	case TR_PLURAL_LT:
		return a < b;
	case TR_PLURAL_GT:
		return a > b;
	case TR_PLURAL_ADD:
		return a + b;
	case TR_PLURAL_SUB:
		return a - b;
	case TR_PLURAL_MUL:
		return a * b;
	case TR_PLURAL_DIV:
		return b == 0 ? 0 : a / b;
	default:
		return b == 0 ? 0 : a % b;
	}
}

/* A node stands behind those it needs: one pass in order computes all. */
unsigned
tr_plural_form(const struct tr_plural *plural, uint64_t number)
{
	uint64_t values[TR_PLURAL_NODES];

	if (plural->nodes == NULL)
		return number == 1 ? 0 : 1;
	for (uint16_t i = 0; i < plural->count; i++) {
		const struct tr_plural_node *node = &plural->nodes[i];

		if (node->what == TR_PLURAL_N)
			values[i] = number;
		else if (node->what == TR_PLURAL_NUMBER)
			values[i] = node->number;
		else if (node->what == TR_PLURAL_NOT)
			values[i] = values[node->a] == 0;
		else if (node->what == TR_PLURAL_CHOICE)
			values[i] = values[node->a] != 0 ? values[node->b]
			                                 : values[node->c];
		else
			values[i] =
			    tr_plural_two((enum tr_plural_what)node->what,
			        values[node->a], values[node->b]);
	}
	number = values[plural->root];
	return number < plural->forms ? (unsigned)number : 0;
}
