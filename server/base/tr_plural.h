#ifndef BASE_TR_PLURAL_H
#define BASE_TR_PLURAL_H
/*
 * Plural rules as catalogues write them (GNU gettext, "Plural forms"):
 *   nplurals=2; plural=(n != 1);
 * The expression is C's, over n: ?: || && == != < > <= >= + - * / % !
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#define TR_PLURAL_FORMS 6u /* Arabic has six, no language more */
#define TR_PLURAL_NODES 200u

struct tr_plural_node {
	uint8_t what;
	uint16_t a, b, c;
	uint64_t number;
};

struct tr_plural {
	struct tr_plural_node *nodes; /* NULL: n != 1 */
	uint16_t count;
	uint16_t root;
	unsigned forms;
};

/* The value of a Plural-Forms header. False: not understood. */
bool tr_plural_parse(
    struct str value, struct arena *arena, struct tr_plural *out);
/* Which form: less than `forms`, whatever the expression yields. */
unsigned tr_plural_form(const struct tr_plural *plural, uint64_t number);

#endif
