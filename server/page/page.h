#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H
/* What pages share: the common view, sending, redirects, mail, settings. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/tr.h"
#include "mail/mail_search.h"
#include "page/app.h"
#include "view/view.h"

/* A view with what every page shows (see templates/head.html). */
enum err_code page_view(struct request *req, struct response *res,
    struct text title, struct view **out, struct err *err) WARN_UNUSED;
/* Renders and fills the answer: 200 unless a status was set. */
enum err_code page_send(struct request *req, struct response *res,
    const char *template, struct view *view, struct err *err) WARN_UNUSED;
/*
 * While a long answer is sent: ERR_CANCELED once its session was logged off,
 * here or from elsewhere. Looks once a second; *looked_ms begins with 0.
 */
enum err_code page_goes_on(
    struct request *req, int64_t *looked_ms, struct err *err) WARN_UNUSED;
/* An error's words are shown: counts them when they are not translated. */
void page_count_missing(const struct err *err);
/* 303 to one of our own addresses. */
enum err_code page_redirect(struct request *req, struct response *res,
    struct view_url url, struct err *err) WARN_UNUSED;

/* A moment as people read it, in their own time zone. */
void page_view_time(
    struct request *req, struct view *view, const char *name, int64_t unix_s);

/* A fingerprint "AB:CD:…" as list `digest`, in parts that eyes can compare. */
void page_view_digest(
    struct request *req, struct view *view, struct str fingerprint);

/* The request's mail: account, arena, deadline, cancel. */
struct mail page_mail(struct request *req);

/* A parameter: of the form for POST, else of the query. */
struct str page_param(struct request *req, const char *name);
/* `folder` of the query or the form; INBOX without one. ERR_INPUT. */
enum err_code page_folder_param(
    struct request *req, struct text *out, struct err *err) WARN_UNUSED;
/* The page's title; with "expire page views" it says nothing of the mail. */
struct text page_title(struct request *req, struct text shown);
/* folder, uid, v from the query (GET) or the form (POST). ERR_INPUT. */
enum err_code page_message_id(
    struct request *req, struct mail_id *out, struct err *err) WARN_UNUSED;
struct view_url page_list_url(struct arena *arena, struct text folder);
/* "/message?…" and friends: path with folder, uid, v. */
struct view_url page_message_url(
    struct arena *arena, const char *path, const struct mail_id *id);
struct str page_u64(struct arena *arena, uint64_t number);
/* What an action before this page did, with Undo: "note", "n", "undo". */
void page_view_note(struct request *req, struct view *view, struct str back);
/* One more field a form takes along (hidden_fields.html). */
void page_hidden(struct request *req, struct view_list *hidden,
    const char *name, struct str value);

/*
 * Whose counts the side bar shows, for mail->pick; NULL: no memory. `current`:
 * the folder that is open.
 */
const struct mail_pick *page_folder_pick(
    struct request *req, struct text current);

/* Keyboard and mouse, on pages that show the folders. */
void page_keys_view(struct request *req, struct view *view);

/* Folders for the side bar and the move menu. */
enum err_code page_view_folders(struct request *req, struct view *view,
    const struct mail_folders *folders, struct text current,
    struct err *err) WARN_UNUSED;
/* Between the things of a list: ", " or what the language writes. */
const char *page_comma(void);
/* Does its English name say what it is for, as "Drafts" does? Not the Inbox. */
bool page_folder_is_usual(const struct mail_folder *folder, struct text name);
/*
 * What people call a folder whose name, or whole name, is `name`: the Inbox,
 * and those whose English name says what they are for, in their language.
 */
struct text page_folder_words(
    const struct mail_folder *folder, struct text name);
/* The same for its whole name. */
struct text page_folder_label(
    const struct mail_folders *folders, struct text name);
/* Is this folder Sent or Drafts (shows To instead of From)? */
bool page_folder_is_outgoing(const struct mail *mail,
    const struct mail_folders *folders, struct text folder);

/* Why the mode cannot be switched here, for people; NULL: it can. */
const char *page_switch_problem(const struct request *req);
/* The certificate of the secure door that this browser will see, or NULL. */
const struct net_tls_facts *page_switch_facts(const struct request *req);
/*
 * 303 to the other mode, back to `path` there (see session_switch); to the
 * page that asks first where a person has to be asked and was not.
 */
enum err_code page_switch_go(struct request *req, struct response *res,
    struct str path, struct err *err) WARN_UNUSED;

/* ---- settings of a person ------------------------------------------------ */
/* What is shown after a message was deleted or moved. */
enum page_after {
	PAGE_AFTER_LIST,
	PAGE_AFTER_NEXT, /* what stands below it in the list */
	PAGE_AFTER_PREVIOUS
};
const char *page_after_name(enum page_after after);
enum page_after page_after_of(struct str name); /* unknown: the list */

/* As what messages begin; formatted text needs JavaScript. */
enum page_write {
	PAGE_WRITE_AS_READ, /* answers as the message was written, else plain */
	PAGE_WRITE_PLAIN,
	PAGE_WRITE_HTML
};
const char *page_write_name(enum page_write write);
enum page_write page_write_of(struct str name); /* unknown: as read */
/* What a desktop notification says. */
enum page_notify {
	PAGE_NOTIFY_OFF,
	PAGE_NOTIFY_SHORT, /* "New message" */
	PAGE_NOTIFY_FULL   /* sender and subject */
};
/* For attributes and forms; empty for none. */
const char *page_notify_name(enum page_notify notify);
enum page_notify page_notify_of(struct str name); /* unknown: off */
/* 1, 5 or 15, or 0 for anything else. */
uint32_t page_refresh_of(struct str minutes);

/* Seconds in which Send can be taken back, at most. */
#define PAGE_UNDO_MAX_S 60
struct page_prefs {
	struct text name; /* display name of From */
	struct text signature;
	uint32_t rows;       /* of a list page */
	bool conversations;  /* lists show them, where nothing else is said */
	bool previews;       /* lists show how messages begin */
	bool prefer_plain;   /* plain text where there is a choice */
	bool signature_last; /* in answers: below what is quoted */
	enum page_write write;
	enum page_after after;
	enum mail_scope_kind search_in; /* where a new search looks */
	int64_t undo_send_ms;     /* so long Send can be taken back; 0: not */
	bool server_keeps_sent;   /* copies in Sent are not ours to make */
	uint32_t refresh_minutes; /* of a list without JavaScript; 0: never */
	enum page_notify notify;
	bool has_keys; /* shortcuts; where there is JavaScript */
};
/* Its name in the store; "0" is off. */
extern const char page_pref_keys[];
/* As they are in the store; of a GET read once. In the request's memory. */
enum err_code page_pref_list(struct request *req, struct store_pref **out,
    size_t *out_count, struct err *err) WARN_UNUSED;
enum err_code page_prefs_get(
    struct request *req, struct page_prefs *out, struct err *err) WARN_UNUSED;
enum err_code page_prefs_set(struct request *req,
    const struct page_prefs *prefs, struct err *err) WARN_UNUSED;
/* As the store has them, each with its name; pure. */
#define PAGE_PREF_COUNT 14u
void page_prefs_write(struct arena *arena, const struct page_prefs *prefs,
    struct store_pref out[PAGE_PREF_COUNT]);
/* Only the rows of a list page. */
enum err_code page_prefs_set_rows(
    struct request *req, uint32_t rows, struct err *err) WARN_UNUSED;
/* Rows of a list page that can be chosen; 0 ends them. */
extern const uint32_t page_rows_choices[];
/* Whose mail servers and folders the session has: its [Domain], or the site. */
const struct config_site *page_mail_site(const struct request *req);
/* Added to addresses of the session that have none; may be empty. */
struct str page_domain(const struct request *req);
/* The person's own address: login, with the default domain when it has none. */
struct text page_own_address(struct request *req);

#endif
