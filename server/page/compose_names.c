/*
 * Names in To, Cc and Bcc: that of a group, or of a contact with one address,
 * typed as it is, stands for those people. Nothing is guessed: a word that is
 * an address of the person's own domain keeps that meaning, and what could
 * mean two things is an error that names the word.
 *
 *   field = piece *( ("," / ";") piece )
 *   name  = phrase / quoted-string       ; a piece with no "@" and no "<"
 */
#include "page/compose_inside.h"

#include "base/limits.h"
#include "mime/mime_address.h"
#include "mime/mime_fold.h"
#include "mail/smtp.h"
#include "page/page_identity.h"
#include "page/page_people.h"

#define NAMES_SAME  20u /* contacts of one name that are looked at */
#define NAMES_MOST  (2 * LIMIT_RECIPIENTS) /* pieces that are looked at */
#define NAMES_ASKED 20u /* words that the mail server is asked about */

struct names {
	struct request *req;
	bool is_sending;
	bool has_circles;
	unsigned asked;
	size_t pieces; /* of all fields */
	struct store_circle *circles;
	size_t circle_count;
};

/* What a word stands for. */
struct name_found {
	const struct store_circle *circle;
	const struct store_person *person;
	size_t circles, persons; /* of that name */
};

/* ---- pieces ---------------------------------------------------------------
 */
/* Cuts a piece off *rest, as the parser of address lists takes them. */
static struct str
names_piece(struct str *rest)
{
	bool is_quoted = false;
	unsigned depth = 0;
	size_t at = 0;
	struct str piece;

	for (; at < rest->len; at++) {
		char c = rest->ptr[at];

		if (c == '\\' && (is_quoted || depth > 0))
			at++;
		else if (c == '"' && depth == 0)
			is_quoted = !is_quoted;
		else if (!is_quoted && (c == '(' || c == '<'))
			depth++;
		else if (!is_quoted && depth > 0 && (c == ')' || c == '>'))
			depth--;
		else if (!is_quoted && depth == 0 && (c == ',' || c == ';'))
			break;
	}
	at = at < rest->len ? at : rest->len;
	piece = str_trim(str_slice(*rest, 0, at));
	*rest = str_slice(
	    *rest, at + 1 < rest->len ? at + 1 : rest->len, rest->len);
	return piece;
}

/* A name without quotes around it; empty: it is more than a name. */
static struct str
names_word(struct arena *arena, struct str piece)
{
	bool is_quoted = piece.len > 2 && piece.ptr[0] == '"' &&
	                 piece.ptr[piece.len - 1] == '"';
	struct buf word;

	if (is_quoted)
		piece = str_slice(piece, 1, piece.len - 1);
	buf_init_arena(&word, arena, piece.len + 1);
	for (size_t i = 0; i < piece.len; i++) {
		char c = piece.ptr[i];

		if (is_quoted && c == '\\' && i + 1 < piece.len)
			c = piece.ptr[++i];
		else if (c == '"' ||
		         (!is_quoted && strchr("<>@:()[]\\", c) != NULL))
			return STR("");
		buf_add_byte(&word, c);
	}
	return text_line(arena, buf_str(&word)).s;
}

/* ---- what a word stands for -----------------------------------------------
 */
/* How names are compared: without case and accents, any spaces being one. */
static struct str
names_key(struct arena *arena, struct str name)
{
	struct str folded = mime_fold(arena, name);
	struct buf key;

	buf_init_arena(&key, arena, folded.len + 1);
	for (size_t i = 0; i < folded.len; i++)
		if (folded.ptr[i] != ' ' ||
		    (key.len > 0 && key.ptr[key.len - 1] != ' '))
			buf_add_byte(&key, folded.ptr[i]);
	return buf_str(&key);
}

static enum err_code
names_circle(
    struct names *in, struct str key, struct name_found *out, struct err *err)
{
	struct request *req = in->req;
	enum err_code rc = ERR_OK;

	if (!in->has_circles)
		rc = people_fresh(
		    req->app->store, req->session->account, req->arena, err);
	if (rc == ERR_OK && !in->has_circles)
		rc = store_circle_names(req->app->store, req->session->account,
		    req->arena, &in->circles, &in->circle_count, err);
	for (size_t i = 0;
	     rc == ERR_OK && !in->has_circles && i < in->circle_count; i++)
		in->circles[i].sort_key =
		    names_key(req->arena, in->circles[i].name);
	in->has_circles = rc == ERR_OK;
	for (size_t i = 0; rc == ERR_OK && i < in->circle_count; i++)
		if (str_eq(in->circles[i].sort_key, key)) {
			out->circle = &in->circles[i];
			out->circles++;
		}
	return rc;
}

static enum err_code
names_person(struct names *in, struct str word, struct str key,
    struct name_found *out, struct err *err)
{
	struct request *req = in->req;
	struct store_people people = {0};
	enum err_code rc = store_people_named(req->app->store,
	    req->session->account, mime_fold_name(req->arena, word), NAMES_SAME,
	    req->arena, &people, err);

	for (size_t i = 0; rc == ERR_OK && i < people.count; i++) {
		/* "Anna Schmidt" is not "Schmidt Anna" here. */
		if (!str_eq(names_key(req->arena, people.list[i].name), key))
			continue;
		out->person = &people.list[i];
		out->persons++;
	}
	return rc;
}

static enum err_code
names_find(
    struct names *in, struct str word, struct name_found *out, struct err *err)
{
	struct str key = names_key(in->req->arena, word);
	enum err_code rc = ERR_OK;

	*out = (struct name_found){0};
	if (key.len == 0)
		return ERR_OK;
	rc = names_circle(in, key, out, err);
	if (rc == ERR_OK)
		rc = names_person(in, word, key, out, err);
	return rc;
}

/* ---- is it an address, too? -----------------------------------------------
 */
/* "ben" as an address of the login's own domain; empty: it can be none. */
static struct str
names_local(struct names *in, struct str word)
{
	struct str domain = page_domain(in->req);
	struct str address;

	if (domain.len == 0)
		return STR("");
	address =
	    str_join(in->req->arena, (struct str[]){word, STR("@"), domain}, 3);
	return mime_address_is_sendable(address) ? address : STR("");
}

/* One that was written to, or is one's own. */
static enum err_code
names_is_met(struct names *in, struct str address, bool *out, struct err *err)
{
	struct request *req = in->req;
	struct page_identity *list = NULL;
	struct store_person person = {0};
	size_t count = 0;
	enum err_code rc = page_identity_list(req, &list, &count, err);

	if (rc == ERR_OK)
		rc = store_person_of(req->app->store, req->session->account,
		    people_key(req->arena, address), req->arena, &person, err);
	*out = rc == ERR_OK && (person.id.len > 0 ||
	                           page_identity_is_own(list, count, address));
	return rc;
}

/* Nobody has an address of random letters: what does the server say to it? */
static enum smtp_knows
names_ask(struct names *in, struct str address)
{
	struct request *req = in->req;
	struct mail mail = page_mail(req);
	struct str pair[2] = {address,
	    names_local(in, str_lower(req->arena, compose_id_new(req->arena)))};
	enum smtp_knows knows = SMTP_UNSURE;
	struct err why = ERR_NONE;
	enum err_code rc;

	/* Saving is frequent, and each refused address counts against us. */
	if (!in->is_sending || ++in->asked > NAMES_ASKED)
		return SMTP_UNSURE;
	rc = smtp_check_recipient(account_server(mail.account),
	    req->session->login, &req->session->password,
	    page_own_address(req).s, pair, &mail.wait, mail.arena, &knows,
	    &why);

	/* It cannot even be written there (SMTPUTF8). */
	if (rc == ERR_INPUT)
		return SMTP_UNKNOWN;
	if (rc != ERR_OK)
		log_event(LOG_INFO, "compose.name_unasked",
		    LOG_C("reason", err_name(rc)), LOG_C("detail", why.detail));
	return rc == ERR_OK ? knows : SMTP_UNSURE;
}

static enum err_code
names_knows(
    struct names *in, struct str address, enum smtp_knows *out, struct err *err)
{
	bool is_met = false;
	enum err_code rc = ERR_OK;

	*out = SMTP_UNKNOWN;
	if (address.len == 0)
		return ERR_OK;
	rc = names_is_met(in, address, &is_met, err);
	if (rc == ERR_OK)
		*out = is_met ? SMTP_KNOWN : names_ask(in, address);
	return rc;
}

/* ---- in its place ---------------------------------------------------------
 */
/* A word as messages quote it. */
static struct str
names_shown(struct names *in, struct str word)
{
	return text_shorten(in->req->arena, (struct text){word}, 80).s;
}

static enum err_code
names_check(struct names *in, struct str word, const struct name_found *found,
    struct err *err)
{
	if (found->circle != NULL && found->persons > 0)
		return err_sayf(err, ERR_INPUT,
		    "“%.*s” is the name of a group of yours and of a contact. "
		    "Please "
		    "choose one from the contacts.",
		    STR_ARG(names_shown(in, word)));
	if (found->circles > 1)
		return err_sayf(err, ERR_INPUT,
		    "“%.*s” is the name of several groups of yours. Please "
		    "choose "
		    "one from the contacts.",
		    STR_ARG(names_shown(in, word)));
	if (found->persons > 1)
		return err_sayf(err, ERR_INPUT,
		    "“%.*s” is the name of several contacts. Please choose one "
		    "from "
		    "the contacts, or write the address.",
		    STR_ARG(names_shown(in, word)));
	if (found->circle != NULL)
		return ERR_OK;
	if (found->person->address_count == 0)
		return err_sayf(err, ERR_INPUT,
		    "“%.*s” is a contact of yours without an address. Please "
		    "write "
		    "the address.",
		    STR_ARG(names_shown(in, word)));
	if (found->person->address_count > 1)
		return err_sayf(err, ERR_INPUT,
		    "“%.*s” is a contact of yours with several addresses. "
		    "Please "
		    "choose one from the contacts, or write the address.",
		    STR_ARG(names_shown(in, word)));
	return ERR_OK;
}

static enum err_code
names_put(struct names *in, struct str word, const struct name_found *found,
    struct people_field *field, struct err *err)
{
	uint64_t members = 0;
	enum err_code rc = names_check(in, word, found, err);

	if (rc != ERR_OK)
		return rc;
	if (found->circle == NULL) {
		people_field_add(field, found->person->name,
		    found->person->addresses[0].address);
		return ERR_OK;
	}
	rc = people_field_add_group(
	    in->req, field, found->circle->id, &members, err);
	if (rc == ERR_OK && members == 0)
		rc = err_sayf(err, ERR_INPUT,
		    "“%.*s” is a group of yours in which nobody has an "
		    "address.",
		    STR_ARG(names_shown(in, word)));
	return rc;
}

/* Both a name and, perhaps, an address. */
static enum err_code
names_unsure(struct names *in, struct str word, struct str address,
    struct people_field *field, struct err *err)
{
	/* To save is no reason to ask: the word stays, and is asked later. */
	if (!in->is_sending) {
		people_field_put(field, word);
		return ERR_OK;
	}
	return err_sayf(err, ERR_INPUT,
	    "“%.*s” may be your contact or group of that name, or the address "
	    "%.*s: the mail server does not tell now. Please write the whole "
	    "address, or choose from the contacts.",
	    STR_ARG(text_shorten(in->req->arena, (struct text){word}, 60).s),
	    STR_ARG(str_slice(address, 0, 120)));
}

static enum err_code
names_piece_put(struct names *in, struct str piece, struct people_field *field,
    struct err *err)
{
	struct str word = names_word(in->req->arena, piece);
	struct str address = names_local(in, word);
	enum smtp_knows knows = SMTP_UNKNOWN;
	struct name_found found;
	enum err_code rc = ERR_OK;

	/* Each one costs a look into the store. */
	if (++in->pieces > NAMES_MOST)
		return err_sayf(err, ERR_LIMIT,
		    "There are more than %u names and addresses. Please write "
		    "fewer of them.",
		    NAMES_MOST);
	rc = names_find(in, word, &found, err);
	if (rc != ERR_OK)
		return rc;
	if (found.circle == NULL && found.persons == 0) {
		people_field_put(field, piece);
		if (word.len == 0 || address.len > 0)
			return ERR_OK;
		return err_sayf(err, ERR_INPUT,
		    "“%.*s” is neither an address nor the name of a group or a "
		    "contact of yours.",
		    STR_ARG(names_shown(in, word)));
	}
	rc = names_knows(in, address, &knows, err);
	if (rc != ERR_OK)
		return rc;
	if (knows == SMTP_UNSURE)
		return names_unsure(in, piece, address, field, err);
	if (knows == SMTP_UNKNOWN)
		return names_put(in, word, &found, field, err);
	people_field_put(field, piece);
	return ERR_OK;
}

static bool
names_has_any(struct arena *arena, struct str rest)
{
	while (rest.len > 0)
		if (names_word(arena, names_piece(&rest)).len > 0)
			return true;
	return false;
}

static enum err_code
names_field(struct names *in, struct text *typed, struct err *err)
{
	struct people_field field;
	struct str rest = typed->s;
	enum err_code rc = ERR_OK;

	if (!names_has_any(in->req->arena, rest))
		return ERR_OK;
	people_field_begin(&field, in->req->arena, rest);
	while (rc == ERR_OK && rest.len > 0)
		rc = names_piece_put(in, names_piece(&rest), &field, err);
	return rc == ERR_OK ? people_field_end(&field, typed, err) : rc;
}

enum err_code
compose_names(struct request *req, struct compose *compose, bool is_sending,
    struct err *err)
{
	static const char *const wrong[3] = {
	    "error_to", "error_cc", "error_bcc"};
	struct text *fields[3] = {&compose->to, &compose->cc, &compose->bcc};
	struct text before[3] = {compose->to, compose->cc, compose->bcc};
	struct names in = {.req = req, .is_sending = is_sending};
	bool is_changed = false;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < 3; i++) {
		rc = names_field(&in, fields[i], err);
		if (rc == ERR_INPUT || rc == ERR_LIMIT)
			compose->wrong_field = wrong[i];
		is_changed = is_changed || !str_eq(fields[i]->s, before[i].s);
	}
	/* What became of the fields before a wrong one stays, too. */
	if (is_changed) {
		struct err second = ERR_NONE;
		enum err_code stored =
		    compose_store_fields(req, compose, &second);

		if (rc == ERR_OK && stored != ERR_OK)
			*err = second;
		rc = rc == ERR_OK ? stored : rc;
	}
	return rc;
}
