#include "page/page_search.h"

void
page_search_view_hints(
    struct request *req, const struct mail_search *search, struct view *view)
{
	static const char *const names[] = {
	    [MAIL_HINT_NAME] = "is_name",
	    [MAIL_HINT_EMPTY] = "is_empty",
	    [MAIL_HINT_VALUE] = "is_value",
	    [MAIL_HINT_QUOTE] = "is_quote",
	    [MAIL_HINT_BRACKET] = "is_bracket",
	    [MAIL_HINT_OR] = "is_or",
	    [MAIL_HINT_IS] = "is_is",
	    [MAIL_HINT_DATE] = "is_date",
	    [MAIL_HINT_AGE] = "is_age",
	    [MAIL_HINT_SIZE] = "is_size",
	    [MAIL_HINT_LABEL] = "is_label",
	    [MAIL_HINT_PLACE] = "is_place",
	};
	struct view_list *list = view_list(view, "search_hints");

	if (search == NULL || search->hint_count == 0)
		return;
	view_bool(view, "has_search_hints", true);
	view_set_url(view, "search_help_url",
	    view_url_own(req->arena, STR("/search/help")));
	for (size_t i = 0; i < search->hint_count; i++) {
		struct view *row = view_list_add(list);

		view_text(row, "part", search->hints[i].part);
		view_bool(row, names[search->hints[i].kind], true);
	}
}

void
page_search_view_form(struct request *req, struct text words,
    enum mail_scope_kind scope, struct text origin, struct view *view)
{
	bool has_origin = !text_is_empty(origin);

	if (!has_origin && scope < MAIL_SCOPE_ALL)
		scope = MAIL_SCOPE_ALL;
	view_text(view, "search_words", words);
	view_text(view, "search_of", origin);
	view_bool(view, "search_has_of", has_origin);
	view_bool(view, "search_here", scope == MAIL_SCOPE_HERE);
	view_bool(view, "search_below", scope == MAIL_SCOPE_BELOW);
	view_bool(view, "search_everywhere", scope == MAIL_SCOPE_EVERYWHERE);
	view_set_url(
	    view, "search_url", view_url_own(req->arena, STR("/search")));
	view_set_url(view, "search_help_url",
	    view_url_own(req->arena, STR("/search/help")));
}

struct str
page_search_pick(struct arena *arena, const struct mail_id *id)
{
	return str_printf(arena, "%u.%u.%.*s", (unsigned)id->uid_validity,
	    (unsigned)id->uid, STR_ARG(id->folder.s));
}

void
page_search_add(struct page_search_sum *sum, struct text folder,
    uint32_t uid_validity, uint32_t total, uint32_t newest_uid)
{
	const uint32_t numbers[] = {uid_validity, total, newest_uid};
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	if (total == 0)
		return;
	for (size_t i = 0; i < folder.s.len; i++) {
		hash ^= (unsigned char)folder.s.ptr[i];
		hash *= UINT64_C(0x100000001b3);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		hash ^= numbers[i];
		hash *= UINT64_C(0x100000001b3);
		hash ^= hash >> 32;
	}
	sum->total += total;
	sum->mark += hash;
}
