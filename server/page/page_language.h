#ifndef PAGE_PAGE_LANGUAGE_H
#define PAGE_PAGE_LANGUAGE_H
/*
 * The language of a page: the person's setting, else what this browser chose
 * on the login page (a cookie that holds nothing else), else what it asks for
 * (Accept-Language), else English.
 */
#include "page/page.h"

/* Its name in the store; empty: as the browser asks. */
static const char page_language_pref[] = "language";

/* The thread speaks the browser's language, until page_language_end(). */
void page_language_begin(struct request *req);
/* That of the person who is logged in, when there is a setting. */
void page_language_person(struct request *req);
void page_language_end(void);

/* "lang", "is_rtl". */
void page_language_view(struct view *view);
/* "languages" to choose from. */
void page_language_view_choice(struct request *req, struct view *view);
/* A choice of a form's field "language"; one we do not have is none. */
enum err_code page_language_save(struct request *req, struct response *res,
    struct str code, struct err *err) WARN_UNUSED;
/* Who just logged in sees the pages before in that language from now on. */
void page_language_follow(struct request *req, struct response *res);

#endif
