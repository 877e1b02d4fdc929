#ifndef PAGE_PAGE_TYPED_H
#define PAGE_PAGE_TYPED_H
/*
 * What was typed into the login page, and the letter it may carry, across a
 * switch of mode (design, section 5: nothing typed is lost). Never the
 * password.
 */
#include "page/page_login.h"

/*
 * Keeps it when the request posts a login page's form; nothing happens
 * otherwise. here_only: it is not for the other door. ERR_LIMIT.
 */
enum err_code page_typed_keep(struct request *req, struct response *res,
    bool here_only, struct err *err) WARN_UNUSED;
/*
 * Keeps the fields of a form that was posted to a session which went on in
 * the other mode; they come back there as carried ones. *out: were they kept?
 */
enum err_code page_typed_take_along(struct request *req, struct response *res,
    bool *out, struct err *err) WARN_UNUSED;
/* What was kept in this browser, or NULL; in the arena. */
enum err_code page_typed_find(
    struct request *req, const struct form **out, struct err *err) WARN_UNUSED;
/* Puts it into the form that a GET shows. */
enum err_code page_typed_restore(struct request *req,
    struct page_login_form *form, struct err *err) WARN_UNUSED;
/*
 * The switch of the login page is a button of its form. is_safe: a password
 * does not travel in clear.
 */
void page_typed_view_switch(
    struct request *req, struct response *res, bool is_safe, struct view *view);

#endif
