#ifndef VIEW_VIEW_VALUE_H
#define VIEW_VIEW_VALUE_H
/* What a view holds, for the renderer only. */
#include "view/view.h"

enum view_kind {
	VIEW_NONE,
	VIEW_TEXT,
	VIEW_HTML,
	VIEW_CSS,
	VIEW_URL,
	VIEW_NUMBER,
	VIEW_BOOL,
	VIEW_LIST,
	VIEW_CHILD
};

/* Small: a list has a thousand of them. */
struct view_value {
	const char *name; /* a literal of ours */
	uint32_t hash;    /* of the name, so that most lookups compare once */
	uint32_t older;   /* in the same list of the index, plus 1; 0: none */
	struct str s;     /* what {{name}} prints */
	union {           /* by the kind */
		uint64_t number;
		struct view_list *list;
		struct view *child;
	};
	enum view_kind kind;
	uint16_t name_len;
	bool is_true; /* numbers: not 0; texts: not empty */
};

struct view_round {
	struct view *view;      /* NULL: it is made already */
	struct html ready;      /* what it became before */
	struct view_made *note; /* borrowed: where it stands; NULL: unasked */
};
struct view_list {
	struct view *owner;
	struct view_round *rounds;
	size_t count;
	size_t capacity;
};

uint32_t view_value_hash(struct str name);
/* The value set last under this name; NULL when there is none. */
const struct view_value *view_value_find(
    const struct view *view, struct str name, uint32_t hash);
/* The first failure of the view and all views within; NULL view included. */
enum err_code view_value_failed(const struct view *view);

#endif
