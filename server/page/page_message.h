#ifndef PAGE_PAGE_MESSAGE_H
#define PAGE_PAGE_MESSAGE_H
/*
 * The message page's own rooms: where it stands in its list, its header in
 * words, its tools, what people should know about its sender. This room only.
 */
#include "mime/mime_auth.h"
#include "mime/mime_list.h"
#include "page/page_list.h"
#include "page/page_reading.h"

/* ---- the list it was opened from ------------------------------------------
 */
/* Of an address: at, sort, rev, in, of, q, s. */
#define PLACE_PARAMS 7

struct place {
	struct list_query query; /* its page is where the message stands */
	bool is_known;           /* the address says where it stood */
	uint32_t at;             /* rank in that list, zero-based */
};
/* Neighbours in the order of the list. */
struct place_around {
	uint32_t before_uid, after_uid; /* 0: none */
	uint32_t before_at, after_at;
};
/* From the query; `rows` of a list page. ERR_INPUT. */
enum err_code place_read(struct request *req, uint32_t rows, struct place *out,
    struct err *err) WARN_UNUSED;
/* The same of this request, as parameters of another address. */
void place_params(
    struct request *req, struct view_url_param out[PLACE_PARAMS + 1]);
/* Address of a message at rank `at` of such a list. */
struct view_url place_message_url(struct request *req,
    const struct list_query *query, uint32_t at, const struct mail_id *id);
/* The list itself; with `id` its row is looked at. */
struct view_url place_list_url(
    struct request *req, const struct place *place, const struct mail_id *id);
/* Asks the server where it sorts or searches. */
enum err_code place_find_around(struct request *req, const struct place *place,
    const struct mail_id *id, const struct mail_message *message,
    struct place_around *out, struct err *err) WARN_UNUSED;

/* ---- who sent it -------------------------------------------------------- */
/* The address of its only From in small letters; empty: none, or several. */
struct str message_sender_key(
    struct request *req, const struct mail_message *message);
/* What our own mail server found out (AuthservId). */
enum err_code message_auth(struct request *req,
    const struct mail_message *message, struct mime_auth *out,
    struct err *err) WARN_UNUSED;
/* It found that the message is not from whom it says. */
bool message_auth_failed(const struct mime_auth *auth);
enum err_code message_is_doubted(struct request *req,
    const struct mail_message *message, bool *out, struct err *err) WARN_UNUSED;
/*
 * Writing to an address of a mail: /compose?to= or ?mailto=; sealed with
 * "expire page views", so that the history has none.
 */
#define MESSAGE_WRITE_MAX 1000u /* sealed in one text: it takes time */
struct view_url message_write_url(
    struct request *req, const char *name, struct str value);
/* What was sealed so, of the query; empty: nothing. */
struct str message_write_sealed(struct request *req);

/* ---- actions of the page ------------------------------------------------ */
/* Only what the header says. */
enum err_code message_read_header(struct mail *mail, const struct mail_id *id,
    struct mail_message *out, struct err *err) WARN_UNUSED;
/* The message's page that a form came from (field "stay"), else its plain
 * address. */
struct view_url message_stay_url(struct request *req, const struct mail_id *id);
/* Back to it, saying what was done. */
enum err_code message_go_back(struct request *req, struct response *res,
    struct str note, struct err *err) WARN_UNUSED;

/* How it is shown, as page_show_url has it; values with ptr NULL: not. */
#define SHOW_PARAMS 6
void message_show_params(struct request *req, const struct mail_id *id,
    const struct page_show *show, struct view_url_param out[SHOW_PARAMS + 1]);

/* ---- parts of the view --------------------------------------------------- */
void message_view_header(
    struct request *req, const struct page_reading *page, struct view *view);
/* What mail_message_finish brought. */
void message_view_flags(
    struct request *req, const struct page_reading *page, struct view *view);
enum err_code message_view_sender(struct request *req,
    const struct page_reading *page, struct view *view,
    struct err *err) WARN_UNUSED;
enum err_code message_view_tools(struct request *req,
    const struct page_reading *page, struct view *view,
    struct err *err) WARN_UNUSED;
enum err_code message_view_how(struct request *req,
    const struct page_reading *page, struct view *view,
    struct err *err) WARN_UNUSED;
/* Does this HTML name an image of the internet? A guess for words only. */
bool message_html_is_remote(struct str html);

#endif
