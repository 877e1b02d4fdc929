#ifndef PAGE_PAGE_SEARCH_H
#define PAGE_PAGE_SEARCH_H
/* Searching: the field on lists, the page of many folders, what is kept. */
#include "page/page_list.h"

/* What was not understood of a search: list "search_hints". */
void page_search_view_hints(
    struct request *req, const struct mail_search *search, struct view *view);
/*
 * The field with its words and where it looks (search_form.html). `origin`:
 * the folder it stands above; empty: none.
 */
void page_search_view_form(struct request *req, struct text words,
    enum mail_scope_kind scope, struct text origin, struct view *view);

#endif
