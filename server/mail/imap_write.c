#include "mail/imap_write.h"

#include "base/secret.h"

#define WRITE_BATCH_BYTES  ((size_t)4 << 20)
#define WRITE_QUOTED_BYTES 1000u /* longer ones go as literals */

void
imap_writer_init(
    struct imap_writer *writer, uint32_t first_tag, size_t free_literal_bytes)
{
	memset(writer, 0, sizeof(*writer));
	buf_init(&writer->out, WRITE_BATCH_BYTES);
	writer->first_tag = first_tag;
	writer->free_literal_bytes = free_literal_bytes;
}

void
imap_writer_end(struct imap_writer *writer)
{
	if (writer->out.ptr != NULL)
		secret_wipe(writer->out.ptr, writer->out.len);
	buf_free(&writer->out);
}

static void
write_fail(struct imap_writer *writer, enum err_code code)
{
	if (writer->out.failed == ERR_OK)
		writer->out.failed = code;
}

static struct str
write_verb(struct str words)
{
	struct str verb = str_cut(&words, ' ');

	return str_eq(verb, STR("UID")) ? str_cut(&words, ' ') : verb;
}

/* Commands that change nothing; all others may. */
static bool
write_is_harmless(struct str verb)
{
	static const char *const verbs[] = {"FETCH", "SEARCH", "SORT", "THREAD",
	    "NOOP", "LIST", "LSUB", "STATUS", "NAMESPACE", "GETQUOTAROOT",
	    "SELECT", "EXAMINE", "UNSELECT", "CAPABILITY", "GETACL", "MYRIGHTS",
	    "LISTRIGHTS"};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (str_eq(verb, str_c(verbs[i])))
			return true;
	}
	return false;
}

void
imap_write_begin(struct imap_writer *writer, const char *words)
{
	struct str verb = write_verb(str_c(words));

	if (!write_is_harmless(verb)) {
		writer->changes = true;
		writer->moves = writer->moves || str_eq(verb, STR("MOVE"));
		writer->fills =
		    writer->fills ||
		    (!str_eq(verb, STR("STORE")) && !str_eq(verb, STR("MOVE")));
	}
	buf_addf(&writer->out, "i%u ",
	    (unsigned)(writer->first_tag + writer->command_count));
	writer->command_count++;
	buf_add_c(&writer->out, words);
}

void
imap_write_raw(struct imap_writer *writer, const char *words)
{
	buf_add_c(&writer->out, words);
}

void
imap_write_number(struct imap_writer *writer, uint64_t number)
{
	buf_add_u64(&writer->out, number);
}

void
imap_write_pause(struct imap_writer *writer)
{
	if (writer->pause_count == IMAP_WRITE_PAUSES) {
		write_fail(writer, ERR_LIMIT);
		return;
	}
	writer->pauses[writer->pause_count++] = (struct imap_pause){
	    .offset = writer->out.len, .command = writer->command_count - 1};
}

bool
imap_write_is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < 0x20 || s.ptr[i] >= 0x7F)
			return false;
	}
	return s.len <= WRITE_QUOTED_BYTES;
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE (RFC 9051, 9) */
static void
write_quoted(struct imap_writer *writer, struct str s)
{
	buf_add_byte(&writer->out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			buf_add_byte(&writer->out, '\\');
		buf_add_byte(&writer->out, s.ptr[i]);
	}
	buf_add_byte(&writer->out, '"');
}

void
imap_write_string(struct imap_writer *writer, struct str s)
{
	if (str_has_line_break(s)) {
		write_fail(writer, ERR_INPUT);
		return;
	}
	if (imap_write_is_plain(s)) {
		write_quoted(writer, s);
		return;
	}
	buf_addf(&writer->out, "{%zu%s}\r\n", s.len,
	    s.len <= writer->free_literal_bytes ? "+" : "");
	if (s.len > writer->free_literal_bytes)
		imap_write_pause(writer);
	buf_add(&writer->out, s);
}

void
imap_write_set(struct imap_writer *writer, const uint32_t *uids, size_t count)
{
	if (count == 0)
		write_fail(writer, ERR_INPUT);
	for (size_t i = 0; i < count;) {
		size_t end = i;
		int64_t step = 0;

		/* Rising or falling by one: a range. */
		if (i + 1 < count)
			step = (int64_t)uids[i + 1] - (int64_t)uids[i];
		if (step == 1 || step == -1) {
			while (
			    end + 1 < count &&
			    (int64_t)uids[end + 1] - (int64_t)uids[end] == step)
				end++;
		}
		if (i > 0)
			buf_add_byte(&writer->out, ',');
		buf_add_u64(&writer->out, uids[i]);
		if (end > i)
			buf_addf(&writer->out, ":%u", (unsigned)uids[end]);
		i = end + 1;
	}
}

void
imap_write_end(struct imap_writer *writer)
{
	buf_add_c(&writer->out, "\r\n");
	for (size_t i = writer->pause_count; i > 0; i--) {
		if (writer->pauses[i - 1].command + 1 != writer->command_count)
			break;
		writer->pauses[i - 1].resume = writer->out.len;
	}
}
