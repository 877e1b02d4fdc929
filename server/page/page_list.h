#ifndef PAGE_PAGE_LIST_H
#define PAGE_PAGE_LIST_H
/* The list's address: folder, page, order, search words. */
#include "mail/mail_conversation.h"
#include "mail/mail_search.h"
#include "page/page.h"

/* Words to search for, as they are typed. */
#define LIST_WORDS_BYTES ((size_t)500)

struct page_rows; /* page_rows.h */
struct list_query {
	struct mail_query mail;
	uint32_t page;     /* 1-based */
	struct text words; /* to search for, as typed; empty: a plain list */
	/* Not HERE: rows of a search in many folders (page_search.h), begun in
	 * the folder `origin`; empty: in none. */
	enum mail_scope_kind scope;
	struct text origin;
	/* The words as addresses carry them with "expire page views". */
	struct str sealed;
	bool is_threads; /* conversations, not single messages */
	/* The row that was jumped to, counted from 1; 0: none. */
	uint32_t jumped;
};

/* Reads folder, page, sort, rev, in, of, q (or the sealed s) of the query. */
enum err_code list_query_parse(struct request *req, uint32_t rows,
    struct list_query *out, struct err *err) WARN_UNUSED;
/* Sets the words to search for, as typed. ERR_INPUT: too many. */
enum err_code list_query_words(struct request *req, struct str typed,
    struct list_query *out, struct err *err) WARN_UNUSED;
/* What was typed as a search; NULL without words, or without memory. */
const struct mail_search *list_search(struct request *req, struct text words);
/*
 * The address of such a list. With "expire page views" the search words are
 * sealed (parameter s), so that the history shows none.
 */
struct view_url list_query_url(
    struct request *req, const struct list_query *query);
/* What such an address says but folder and page: sort, rev, in, of, q or s. */
#define LIST_QUERY_PARAMS 6
void list_query_params(struct request *req, const struct list_query *query,
    struct view_url_param out[LIST_QUERY_PARAMS + 1]);
/* One page of a list with its folders, as list.html shows it. Pure without
 * `kept`. */
enum err_code page_list_view(struct request *req,
    const struct list_query *query, const struct mail_list *list,
    const struct mail_folders *folders, struct page_rows *kept,
    struct view *view, struct err *err) WARN_UNUSED;
/* A row of it; `at` counts in list->rows. */
void page_list_view_row(struct request *req, const struct list_query *query,
    const struct mail_list *list, size_t at, bool outgoing, struct view *view);
/* The parts of page_list_view that conversations have, too. */
void page_list_view_frame(struct request *req, const struct list_query *query,
    const struct mail_list *list, const struct mail_folders *folders,
    bool outgoing, struct view *view);
/* A page of conversations: reads it, and fills the view. */
struct page_conversations {
	const struct list_query *query;
	struct mail_folders folders;
	struct mail_quota quota;
	struct mail_conversations *found;
};
enum err_code page_conversations_read(struct request *req, struct mail *mail,
    struct page_conversations *page, struct err *err) WARN_UNUSED;
enum err_code page_conversations_view(struct request *req,
    const struct page_conversations *page, struct page_rows *kept,
    struct view *view, struct err *err) WARN_UNUSED;
/*
 * How it can be shown otherwise: orders, rows of a page, and forms that lead
 * to a page or a day. Pure.
 */
void page_list_view_how(struct request *req, const struct list_query *query,
    const struct mail_list *list, bool outgoing, struct view *view);
/* `day` of the query: 303 to the page where it begins. */
enum err_code page_list_jump(struct request *req, struct response *res,
    const struct list_query *query, struct err *err) WARN_UNUSED;
/* Where a search looks, as addresses have it: "all", "below"; "here": HERE. */
const char *list_scope_name(enum mail_scope_kind scope);
enum mail_scope_kind list_scope_of(struct str name); /* unknown: HERE */
/* The row of a message among those of many folders: "m7-1a2b3c4d". */
struct str list_anchor(struct arena *arena, const struct mail_id *id);
/* Arrival, date, … as the address has it: "", "date", "from" … */
struct str list_sort_name(enum mail_sort sort);

#endif
