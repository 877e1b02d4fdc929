#ifndef PAGE_COMPOSE_INSIDE_H
#define PAGE_COMPOSE_INSIDE_H
/* Steps of the compose page that its files share. This room only. */
#include "mail/outbox.h"
#include "page/page_compose.h"

/* "/compose?id=…" or "/sent?id=…"; `saved`: says that the draft is saved. */
struct view_url compose_url(struct request *req, const char *path,
    const struct compose *compose, bool saved);
/*
 * A composition from the store. ERR_NOT_FOUND with words: none of this
 * person's, sent long ago, or discarded.
 */
enum err_code compose_load(struct request *req, struct str id,
    struct compose *out, enum store_compose_state *out_state,
    struct err *err) WARN_UNUSED;
/* Stores fields and files; every button does this first. */
enum err_code compose_store(
    struct request *req, struct compose *compose, struct err *err) WARN_UNUSED;
enum err_code compose_store_fields(struct request *req,
    const struct compose *compose, struct err *err) WARN_UNUSED;
/* The form again, with what was wrong; nothing typed is lost. */
enum err_code compose_again(struct request *req, struct response *res,
    const struct compose *compose, enum err_code rc,
    struct err *err) WARN_UNUSED;
/*
 * The draft a composition stands for, without its files. `strict`: recipients
 * are checked, ERR_INPUT and `wrong_field` name the field that is wrong.
 */
enum err_code compose_draft(struct request *req, struct compose *compose,
    bool strict, struct mime_draft *out, struct err *err) WARN_UNUSED;
struct outbox_item compose_item(struct request *req,
    const struct compose *compose, struct mime_draft *draft);
/* The message it started from: answered, forwarded, or replaced. */
void compose_mark_source(struct request *req, const struct compose *compose);
/* The button Send: compose_send.c. */
enum err_code compose_send(struct request *req, struct response *res,
    struct compose *compose, struct err *err) WARN_UNUSED;
/* What the pressed button asks for; the composition is stored already. */
enum err_code compose_do(struct request *req, struct response *res,
    struct compose *compose, struct err *err) WARN_UNUSED;

#endif
