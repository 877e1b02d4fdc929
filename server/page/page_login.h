#ifndef PAGE_PAGE_LOGIN_H
#define PAGE_PAGE_LOGIN_H
/*
 * The login page, and how a form that was sent without a session lives on:
 * what it held travels through the login page, sealed (page_carry.h).
 */
#include "page/page.h"

#define PAGE_CARRY_PREFIX "carry."

enum page_login_problem {
	PAGE_LOGIN_FINE,
	PAGE_LOGIN_WRONG,     /* name or password */
	PAGE_LOGIN_AWAY,      /* mail server out of reach */
	PAGE_LOGIN_TRUST,     /* its certificate */
	PAGE_LOGIN_THROTTLED, /* too many tries */
	PAGE_LOGIN_CERT,      /* the browser's certificate says otherwise */
	PAGE_LOGIN_OTHER
};

struct page_login_form {
	struct text name;
	struct str next; /* own path to go on with, or empty */
	bool remember;
	bool expire;
	enum page_login_problem problem;
	const char *words; /* what went wrong, for people; NULL: nothing */
	bool says_again;   /* these tell to try again */
	enum session_found found;
	/* The posted composition is in the store, and `next` leads there. */
	bool is_kept;
	/* What was typed before a switch of mode, or NULL. */
	const struct form *typed;
};

/* The name as the mail server knows it: with the default domain. */
struct str page_login_name(const struct request *req, struct text typed);
/*
 * Do our mail servers believe our own certificate for this name (ImapAuth)?
 * Then nobody but the browser's certificate says who somebody is.
 */
bool page_login_is_external(const struct request *req, struct str login);
/* Who wants to log in, from the posted form. ERR_LOGIN, ERR_FORBIDDEN. */
enum err_code page_login_parse(struct request *req,
    struct page_login_form *form, struct session_login *login,
    struct err *err) WARN_UNUSED;
void page_login_view(struct request *req, struct response *res,
    const struct page_login_form *form, struct view *view);

/* Shows the login page; carries the letter of a form that was posted. */
enum err_code page_login_show(struct request *req, struct response *res,
    const struct page_login_form *form, struct err *err) WARN_UNUSED;
/* Does a login page that carries a form leave this field of it behind? */
bool page_carry_skips(struct str name);
/*
 * Did the form come with files? They do not travel; a field that does
 * ("carry.had_files") says that there were some.
 */
#define PAGE_CARRY_FILES "had_files"
bool page_carry_has_files(const struct form *form);
/* A field that `form` carries for another page, or empty. */
struct str page_carried(
    struct request *req, const struct form *form, const char *name);
bool page_has_carried(struct request *req);
/* What people typed into the posted form, to be read and copied: kept.html. */
void page_view_typed(struct request *req, struct view *view);

#endif
