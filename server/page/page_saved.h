#ifndef PAGE_PAGE_SAVED_H
#define PAGE_PAGE_SAVED_H
/* Searches that are kept, and those that are there for everybody. */
#include "http/response.h"
#include "page/page_list.h"

/* Words and scope of one, by its id; what it is called. ERR_NOT_FOUND. */
enum err_code page_saved_find(struct request *req, struct str id,
    struct list_query *query, struct text *out_name,
    struct err *err) WARN_UNUSED;
/* "searches", for the column of folders. */
enum err_code page_saved_view(
    struct request *req, struct view *view, struct err *err) WARN_UNUSED;
/*
 * For the page of a search: what can be kept or removed, and what was
 * ("saved" and "removed" of the address).
 */
enum err_code page_saved_view_page(struct request *req,
    const struct list_query *query, struct view *view,
    struct err *err) WARN_UNUSED;
/* save, remove, restore */
enum err_code page_saved_post(
    struct request *req, struct response *res, struct err *err) WARN_UNUSED;

#endif
