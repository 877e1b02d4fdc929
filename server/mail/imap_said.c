#include "mail/imap_conn.h"

#include "base/num.h"

/* ---- what the server says on the side ---- */
static void
said_copy(char *to, size_t room, struct str from)
{
	size_t len = from.len < room - 1 ? from.len : room - 1;

	if (len > 0)
		memcpy(to, from.ptr, len);
	to[len] = '\0';
}

static void
said_set(struct imap_said *said, const struct imap_response *response)
{
	said->status = response->status;
	said_copy(said->code, sizeof(said->code), response->code);
	said_copy(said->text, sizeof(said->text), response->text);
}

bool
imap_said_is(const struct imap_said *said, struct str code)
{
	struct str rest = str_c(said->code);

	return str_eq_nocase(str_cut(&rest, ' '), code);
}

/* "[UIDVALIDITY 7]", "[COPYUID …]", "[CAPABILITY …]" */
static void
said_code(struct imap_conn *conn, const struct imap_response *response)
{
	struct str rest = response->code;
	struct str name = str_cut(&rest, ' ');
	uint32_t number = 0;

	if (str_eq_nocase(name, STR("CAPABILITY"))) {
		conn->caps = imap_caps_parse(rest);
	} else if (str_eq_nocase(name, STR("UIDVALIDITY"))) {
		if (num_u32(rest, 1, UINT32_MAX, &number, NULL) == ERR_OK)
			conn->uid_validity = number;
	} else if (response->is_untagged && response->status == IMAP_OK) {
		said_set(&conn->hinted, response);
	}
}

/*
 * Messages come by EXISTS and go by EXPUNGE, one at a time (RFC 9051, 7.4.1,
 * 7.5.1): who counts otherwise has lost count, and so have we.
 */
static void
said_exists(struct imap_conn *conn, uint32_t count)
{
	if (conn->folder != NULL && count < conn->exists)
		conn->is_doubtful = true;
	if (conn->exists != count)
		conn->changes++;
	conn->exists = count;
	conn->has_exists = true;
}

static void
said_expunge(struct imap_conn *conn, uint32_t number)
{
	if (conn->folder != NULL && (number == 0 || number > conn->exists))
		conn->is_doubtful = true;
	if (conn->exists > 0)
		conn->exists--;
	conn->changes++;
}

static void
said_untagged(struct imap_conn *conn, const struct imap_response *response)
{
	if (response->has_number &&
	    str_eq_nocase(response->name, STR("EXISTS"))) {
		said_exists(conn, response->number);
	} else if (response->has_number &&
	           str_eq_nocase(response->name, STR("EXPUNGE"))) {
		said_expunge(conn, response->number);
	} else if (str_eq_nocase(response->name, STR("CAPABILITY"))) {
		conn->caps = imap_caps_parse(response->rest);
	} else if (response->status == IMAP_BYE) {
		said_set(&conn->said, response);
		conn->said_bye = true;
	}
}

void
imap_said_line(void *ctx, struct str line)
{
	struct imap_conn *conn = ctx;
	struct imap_response response;
	struct str rest = line;
	struct str tag = str_cut(&rest, ' ');
	bool is_own = imap_response_parse(line, &response);

	if (!is_own) {
		/* libetpan's tags are numbers: let them look like ours. */
		char copy[IMAP_GUARD_PREFIX + 1];

		if (tag.len == 0 || tag.ptr[0] < '0' || tag.ptr[0] > '9' ||
		    line.len + 1 > sizeof(copy))
			return;
		copy[0] = 'i';
		memcpy(copy + 1, line.ptr, line.len);
		if (!imap_response_parse(str_of(copy, line.len + 1), &response))
			return;
		said_set(&conn->said, &response);
		said_code(conn, &response);
		return;
	}
	if (response.is_continue)
		return;
	if (response.is_untagged)
		said_untagged(conn, &response);
	else
		said_set(&conn->said, &response);
	if (response.code.len > 0)
		said_code(conn, &response);
}

enum err_code
imap_said_err(const struct mail_server *server, const struct imap_said *said,
    const char *what, struct err *err)
{
	struct arena *arena = arena_new(64 << 10);
	struct text words = {{0}};
	struct text kept = {{0}};

	if (arena != NULL) {
		words = text_line(arena, str_c(said->text));
		kept = server_mask_people(arena, words);
		words = text_shorten(
		    arena, mail_server_mask(server, arena, words), 120);
	}
	if (imap_said_is(said, STR("NOPERM")))
		(void)err_sayf(err, ERR_MAIL,
		    "The mail server does not allow you to %s.", what);
	else if (words.s.len > 0)
		(void)err_sayf(err, ERR_MAIL,
		    "The mail server did not %s. It says: \xE2\x80\x9C%.*s"
		    "\xE2\x80\x9D",
		    what, STR_ARG(words.s));
	else
		(void)err_sayf(
		    err, ERR_MAIL, "The mail server did not %s.", what);
	if (err != NULL)
		(void)snprintf(err->detail, sizeof(err->detail),
		    "imap: refused to %s, code [%.60s]: %.*s", what, said->code,
		    STR_ARG(kept.s));
	arena_free(arena);
	return ERR_MAIL;
}
