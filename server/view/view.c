#include "view/view.h"

#include "base/buf.h"
#include "view/view_value.h"

/* A view with more values than this has lists of them by their hashes. */
#define VIEW_INDEX_FROM  16u
#define VIEW_INDEX_LISTS 64u

struct view {
	struct arena *arena; /* borrowed */
	struct view *root;   /* holds the failure of all */
	struct view_value *values;
	size_t count;
	size_t capacity;
	uint32_t *index;      /* the newest of each list, plus 1; 0: none */
	uint64_t has;         /* a bit for each hash: most misses end here */
	enum err_code failed; /* of the root */
};

static struct view *
view_make(struct arena *arena, struct view *root)
{
	struct view *view = ARENA_NEW(arena, struct view);

	if (view == NULL) {
		if (root != NULL)
			root->failed = ERR_NO_MEMORY;
		return NULL;
	}
	view->arena = arena;
	view->root = root == NULL ? view : root;
	return view;
}

struct view *
view_new(struct arena *arena)
{
	return view_make(arena, NULL);
}

/* FNV-1a. */
uint32_t
view_value_hash(struct str name)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.ptr[i]) * 16777619u;
	return hash;
}

static uint64_t
view_bit(uint32_t hash)
{
	return (uint64_t)1 << (hash >> 26);
}

const struct view_value *
view_value_find(const struct view *view, struct str name, uint32_t hash)
{
	size_t i = view->count;

	if ((view->has & view_bit(hash)) == 0)
		return NULL;
	if (view->index != NULL)
		i = view->index[hash % VIEW_INDEX_LISTS];
	while (i > 0) {
		const struct view_value *value = &view->values[i - 1];

		if (value->hash == hash && value->name_len == name.len &&
		    memcmp(value->name, name.ptr, name.len) == 0)
			return value;
		i = view->index != NULL ? value->older : i - 1;
	}
	return NULL;
}

static void
view_index_add(struct view *view, size_t at)
{
	struct view_value *value = &view->values[at];
	uint32_t *newest = &view->index[value->hash % VIEW_INDEX_LISTS];

	value->older = *newest;
	*newest = (uint32_t)at + 1;
}

/* Values are found without it, too. */
static void
view_index_start(struct view *view)
{
	view->index = ARENA_ARRAY(view->arena, VIEW_INDEX_LISTS, uint32_t);
	for (size_t i = 0; view->index != NULL && i < view->count; i++)
		view_index_add(view, i);
}

enum err_code
view_value_failed(const struct view *view)
{
	if (view == NULL)
		return ERR_NO_MEMORY;
	return view->root->failed;
}

bool
view_failed(const struct view *view)
{
	return view_value_failed(view) != ERR_OK;
}

/* A new value; NULL (and remembered) when memory is used up. */
static struct view_value *
view_add(struct view *view, const char *name, enum view_kind kind)
{
	struct view_value *values;
	struct view_value *value;

	if (view == NULL)
		return NULL;
	values = arena_grow(view->arena, view->values, view->count,
	    &view->capacity, sizeof(*values));
	if (values == NULL) {
		view->root->failed = ERR_NO_MEMORY;
		return NULL;
	}
	view->values = values;
	value = &values[view->count++];
	*value = (struct view_value){.name = name, .kind = kind};
	value->name_len = (uint16_t)strlen(name);
	value->hash =
	    view_value_hash((struct str){.ptr = name, .len = value->name_len});
	view->has |= view_bit(value->hash);
	if (view->index != NULL)
		view_index_add(view, view->count - 1);
	else if (view->count == VIEW_INDEX_FROM)
		view_index_start(view);
	return value;
}

static void
view_add_str(
    struct view *view, const char *name, enum view_kind kind, struct str s)
{
	struct view_value *value = view_add(view, name, kind);

	if (value == NULL)
		return;
	/* A value that could not be made for want of memory is no value. */
	if (s.ptr == NULL && arena_failed(view->arena))
		view->root->failed = ERR_NO_MEMORY;
	value->s = s;
	value->is_true = s.len > 0;
}

void
view_text(struct view *view, const char *name, struct text value)
{
	view_add_str(view, name, VIEW_TEXT, value.s);
}

void
view_word(struct view *view, const char *name, const char *value)
{
	view_str(view, name, str_c(value));
}

void
view_str(struct view *view, const char *name, struct str value)
{
	if (view != NULL)
		view_text(view, name, text_from(view->arena, value));
}

void
view_u64(struct view *view, const char *name, uint64_t value)
{
	struct view_value *slot = view_add(view, name, VIEW_NUMBER);
	struct buf digits;

	if (slot == NULL)
		return;
	buf_init_arena(&digits, view->arena, 32);
	buf_add_u64(&digits, value);
	if (buf_end(&digits, &slot->s, NULL) != ERR_OK)
		view->root->failed = ERR_NO_MEMORY;
	slot->is_true = value != 0;
	slot->number = value;
}

void
view_bool(struct view *view, const char *name, bool value)
{
	struct view_value *slot = view_add(view, name, VIEW_BOOL);

	if (slot == NULL)
		return;
	slot->is_true = value;
	if (value)
		slot->s = STR("1");
}

void
view_html(struct view *view, const char *name, struct html value)
{
	view_add_str(view, name, VIEW_HTML, value.s);
}

void
view_css(struct view *view, const char *name, struct str value)
{
	view_add_str(view, name, VIEW_CSS, value);
}

void
view_set_url(struct view *view, const char *name, struct view_url url)
{
	view_add_str(view, name, VIEW_URL, url.s);
}

struct view_list *
view_list(struct view *view, const char *name)
{
	struct view_value *value = view_add(view, name, VIEW_LIST);

	if (value == NULL)
		return NULL;
	value->list = ARENA_NEW(view->arena, struct view_list);
	if (value->list == NULL) {
		view->root->failed = ERR_NO_MEMORY;
		return NULL;
	}
	value->list->owner = view;
	return value->list;
}

/* NULL: no list, or no memory. */
static struct view_round *
view_list_round(struct view_list *list)
{
	struct view *owner;
	struct view_round *rounds;

	if (list == NULL)
		return NULL;
	owner = list->owner;
	rounds = arena_grow(owner->arena, list->rounds, list->count,
	    &list->capacity, sizeof(*rounds));
	if (rounds == NULL) {
		owner->root->failed = ERR_NO_MEMORY;
		return NULL;
	}
	list->rounds = rounds;
	rounds[list->count] = (struct view_round){0};
	return &rounds[list->count];
}

struct view *
view_list_add_noted(struct view_list *list, struct view_made *note)
{
	struct view_round *round = view_list_round(list);

	if (note != NULL)
		*note = (struct view_made){0};
	if (round == NULL)
		return NULL;
	round->note = note;
	round->view = view_make(list->owner->arena, list->owner->root);
	if (round->view != NULL)
		list->count++;
	return round->view;
}

struct view *
view_list_add(struct view_list *list)
{
	return view_list_add_noted(list, NULL);
}

void
view_list_add_made(struct view_list *list, struct html ready)
{
	struct view_round *round = view_list_round(list);

	if (round == NULL)
		return;
	round->ready = ready;
	list->count++;
}

struct view *
view_child(struct view *view, const char *name)
{
	struct view_value *value = view_add(view, name, VIEW_CHILD);

	if (value == NULL)
		return NULL;
	value->child = view_make(view->arena, view->root);
	value->is_true = value->child != NULL;
	return value->child;
}
