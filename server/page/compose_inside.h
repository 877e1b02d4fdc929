#ifndef PAGE_COMPOSE_INSIDE_H
#define PAGE_COMPOSE_INSIDE_H
/* Steps of the compose page that its files share. This room only. */
#include "base/tr.h"
#include "mail/outbox.h"
#include "page/page_compose.h"

#define COMPOSE_NO_DRAFT                                                       \
	N_("The message is kept here with its files, but it could not be put " \
	   "into your Drafts folder. Your mailbox may be full, or the mail "   \
	   "server away. Save draft tries again and says why.")

/* "/compose?id=…" or "/sent?id=…"; `saved`: says that the draft is saved. */
struct view_url compose_url(struct request *req, const char *path,
    const struct compose *compose, bool saved);
/*
 * A composition from the store. ERR_NOT_FOUND with words: none of this
 * person's, sent long ago, or discarded (it may be there still: GONE).
 */
enum err_code compose_load(struct request *req, struct str id,
    struct compose *out, enum store_compose_state *out_state,
    struct err *err) WARN_UNUSED;
/*
 * Stores fields and files; every button does this first. What another window
 * stored meanwhile is not overwritten: compose->theirs has it then. ERR_LIMIT:
 * it is not there yet, and compose_room has none.
 */
enum err_code compose_store(
    struct request *req, struct compose *compose, struct err *err) WARN_UNUSED;
enum err_code compose_store_fields(
    struct request *req, struct compose *compose, struct err *err) WARN_UNUSED;
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
/*
 * Formatted text as an editor sent it, made clean; `body` becomes the same
 * without formatting. Without the editor (field `rich` empty) a changed body
 * is all there is. ERR_LIMIT: too long.
 */
enum err_code compose_rich(
    struct request *req, struct compose *compose, struct err *err) WARN_UNUSED;
/* By which the form tells (field `body_mark`) what plain text it showed. */
struct str compose_rich_mark(struct arena *arena, struct text text);
/* What is sent of it: without pictures that are no files of it. */
enum err_code compose_rich_sent(struct request *req,
    const struct compose *compose, struct str *out,
    struct err *err) WARN_UNUSED;
/* Plain text in front of the formatted one. */
enum err_code compose_rich_put_in(struct request *req, struct compose *compose,
    struct text plain, struct err *err) WARN_UNUSED;
/* Why it came back, and who was refused: compose_returned.c. */
void compose_view_returned(
    struct request *req, const struct compose *compose, struct view *view);
/* Send, but not to those whom the mail server refused. */
enum err_code compose_send_others(struct request *req, struct response *res,
    struct compose *compose, struct err *err) WARN_UNUSED;
/* The button Discard: into the store only, from where it can come back. */
enum err_code compose_discard(struct request *req, struct response *res,
    const struct compose *compose, struct err *err) WARN_UNUSED;
/* Undo of it; the draft is in Drafts again. */
enum err_code compose_restore(struct request *req, struct response *res,
    struct str id, struct err *err) WARN_UNUSED;
/* One's own words as another draft, beside what another window stored. */
enum err_code compose_part_ways(
    struct request *req, struct compose *compose, struct err *err) WARN_UNUSED;
/* The button Log off: saves, and ends the session. Its form has its text. */
enum err_code compose_log_off(struct request *req, struct response *res,
    struct compose *compose, struct err *err) WARN_UNUSED;
/* Was nothing written in it but the signature? In doubt, something was. */
bool compose_is_empty(
    struct request *req, struct str account, const struct compose *compose);
/*
 * Names of groups and contacts in To, Cc and Bcc become their addresses, which
 * are stored. ERR_INPUT, ERR_LIMIT: `wrong_field`, and words that name the
 * name. is_sending: the mail server is asked whether a name is an address of
 * its own, too; when it does not tell, that is an error. Else such a name stays
 * as it is.
 */
enum err_code compose_names(struct request *req, struct compose *compose,
    bool is_sending, struct err *err) WARN_UNUSED;
/* The button Send: compose_send.c. */
enum err_code compose_send(struct request *req, struct response *res,
    struct compose *compose, struct err *err) WARN_UNUSED;
/*
 * A message that `write` makes instead of a form: goes out at once, in this
 * request. compose has the id, the kind, what it started from, To and Subject
 * for pages about it. ERR_OK: sent, now or when the same form came before;
 * else nothing went out, and nothing is kept.
 */
struct compose_built {
	struct str from; /* envelope */
	struct mime_addresses to;
	struct text message_id;
	bool keeps_no_copy; /* none in Sent */
	outbox_write_fn *write;
	void *ctx;
	/* Set, and written again, where 8-bit parts do not pass; or NULL. */
	bool *is_7bit_only;
};
enum err_code compose_send_built(struct request *req, struct compose *compose,
    const struct compose_built *built, struct err *err) WARN_UNUSED;
/*
 * The posted form. `carried`: the form that holds its fields as "carry.…", or
 * NULL.
 */
void compose_parse(
    struct request *req, const struct form *carried, struct compose *out);
/* Is it a whole form? An upload, say, brings nothing but files. */
bool compose_has_text(struct request *req);
/* Everything that compose.html shows of it. */
enum err_code compose_view(struct request *req, const struct compose *compose,
    const char *words, struct view *view, struct err *err) WARN_UNUSED;
struct text compose_title(const struct compose *compose);
/* The field `owner`: whose form it is, sealed; and its account, or empty. */
struct str compose_owner_seal(struct request *req, struct str id);
/* A name for the form that is the account's: always the same, tells nothing. */
struct str compose_owner_name(struct request *req);
struct str compose_owner_of(struct request *req, struct str id);
/*
 * The composition as it is now, into Drafts. is_by_itself: nobody pressed a
 * button; it is left for later where that would send large files again.
 */
enum err_code compose_draft_put(struct request *req, struct compose *compose,
    bool is_by_itself, struct err *err) WARN_UNUSED;
/* The same; it is in the store, so that a failure is no error: false. */
bool compose_draft_try(
    struct request *req, struct compose *compose, bool is_by_itself);
/*
 * Does Send need an answer first (no attachment, many recipients, no
 * subject)? Then the page that asks is in res, and *out is true.
 */
enum err_code compose_ask(struct request *req, struct response *res,
    struct compose *compose, bool *out, struct err *err) WARN_UNUSED;
/* Do the writer's own words (not those quoted) speak of an attachment? */
bool compose_says_attached(struct text subject, struct text body);
/* What compose.js asks for: autosave, leave, upload. Answers in JSON. */
bool compose_is_script(struct str verb);
enum err_code compose_script(struct request *req, struct response *res,
    struct compose *compose, struct err *err) WARN_UNUSED;
/* A message of Drafts is opened. */
struct compose_opened {
	struct str id; /* the composition to go on with; empty: a new one */
	struct mail_id
	    newer; /* with a uid: that copy is to be opened instead */
	struct str header;
};
enum err_code compose_draft_open(struct request *req,
    struct compose_opened *out, struct err *err) WARN_UNUSED;
/* Priority and receipt, as the draft's header asks for them. */
void compose_draft_choices(struct str header, struct compose *compose);
/* Bytes that one message may have, after encoding. */
uint64_t compose_limit(struct request *req);
uint64_t compose_file_limit(struct request *req);
/*
 * Is there room for one more composition of this account (MaxDraftsPerUser)?
 * What was discarded, and old ones that hold nothing, give way. is_sending: it
 * goes out at once, so twice as many may be. ERR_LIMIT with words.
 */
enum err_code compose_room(struct request *req, const struct compose *compose,
    bool is_sending, struct err *err) WARN_UNUSED;
/*
 * Bytes that the files of this account may still grow by, when `wanted` are;
 * *out_words: what to say when that is not enough. 0 also when there are too
 * many files.
 */
enum err_code compose_file_room(struct request *req,
    const struct compose *compose, uint64_t wanted, uint64_t *out_bytes,
    const char **out_words, struct err *err) WARN_UNUSED;
/* Bytes as base64 lines (RFC 2045, 6.8). */
uint64_t compose_encoded(uint64_t bytes);
/* What the pressed button asks for; the composition is stored already. */
enum err_code compose_do(struct request *req, struct response *res,
    struct compose *compose, struct err *err) WARN_UNUSED;

#endif
