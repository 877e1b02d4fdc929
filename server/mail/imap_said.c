#include "mail/imap_conn.h"

#include "base/num.h"
#include "base/tr.h"

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

/*
 * A message that is beyond the last one: others were told to be gone and are
 * not. Nothing is lost by opening the folder anew, when it is needed next.
 */
static void
said_fetch(struct imap_conn *conn, uint32_t number)
{
	if (conn->folder != NULL && number > conn->exists)
		conn->is_miscounted = true;
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
	} else if (response->has_number &&
	           str_eq_nocase(response->name, STR("FETCH"))) {
		said_fetch(conn, response->number);
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

/* Whole sentences, because other languages order them otherwise. */
static const struct {
	const char *what, *not_done, *not_allowed;
} said_sentences[] = {
    {"change the messages", N_("The mail server did not change the messages."),
        N_("The mail server does not allow you to change the messages.")},
    {"copy the messages", N_("The mail server did not copy the messages."),
        N_("The mail server does not allow you to copy the messages.")},
    {"count the messages", N_("The mail server did not count the messages."),
        N_("The mail server does not allow you to count the messages.")},
    {"delete the folder", N_("The mail server did not delete the folder."),
        N_("The mail server does not allow you to delete the folder.")},
    {"delete the messages", N_("The mail server did not delete the messages."),
        N_("The mail server does not allow you to delete the messages.")},
    {"list the folders", N_("The mail server did not list the folders."),
        N_("The mail server does not allow you to list the folders.")},
    {"list the messages", N_("The mail server did not list the messages."),
        N_("The mail server does not allow you to list the messages.")},
    {"answer", N_("The mail server did not answer."),
        N_("The mail server does not allow you to ask it.")},
    {"let us in", N_("The mail server did not let us in."),
        N_("The mail server does not allow us in.")},
    {"log in", N_("The mail server did not log you in."),
        N_("The mail server does not allow you to log in.")},
    {"look at the messages",
        N_("The mail server did not look at the messages."),
        N_("The mail server does not allow you to look at the messages.")},
    {"look for the day", N_("The mail server did not look for the day."),
        N_("The mail server does not allow you to look for the day.")},
    {"make the folder", N_("The mail server did not make the folder."),
        N_("The mail server does not allow you to make the folder.")},
    {"move the messages", N_("The mail server did not move the messages."),
        N_("The mail server does not allow you to move the messages.")},
    {"open the folder", N_("The mail server did not open the folder."),
        N_("The mail server does not allow you to open the folder.")},
    {"read the folder", N_("The mail server did not read the folder."),
        N_("The mail server does not allow you to read the folder.")},
    {"rename the folder", N_("The mail server did not rename the folder."),
        N_("The mail server does not allow you to rename the folder.")},
    {"save the message", N_("The mail server did not save the message."),
        N_("The mail server does not allow you to save the message.")},
    {"search the folder", N_("The mail server did not search the folder."),
        N_("The mail server does not allow you to search the folder.")},
    {"send this part", N_("The mail server did not send this part."),
        N_("The mail server does not allow you to send this part.")},
    {"show the message", N_("The mail server did not show the message."),
        N_("The mail server does not allow you to show the message.")},
    {"subscribe the folder",
        N_("The mail server did not subscribe the folder."),
        N_("The mail server does not allow you to subscribe the folder.")},
    {"take the message in", N_("The mail server did not take the message in."),
        N_("The mail server does not allow you to put messages there.")},
    {"unsubscribe the folder",
        N_("The mail server did not unsubscribe the folder."),
        N_("The mail server does not allow you to unsubscribe the folder.")},
    {"change who may use the folder",
        N_("The mail server did not change who may use the folder."),
        N_("The mail server does not allow you to change who may use the "
           "folder.")},
};

/* Dovecot adds what it took: "… (0.002 + 0.000 + 0.001 secs)." */
static struct str
said_without_times(struct str said)
{
	static const char allowed[] = "0123456789.+ ";
	struct str end = STR(" secs)");
	struct str rest = said;
	size_t from;

	if (str_ends(rest, STR(".")))
		rest.len--;
	if (!str_ends(rest, end))
		return said;
	rest.len -= end.len;
	for (from = rest.len; from > 0 && rest.ptr[from - 1] != '('; from--)
		if (memchr(allowed, rest.ptr[from - 1], sizeof(allowed) - 1) ==
		    NULL)
			return said;
	return from > 0 ? str_trim(str_slice(rest, 0, from - 1)) : said;
}

/* What has no sentence of its own is said in English. */
static void
said_tell(struct str why, const struct imap_said *said, const char *what,
    struct err *err)
{
	bool is_allowed = !imap_said_is(said, STR("NOPERM"));
	char made[160];
	char full[512];
	const char *sentence = NULL;

	for (size_t i = 0;
	     i < sizeof(said_sentences) / sizeof(said_sentences[0]); i++)
		if (strcmp(said_sentences[i].what, what) == 0)
			sentence = is_allowed
			               ? tr(said_sentences[i].not_done)
			               : tr(said_sentences[i].not_allowed);
	if (sentence == NULL) {
		(void)snprintf(made, sizeof(made),
		    is_allowed ? "The mail server did not %s."
		               : "The mail server does not allow you to %s.",
		    what);
		sentence = made;
	}
	if (imap_said_is(said, STR("OVERQUOTA"))) {
		(void)snprintf(full, sizeof(full), "%s %s", sentence,
		    tr(N_("The mailbox is full. Emptying the trash makes "
		          "room.")));
		(void)err_set(err, ERR_MAIL, full, NULL);
	} else if (is_allowed && why.len > 0)
		(void)err_sayf(err, ERR_MAIL,
		    "%s It says: \xE2\x80\x9C%.*s\xE2\x80\x9D", sentence,
		    STR_ARG(why));
	else
		(void)err_set(err, ERR_MAIL, sentence, NULL);
}

enum err_code
imap_said_err(const struct mail_server *server, const struct imap_said *said,
    const char *what, struct err *err)
{
	struct arena *arena = arena_new(64 << 10);
	struct text words = {{0}};
	struct text kept = {{0}};

	if (arena != NULL) {
		words = text_line(arena, said_without_times(str_c(said->text)));
		kept = server_mask_people(arena, words);
		words = text_shorten(
		    arena, mail_server_mask(server, arena, words), 120);
	}
	said_tell(words.s, said, what, err);
	if (err != NULL)
		(void)snprintf(err->detail, sizeof(err->detail),
		    "imap: refused to %s, code [%.60s]: %.*s", what, said->code,
		    STR_ARG(kept.s));
	arena_free(arena);
	return ERR_MAIL;
}
