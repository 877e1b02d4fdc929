#include "mime/html_style.h"

#define STYLE_BYTES    ((size_t)64 << 10)
#define REMEMBERED_MAX 2000u /* bytes of one */

void
html_style_init(struct html_styles *styles, struct arena *arena)
{
	memset(styles, 0, sizeof(*styles));
	styles->arena = arena;
	buf_init(&styles->scratch, STYLE_BYTES);
}

void
html_style_end(struct html_styles *styles)
{
	buf_free(&styles->scratch);
}

/* Different ones meet in a slot now and then: the first one stays there. */
static uint32_t
slot_of(struct str source)
{
	uint32_t hash = 2166136261u;
	size_t step = source.len > 64 ? source.len / 64 : 1;

	for (size_t i = 0; i < source.len; i += step)
		hash = (hash ^ (unsigned char)source.ptr[i]) * 16777619u;
	hash ^= (uint32_t)source.len * 2654435761u;
	return (hash ^ (hash >> 15)) % HTML_STYLE_SLOTS;
}

static void
clean(struct html_styles *styles, struct html_style *style, struct str source)
{
	*style = (struct html_style){.source = source};
	buf_clear(&styles->scratch);
	html_css_clean(&styles->scratch, source, &style->facts);
	if (styles->scratch.failed == ERR_OK)
		style->clean = buf_str(&styles->scratch);
}

const struct html_style *
html_style_get(struct html_styles *styles, struct str source)
{
	struct html_style *slot = &styles->slots[slot_of(source)];

	if (source.len > 0 && slot->source.len == source.len &&
	    str_eq(slot->source, source))
		return slot;
	if (slot->source.len > 0 || source.len > REMEMBERED_MAX) {
		clean(styles, &styles->last, source);
		return &styles->last;
	}
	clean(styles, slot, source);
	slot->source = str_dup(styles->arena, source);
	slot->clean = str_dup(styles->arena, slot->clean);
	if (slot->source.ptr == NULL)
		slot->source.len = 0;
	return slot;
}
