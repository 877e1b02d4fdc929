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
/* Where the person looked last: the choice of a new search. */
enum mail_scope_kind page_search_scope(struct str chosen);
static const char page_search_scope_pref[] = "search_in";
/* The form that writes a search: its fields as words. Pure. */
enum err_code page_search_build(
    struct request *req, struct text *out, struct err *err) WARN_UNUSED;

/* A message as the forms of many folders name it: "v.uid.folder". */
struct str page_search_pick(struct arena *arena, const struct mail_id *id);

/*
 * What a search found, to tell it from what it finds later: its folders, one
 * after the other in any order. Of a folder: how many, and the newest.
 */
struct page_search_sum {
	uint64_t total, mark;
};
void page_search_add(struct page_search_sum *sum, struct text folder,
    uint32_t uid_validity, uint32_t total, uint32_t newest_uid);

/* ---- searches that can be stopped ---------------------------------------- */
/* One that is under way, on the stack of its request. */
struct page_find {
	struct page_find *next;
	char id[33]; /* nobody can guess it */
	bool is_stopped;
};
void page_find_begin(struct app *app, struct page_find *find);
void page_find_end(struct app *app, struct page_find *find);
bool page_find_is_stopped(struct app *app, const struct page_find *find);

/* ---- the answer, sent in pieces (page_search_send.c) ----------------------
 */
struct page_search {
	struct request *req;
	struct response *res;
	struct list_query query; /* words, scope, origin */
	struct text name;        /* of a search that is kept; or empty */
	struct mail_folders folders;
	struct mail_scope where;
	struct view *view; /* of the page's beginning and end */
	struct page_find find;
	/* while it is sent */
	struct http_stream *stream;
	struct arena *arena; /* of one piece */
	bool *is_told;       /* of each folder of `where` */
	size_t told, with_hits;
	struct page_search_sum sum;
	uint64_t shown;
	bool is_partial;      /* a folder was not searched, or not all of it */
	int64_t looked_ms;    /* of page_goes_on() */
	int64_t said_mono_ms; /* when progress was told last */
	bool is_stopped;
	enum err_code rc; /* of sending */
	struct err err;
};
enum err_code page_search_send(
    struct page_search *search, struct err *err) WARN_UNUSED;

#endif
