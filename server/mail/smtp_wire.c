#include "mail/smtp_wire.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/tr.h"
#include "os/clock.h"

void
smtp_wire_step(struct smtp_wire *wire)
{
	int64_t deadline = clock_mono_ms() + wire->step_ms;

	if (!wire->ignore_cancel && wire->wait->deadline_mono_ms < deadline)
		deadline = wire->wait->deadline_mono_ms;
	net_client_set_wait(wire->client, deadline,
	    wire->ignore_cancel ? NULL : wire->wait->cancel);
}

static void
smtp_wire_waited(struct smtp_wire *wire, int64_t since_us)
{
	if (wire->wait->waited_us != NULL)
		*wire->wait->waited_us +=
		    (uint64_t)(clock_mono_us() - since_us);
}

/* What the connection's first error means for the person. */
static enum err_code
smtp_wire_broken(struct smtp_wire *wire, struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc = net_client_error(wire->client, &why);

	if (rc == ERR_OK)
		rc = ERR_AWAY;
	return err_setf(err, rc,
	    rc == ERR_CANCELED ? N_("Sending was interrupted.")
	                       : N_("The server for outgoing mail cannot be "
	                            "reached, or takes too long."),
	    "smtp: %s", why.detail[0] != '\0' ? why.detail : why.message);
}

enum err_code
smtp_wire_flush(struct smtp_wire *wire, struct err *err)
{
	int64_t since_us = clock_mono_us();
	size_t at = 0;

	while (at < wire->out_len) {
		int64_t sent = net_client_write(
		    wire->client, wire->out + at, wire->out_len - at);

		if (sent < 0) {
			smtp_wire_waited(wire, since_us);
			return smtp_wire_broken(wire, err);
		}
		at += (size_t)sent;
	}
	wire->out_len = 0;
	smtp_wire_waited(wire, since_us);
	return ERR_OK;
}

bool
smtp_wire_add(struct smtp_wire *wire, struct str bytes)
{
	while (bytes.len > 0) {
		size_t room = sizeof(wire->out) - wire->out_len;
		size_t take = bytes.len < room ? bytes.len : room;

		memcpy(wire->out + wire->out_len, bytes.ptr, take);
		wire->out_len += take;
		bytes = str_slice(bytes, take, bytes.len);
		if (wire->out_len == sizeof(wire->out) &&
		    smtp_wire_flush(wire, NULL) != ERR_OK)
			return false;
	}
	return true;
}

enum err_code
smtp_wire_command(struct smtp_wire *wire, const struct str *pieces,
    size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (str_has_line_break(pieces[i]))
			return err_set(err, ERR_INPUT,
			    "An address must not have line breaks.",
			    "smtp: CR, LF or NUL in an argument");
	for (size_t i = 0; i < count; i++)
		if (!smtp_wire_add(wire, pieces[i]))
			return smtp_wire_broken(wire, err);
	if (!smtp_wire_add(wire, STR("\r\n")))
		return smtp_wire_broken(wire, err);
	return ERR_OK;
}

bool
smtp_wire_has_input(const struct smtp_wire *wire)
{
	return wire->in_at < wire->in_len;
}

/* One line into `line`, without its end; bounded. */
static enum err_code
smtp_wire_line(struct smtp_wire *wire, struct buf *line, struct err *err)
{
	for (;;) {
		int64_t got;

		while (wire->in_at < wire->in_len) {
			char c = wire->in[wire->in_at++];

			if (c == '\n')
				return ERR_OK;
			if (c != '\r')
				buf_add_byte(line, c);
			if (line->failed != ERR_OK)
				return err_set(err, ERR_MAIL,
				    "The server for outgoing mail answers in a "
				    "way that cannot be understood.",
				    "smtp: line too long");
		}
		got = net_client_read(wire->client, wire->in, sizeof(wire->in));
		if (got < 0)
			return smtp_wire_broken(wire, err);
		wire->in_at = 0;
		wire->in_len = (size_t)got;
	}
}

/*
 * Reply-line = *( Reply-code "-" [ textstring ] CRLF )
 *              Reply-code [ SP textstring ] CRLF     (RFC 5321, 4.2)
 */
static enum err_code
smtp_wire_parse(struct str line, struct smtp_reply *reply, bool *out_last,
    struct str *out_text, struct err *err)
{
	uint32_t code = 0;
	char mark = (char)(line.len > 3 ? line.ptr[3] : ' ');

	if (line.len < 3 ||
	    num_u32(str_slice(line, 0, 3), 200, 599, &code, NULL) != ERR_OK ||
	    (mark != ' ' && mark != '-') ||
	    (reply->code != 0 && reply->code != code))
		return err_set(err, ERR_MAIL,
		    "The server for outgoing mail answers in a way that cannot "
		    "be understood.",
		    "smtp: not a reply");
	reply->code = code;
	*out_last = mark == ' ';
	*out_text = str_slice(line, 4, line.len);
	return ERR_OK;
}

static enum err_code
smtp_wire_read(struct smtp_wire *wire, struct smtp_reply *out,
    struct buf *lines, struct err *err)
{
	bool last = false;

	for (unsigned i = 0; !last; i++) {
		struct str text = {NULL, 0};
		struct buf line;
		enum err_code rc;

		if (i == LIMIT_SMTP_LINES)
			return err_set(err, ERR_MAIL,
			    "The server for outgoing mail does not stop "
			    "talking.",
			    "smtp: too many lines");
		buf_init_arena(&line, wire->arena, LIMIT_SMTP_LINE);
		rc = smtp_wire_line(wire, &line, err);
		if (rc == ERR_OK)
			rc = smtp_wire_parse(
			    buf_str(&line), out, &last, &text, err);
		if (rc != ERR_OK)
			return rc;
		if (i > 0)
			buf_add_byte(lines, '\n');
		buf_add(lines, text);
	}
	return ERR_OK;
}

enum err_code
smtp_wire_reply(struct smtp_wire *wire, struct smtp_reply *out,
    struct str *out_lines, struct err *err)
{
	int64_t since_us = clock_mono_us();
	struct buf lines;
	enum err_code rc;

	*out = (struct smtp_reply){0};
	buf_init_arena(&lines, wire->arena, LIMIT_SMTP_LINE * LIMIT_SMTP_LINES);
	rc = smtp_wire_read(wire, out, &lines, err);
	smtp_wire_waited(wire, since_us);
	if (rc != ERR_OK)
		return rc;
	out->words = text_shorten(
	    wire->arena, text_line(wire->arena, buf_str(&lines)), 300);
	if (out_lines != NULL)
		*out_lines = buf_str(&lines);
	return ERR_OK;
}
