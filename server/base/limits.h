#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H
/*
 * Every maximum that is not a setting: value, unit, and why.
 */
#include <stddef.h>

#define LIMIT_ARENA_BYTES  ((size_t)64 << 20) /* one request's memory */
#define LIMIT_HEADER_BYTES ((size_t)16 << 10) /* one header line we write */
#define LIMIT_PAGE_BYTES   ((size_t)8 << 20)  /* one rendered page */
#define LIMIT_BODY_MEMORY  ((size_t)64 << 10) /* request body kept in memory */
#define LIMIT_FORM_FIELDS  2000u /* 500 ticked rows and room to spare */
#define LIMIT_FIELD_BYTES                                  \
	((size_t)4 << 20) /* one form field: a long letter \
	                   */
#define LIMIT_QUERY_BYTES    ((size_t)8 << 10) /* the part after '?' */
#define LIMIT_COOKIE_BYTES   ((size_t)8 << 10) /* one Cookie header */
#define LIMIT_NAME_BYTES     ((size_t)512)     /* login names, addresses */
#define LIMIT_PASSWORD_BYTES ((size_t)1024)
#define LIMIT_FOLDER_BYTES   ((size_t)1000) /* a folder's name in UTF-8 */
#define LIMIT_FOLDERS        20000u         /* in one account */
#define LIMIT_LIST_ROWS      500u           /* rows of one list page */
#define LIMIT_THREAD_ROWS    100u           /* of one conversation */
#define LIMIT_TICKED         50000u /* 500 conversations of 100 messages */
#define LIMIT_PEOPLE_SHOWN   500u   /* addresses of one field that are shown */
#define LIMIT_RECIPIENTS     1000u  /* of one message we send */
#define LIMIT_IDENTITIES     50u    /* of one account */
#define LIMIT_SAVED_SEARCHES 100u   /* kept by one account */
#define LIMIT_RESPONSES      200u /* texts kept for use again, of one account */
/* Sessions, and devices, of one account that are listed: the last used. */
#define LIMIT_PLACES         200u
#define LIMIT_TRUSTED        5000u /* senders of one account */
#define LIMIT_ATTACHMENTS    200u  /* of one message we write */
#define LIMIT_MIME_DEPTH     50u   /* parts within parts */
#define LIMIT_MIME_PARTS     2000u
#define LIMIT_TEXT_SHOWN     ((size_t)2 << 20)  /* text of one message shown */
#define LIMIT_HTML_SHOWN     ((size_t)4 << 20)  /* HTML given to the cleaner */
#define LIMIT_HTML_DEPTH     400u               /* nested elements kept */
#define LIMIT_IMAP_LINE      ((size_t)1 << 20)  /* one response line */
#define LIMIT_IMAP_DEPTH     96u                /* nested parentheses */
#define LIMIT_IMAP_RESPONSE  ((size_t)64 << 20) /* one command's answer */
#define LIMIT_IMAP_EXTRA_MS  1000 /* for what a page can do without */
#define LIMIT_IMAP_COUNT_MS  2000 /* for counts of very many folders */
#define LIMIT_SMTP_LINE      ((size_t)4 << 10)
#define LIMIT_SMTP_LINES     200u /* of one reply */
#define LIMIT_TEMPLATE_BYTES ((size_t)512 << 10)
#define LIMIT_STATIC_BYTES   ((size_t)4 << 20)
#define LIMIT_LOGO_BYTES     ((size_t)100 << 10) /* of a site */
#define LIMIT_INI_BYTES      ((size_t)1 << 20)
#define LIMIT_HOSTS          500u /* [Host] sections */

/* People that one account knows. */
#define LIMIT_CONTACTS         25000u /* in its own book */
#define LIMIT_COLLECTED        10000u /* recipients, in the other one */
#define LIMIT_CIRCLES          500u   /* groups of people */
#define LIMIT_PERSON_ADDRESSES 50u    /* of one person */
#define LIMIT_PERSON_NOTE      ((size_t)32 << 10)
#define LIMIT_PERSON_CARD      ((size_t)64 << 10) /* all that has no column */
#define LIMIT_PHOTO_SIDE       4096u /* pixels: what a browser decodes */
#define LIMIT_PERSON_PHOTO     ((size_t)256 << 10)
#define LIMIT_PEOPLE_BYTES     ((size_t)64 << 20) /* notes, cards, photos */
#define LIMIT_PEOPLE_FILE      ((size_t)16 << 20) /* of an import */

#endif
