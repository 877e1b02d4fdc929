#include "mail/imap_idle.h"

#include "base/num.h"

#define IDLE_EVENTS "(MessageNew MessageExpunge FlagChange)"

/* What is said of the open folder is as without NOTIFY. */
static const char idle_notify[] = "NOTIFY SET (SELECTED-DELAYED " IDLE_EVENTS
                                  ") (PERSONAL " IDLE_EVENTS ")\r\n";

/* ---- whole responses out of pieces ---- */
void
imap_idle_input_init(struct imap_idle_input *input)
{
	*input = (struct imap_idle_input){0};
	buf_init(&input->line, IMAP_IDLE_LINE);
}

void
imap_idle_input_end(struct imap_idle_input *input)
{
	buf_free(&input->line);
}

void
imap_idle_input_begin(struct imap_idle_input *input)
{
	input->bytes = 0;
}

/* literal = "{" number64 ["+"] "}" CRLF at the end of what came. */
static bool
idle_literal(struct str line, uint64_t *out)
{
	size_t at = line.len;

	while (at > 0 && (line.ptr[at - 1] == '\n' || line.ptr[at - 1] == '\r'))
		at--;
	if (at == 0 || line.ptr[at - 1] != '}' || imap_guard_is_status(line))
		return false;
	line.len = at - 1;
	while (at > 0 && line.ptr[at - 1] != '{')
		at--;
	return at > 0 && num_u64(str_slice(line, at, line.len), 0, UINT64_MAX,
	                     out, NULL) == ERR_OK;
}

/* Takes a literal's bytes, or a line up to its LF; true at that. */
static bool
idle_piece(struct imap_idle_input *input, struct str *bytes)
{
	size_t end = bytes->len;
	bool is_line = false;

	if (input->literal_left > 0) {
		if (end > input->literal_left)
			end = (size_t)input->literal_left;
		input->literal_left -= end;
	} else {
		end = str_find_byte(*bytes, '\n', 0);
		is_line = end < bytes->len;
		end += is_line;
	}
	buf_add(&input->line, str_slice(*bytes, 0, end));
	input->bytes += end;
	*bytes = str_slice(*bytes, end, bytes->len);
	return is_line;
}

enum imap_idle_fed
imap_idle_feed(struct imap_idle_input *input, struct str *bytes)
{
	while (bytes->len > 0) {
		bool is_line = idle_piece(input, bytes);

		if (input->line.failed != ERR_OK ||
		    input->bytes > IMAP_IDLE_BYTES)
			return IMAP_IDLE_FLOOD;
		if (!is_line)
			continue;
		if (!idle_literal(buf_str(&input->line), &input->literal_left))
			return IMAP_IDLE_WHOLE;
		if (input->literal_left > IMAP_IDLE_LINE)
			return IMAP_IDLE_FLOOD;
	}
	return IMAP_IDLE_MORE;
}

/* ---- the conversation ---- */
void
imap_idle_init(struct imap_idle *idle,
    const struct imap_idle_settings *settings, bool has_idle, uint32_t tag,
    uint32_t exists)
{
	/* The first thing to do is counting. */
	*idle = (struct imap_idle){.settings = *settings,
	    .has_idle = has_idle,
	    .tag = tag,
	    .exists = exists,
	    .has_changed = true};
}

static void
idle_set(struct imap_idle *idle, enum imap_idle_state state, int64_t due_ms)
{
	idle->state = state;
	idle->due_ms = due_ms;
}

/* mailbox SP "(" *(att SP number) ")" */
static enum imap_idle_result
idle_status(struct imap_idle *idle, struct str name, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct imap_tokens tokens = imap_read_tokens(reader, response);
	struct str folder = imap_token_str(&tokens, 0);
	bool is_ours =
	    str_eq(folder, name) || (str_eq_nocase(folder, STR("INBOX")) &&
	                                str_eq_nocase(name, STR("INBOX")));

	if (!is_ours && idle->has_others) {
		idle->other = folder;
		return IMAP_IDLE_OTHER;
	}
	if (!is_ours || !imap_token_is_list(&tokens, 1))
		return IMAP_IDLE_GO_ON;
	for (uint32_t at = 2; at + 1 < imap_token_next(&tokens, 1); at += 2) {
		uint64_t number = imap_token_u64(&tokens, at + 1);

		if (number > UINT32_MAX ||
		    !imap_token_is(&tokens, at, STR("UNSEEN")))
			continue;
		idle->unseen = (uint32_t)number;
		idle->was_counted = true;
	}
	return IMAP_IDLE_GO_ON;
}

static enum imap_idle_result
idle_untagged(struct imap_idle *idle, struct str name,
    struct imap_reader *reader, const struct imap_response *response)
{
	struct str what = response->name;

	if (response->status == IMAP_BYE)
		return IMAP_IDLE_BROKEN;
	if (str_starts(response->code, STR("NOTIFICATIONOVERFLOW"))) {
		/* It tells nothing at all from now on (RFC 5465, 5.8). */
		idle->is_overflowed = true;
		return IMAP_IDLE_BROKEN;
	}
	if (str_eq_nocase(what, STR("STATUS"))) {
		return idle_status(idle, name, reader, response);
	} else if (str_eq_nocase(what, STR("VANISHED"))) {
		idle->has_changed = true;
	} else if (!response->has_number) {
		return IMAP_IDLE_GO_ON;
	} else if (str_eq_nocase(what, STR("EXISTS"))) {
		idle->has_grown =
		    idle->has_grown || response->number > idle->exists;
		idle->has_changed =
		    idle->has_changed || response->number != idle->exists;
		idle->exists = response->number;
	} else if (str_eq_nocase(what, STR("EXPUNGE"))) {
		idle->exists -= idle->exists > 0;
		idle->has_changed = true;
	} else if (str_eq_nocase(what, STR("FETCH"))) {
		idle->has_changed = true;
	}
	return IMAP_IDLE_GO_ON;
}

/* The command under way is done. */
static enum imap_idle_result
idle_tagged(struct imap_idle *idle, const struct imap_response *response,
    int64_t now_ms)
{
	enum imap_idle_state before = idle->state;
	bool is_ok = response->status == IMAP_OK;

	if (response->tag != idle->tag || before == IMAP_IDLE_RESTING)
		return IMAP_IDLE_BROKEN;
	if (before == IMAP_IDLE_STARTING && !is_ok)
		idle->has_idle = false;
	if (before == IMAP_IDLE_NOTIFYING) {
		/* Where it does not, all else is as before. */
		idle->has_others = is_ok;
		idle_set(idle, IMAP_IDLE_RESTING, now_ms);
		return IMAP_IDLE_GO_ON;
	}
	idle_set(idle, IMAP_IDLE_RESTING,
	    idle->has_idle ? now_ms : now_ms + idle->settings.poll_ms);
	switch (before) {
	case IMAP_IDLE_STARTING:
	case IMAP_IDLE_WAITING:
		/* It has enough of this one: no quarrel in a loop. */
		idle->due_ms += IMAP_IDLE_REST_MS;
		return IMAP_IDLE_GO_ON;
	case IMAP_IDLE_COUNTING:
		/* Without a count it is worth telling, too. */
		return IMAP_IDLE_TELL;
	case IMAP_IDLE_ENDING:
	case IMAP_IDLE_LOOKING:
	case IMAP_IDLE_NOTIFYING:
	case IMAP_IDLE_RESTING:
		break;
	}
	return is_ok ? IMAP_IDLE_GO_ON : IMAP_IDLE_BROKEN;
}

enum imap_idle_result
imap_idle_take(struct imap_idle *idle, struct str name,
    struct imap_reader *reader, const struct imap_response *response,
    int64_t now_ms)
{
	if (response->is_untagged)
		return idle_untagged(idle, name, reader, response);
	if (!response->is_continue)
		return idle_tagged(idle, response, now_ms);
	if (idle->state == IMAP_IDLE_STARTING)
		idle_set(
		    idle, IMAP_IDLE_WAITING, now_ms + idle->settings.renew_ms);
	return IMAP_IDLE_GO_ON;
}

static void
idle_send(struct imap_idle *idle, enum imap_idle_state state, struct str words,
    int64_t now_ms, struct buf *out)
{
	idle->tag++;
	buf_add_byte(out, 'i');
	buf_add_u64(out, idle->tag);
	buf_add_byte(out, ' ');
	buf_add(out, words);
	idle_set(idle, state, now_ms + idle->settings.wait_ms);
}

/* Of the conversation itself. */
static int64_t
idle_due(const struct imap_idle *idle)
{
	bool may_tell =
	    idle->has_changed && (idle->state == IMAP_IDLE_WAITING ||
	                             idle->state == IMAP_IDLE_RESTING);

	return may_tell && idle->rested_ms < idle->due_ms ? idle->rested_ms
	                                                  : idle->due_ms;
}

bool
imap_idle_next(
    struct imap_idle *idle, struct str count, int64_t now_ms, struct buf *out)
{
	if (now_ms < idle_due(idle))
		return true;
	switch (idle->state) {
	case IMAP_IDLE_WAITING:
		/* The tag stays: it is the IDLE's answer that comes. */
		buf_add(out, STR("DONE\r\n"));
		idle_set(
		    idle, IMAP_IDLE_ENDING, now_ms + idle->settings.wait_ms);
		return true;
	case IMAP_IDLE_RESTING:
		break;
	case IMAP_IDLE_STARTING:
	case IMAP_IDLE_ENDING:
	case IMAP_IDLE_LOOKING:
	case IMAP_IDLE_COUNTING:
	case IMAP_IDLE_NOTIFYING:
		return false;
	}
	if (idle->wants_others && idle->has_idle) {
		idle->wants_others = false;
		idle_send(
		    idle, IMAP_IDLE_NOTIFYING, str_c(idle_notify), now_ms, out);
	} else if (idle->has_changed && now_ms >= idle->rested_ms) {
		/* What comes from now on is to be told next time. */
		idle->has_changed = false;
		idle->tells_growth = idle->has_grown;
		idle->has_grown = false;
		idle_send(idle, IMAP_IDLE_COUNTING, count, now_ms, out);
	} else if (idle->has_idle) {
		idle_send(
		    idle, IMAP_IDLE_STARTING, STR("IDLE\r\n"), now_ms, out);
	} else {
		idle_send(
		    idle, IMAP_IDLE_LOOKING, STR("NOOP\r\n"), now_ms, out);
	}
	return true;
}

int64_t
imap_idle_due(const struct imap_idle *idle)
{
	int64_t due_ms = idle_due(idle);

	return idle->other_changed && idle->others_rested_ms < due_ms
	           ? idle->others_rested_ms
	           : due_ms;
}

void
imap_idle_told(struct imap_idle *idle, int64_t now_ms)
{
	idle->rested_ms = now_ms + IMAP_IDLE_REST_MS;
}

/* ---- other folders ---- */
void
imap_idle_other(struct imap_idle *idle)
{
	idle->other_changed = true;
}

bool
imap_idle_others(struct imap_idle *idle, int64_t now_ms)
{
	if (!idle->other_changed || now_ms < idle->others_rested_ms)
		return false;
	idle->other_changed = false;
	idle->others_rested_ms = now_ms + IMAP_IDLE_REST_MS;
	return true;
}
