#include "mail/account.h"
#include "mail/imap_item.h"
#include "mail/imap_message.h"
#include "mail/imap_place.h"
#include "mail/imap_structure.h"

/* Texts that are asked for by their sections, all together. */
#define TAKE_TEXTS       32u
#define TAKE_TEXT_BYTES  ((uint64_t)64 << 10)
#define TAKE_HTML_BYTES  ((uint64_t)256 << 10)
#define TAKE_TEXTS_BYTES ((uint64_t)512 << 10)
/* An answer that is this long is worth remembering. */
#define TAKE_WORTH_BYTES 100u
#define TAKE_TOKENS      2048u /* of one that is remembered */

/* ---- answers ---- */
/* The message before or behind: by its number, else within the window. */
static void
take_neighbour(
    struct imap_message *call, uint32_t number, const struct imap_item *item)
{
	struct mail_message *out = call->out;
	uint32_t uid = item->uid;

	if (call->is_sequence) {
		if (number == call->sequence + 1)
			out->newer_uid = uid;
		else if (number + 1 == call->sequence)
			out->older_uid = uid;
		return;
	}
	if (uid < call->low_uid || uid > call->high_uid)
		return;
	if (uid < call->id->uid && uid > out->older_uid)
		out->older_uid = uid;
	if (uid > call->id->uid &&
	    (out->newer_uid == 0 || uid < out->newer_uid))
		out->newer_uid = uid;
}

/* Flags as they were before we set one, or as others set them since. */
static void
take_flags(struct imap_message *call, const struct imap_tokens *tokens,
    const struct imap_item *item)
{
	unsigned ours = 0;

	if (!item->has_flags)
		return;
	if (call->has_flags && call->is_setting_seen)
		ours = MAIL_SEEN;
	call->has_flags = true;
	call->out->flags = (item->flags & ~ours) | (call->out->flags & ours);
	call->out->keywords =
	    imap_item_keywords(tokens, item, call->mail->arena);
	call->out->is_junk = item->is_junk;
	call->out->is_not_junk = item->is_not_junk;
}

/* What never changes: the same from the server and from memory. */
static void
take_lasting(struct imap_message *call, const struct imap_tokens *tokens,
    const struct imap_item *item)
{
	struct mail_message *out = call->out;
	struct arena *arena = call->mail->arena;

	if (item->has_bytes)
		out->bytes = item->bytes;
	if (item->arrived_s != 0)
		out->arrived_s = item->arrived_s;
	if (item->body != 0 && call->head.len == 0)
		call->head = str_dup(arena, imap_token_str(tokens, item->body));
	if (item->structure != 0 && out->root == NULL)
		out->root = imap_structure_parse(tokens, item->structure,
		    &call->limits, arena, &out->is_incomplete);
}

/* Texts that came by their sections, as whole as the structure says. */
static void
take_texts_came(struct imap_message *call, const struct imap_tokens *tokens)
{
	for (size_t i = 0; i < call->text_count; i++) {
		struct mime_part *part = call->texts[i];
		uint32_t at = imap_item_section(tokens, part->section);
		struct str bytes = imap_token_str(tokens, at);

		if (at != 0 && bytes.len == part->bytes)
			part->content = str_dup(call->mail->arena, bytes);
	}
}

static void
take_fetched(struct imap_message *call, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct arena *arena = call->mail->arena;
	struct str copy = {0};
	struct imap_tokens tokens;
	struct imap_item item;

	/* Before the tokens: they change what they stand on. */
	if (call->answer.len == 0 && !call->is_cached && !call->is_there &&
	    response->rest.len >= TAKE_WORTH_BYTES)
		copy = str_dup(arena, response->rest);
	tokens = imap_read_tokens(reader, response);
	if (!imap_item_parse(&tokens, &item))
		return;
	if (item.uid != 0 && item.uid != call->id->uid) {
		take_neighbour(call, response->number, &item);
		return;
	}
	if (item.uid == call->id->uid && !call->is_there) {
		call->is_there = true;
		call->sequence = response->number;
		call->changes = call->batch.conn->changes;
		if (item.structure != 0 && item.body != 0)
			call->answer = copy;
	}
	if (!call->is_there || response->number != call->sequence)
		return;
	take_flags(call, &tokens, &item);
	take_texts_came(call, &tokens);
	if (call->text_count == 0)
		take_lasting(call, &tokens, &item);
}

/* ESEARCH (TAG "i7") UID MIN 12 or MAX 9 */
static void
take_esearch(struct imap_message *call, const struct imap_tokens *tokens)
{
	for (uint32_t at = 0; at + 1 < tokens->count; at++) {
		uint64_t uid = imap_token_u64(tokens, at + 1);

		if (uid > UINT32_MAX)
			continue;
		if (imap_token_is(tokens, at, STR("MAX")) &&
		    uid < call->id->uid)
			call->out->older_uid = (uint32_t)uid;
		if (imap_token_is(tokens, at, STR("MIN")) &&
		    uid > call->id->uid)
			call->out->newer_uid = (uint32_t)uid;
	}
}

enum err_code
imap_message_take_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_message *call = ctx;

	/* Dovecot's word when it cannot: the folder was made anew. */
	if (response->status == IMAP_NO)
		call->is_doubtful = true;
	if (str_eq_nocase(response->name, STR("FETCH"))) {
		take_fetched(call, reader, response);
	} else if (str_eq_nocase(response->name, STR("ESEARCH"))) {
		struct imap_tokens tokens = imap_read_tokens(reader, response);

		take_esearch(call, &tokens);
	} else {
		(void)imap_folders_untagged(&call->folders, reader, response);
	}
	return imap_arena_check(call->mail->arena, err);
}

/* ---- texts ---- */
static bool
take_is_text(const struct imap_message *call, const struct mime_part *part)
{
	bool is_html = str_eq(part->subtype, STR("html"));
	unsigned wanted = is_html ? MAIL_WANT_HTML : MAIL_WANT_TEXT;

	return (call->want & wanted) != 0 && part->part_count == 0 &&
	       str_eq(part->type, STR("text")) && part->content.len == 0 &&
	       part->disposition != MIME_ATTACHMENT && part->bytes > 0 &&
	       part->bytes <= (is_html ? TAKE_HTML_BYTES : TAKE_TEXT_BYTES);
}

/* Recurses as deep as the structure, which has its limit. */
static void
take_choose(struct imap_message *call, struct mime_part *part, uint64_t *bytes)
{
	if (take_is_text(call, part) && call->text_count < TAKE_TEXTS &&
	    part->section.len < 100 &&
	    part->bytes <= TAKE_TEXTS_BYTES - *bytes) {
		*bytes += part->bytes;
		call->texts[call->text_count++] = part;
	}
	for (size_t i = 0; i < part->part_count; i++)
		take_choose(call, &part->parts[i], bytes);
}

/* No part is larger than its message, whatever the server says. */
static void
take_mend_sizes(struct mime_part *part, uint64_t most)
{
	if (part->bytes > most)
		part->bytes = most;
	for (size_t i = 0; i < part->part_count; i++)
		take_mend_sizes(&part->parts[i], most);
}

/* The structure is known: what of its texts is here, and what is not? */
void
imap_message_take_place(struct imap_message *call)
{
	struct mail_message *out = call->out;
	size_t end = imap_place_header(call->head);
	uint64_t bytes = 0;

	if (out->root == NULL)
		return;
	if (out->bytes > 0)
		take_mend_sizes(out->root, out->bytes);
	if ((call->want & (MAIL_WANT_TEXT | MAIL_WANT_HTML)) == 0)
		return;
	imap_place_parts(out->root, str_slice(call->head, end, call->head.len));
	call->texts =
	    ARENA_ARRAY(call->mail->arena, TAKE_TEXTS, struct mime_part *);
	if (call->texts != NULL)
		take_choose(call, out->root, &bytes);
}

/* ---- what is remembered ---- */
static struct account_answers_key
take_key(const struct imap_message *call, const struct imap_conn *conn)
{
	return (struct account_answers_key){.folder = call->folder,
	    .uid_validity = conn->uid_validity,
	    .uid = call->id->uid};
}

void
imap_message_take_memory(
    struct imap_message *call, const struct imap_conn *conn)
{
	struct account *account = call->mail->account;
	struct account_answers_key key = take_key(call, conn);
	struct arena *arena = call->mail->arena;
	struct imap_tokens tokens = {0};
	struct imap_token *list;
	struct imap_item item;
	struct str answer;

	if (call->is_whole || conn->uid_validity == 0 ||
	    !account_answers_find(&account->owner->answers, &account->answers,
	        &key, arena, &answer))
		return;
	list = ARENA_ARRAY(arena, TAKE_TOKENS, struct imap_token);
	if (list == NULL)
		return;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): a copy of our own */
	tokens = imap_tokens_parse(
	    (char *)(uintptr_t)answer.ptr, answer.len, list, TAKE_TOKENS);
	if (tokens.is_cut || !imap_item_parse(&tokens, &item))
		return;
	take_lasting(call, &tokens, &item);
	call->is_cached = call->out->root != NULL && call->head.len > 0;
	if (call->is_cached)
		imap_message_take_place(call);
}

void
imap_message_take_keep(
    const struct imap_message *call, const struct imap_conn *conn)
{
	struct account *account = call->mail->account;
	struct account_answers_key key = take_key(call, conn);

	if (call->answer.len > 0 && conn->uid_validity != 0)
		account_answers_put(&account->owner->answers, &account->answers,
		    &key, call->answer);
}

enum err_code
imap_message_take_doubt(const struct imap_message *call,
    const struct imap_conn *conn, struct err *err)
{
	struct account *account = call->mail->account;
	struct account_answers_key key = take_key(call, conn);

	if (!call->is_cached || (call->is_there && !call->is_doubtful))
		return ERR_OK;
	account_answers_drop(&account->owner->answers, &account->answers, &key);
	return err_set(err, ERR_AWAY,
	    "The mail server has a problem with this folder. Please try again "
	    "in a moment.",
	    "mail: untagged NO while it looked for changes");
}
