#ifndef MAIL_SMTP_WIRE_H
#define MAIL_SMTP_WIRE_H
/* Lines of SMTP on a connection: commands out, replies in. This room only. */
#include "mail/mail.h"
#include "net/net_client.h"

#define SMTP_IN_BYTES  8192
#define SMTP_OUT_BYTES 16384

struct smtp_reply {
	unsigned code;     /* 0: none */
	struct text words; /* lines joined by a blank, code left out */
};

struct smtp_wire {
	struct net_client *client;
	const struct mail_wait *wait;
	int64_t step_ms; /* longest wait of one step */
	struct arena *arena;
	char in[SMTP_IN_BYTES];
	size_t in_at, in_len;
	char out[SMTP_OUT_BYTES];
	size_t out_len;
	bool ignore_cancel; /* past the final dot only time counts */
};

/* Adds to what is sent; refuses nothing: see smtp_wire_command. */
bool smtp_wire_add(struct smtp_wire *wire, struct str bytes);
/*
 * One command line of up to four pieces, CRLF added. ERR_INPUT when a piece
 * holds CR, LF or NUL. Not yet sent: see smtp_wire_flush.
 */
enum err_code smtp_wire_command(struct smtp_wire *wire,
    const struct str *pieces, size_t count, struct err *err) WARN_UNUSED;
enum err_code smtp_wire_flush(
    struct smtp_wire *wire, struct err *err) WARN_UNUSED;
/*
 * Reads one reply, however many lines. `out_lines` (may be NULL) gets the
 * lines of an EHLO, separated by LF. ERR_AWAY, ERR_CANCELED, ERR_LIMIT,
 * ERR_MAIL (not SMTP).
 */
enum err_code smtp_wire_reply(struct smtp_wire *wire, struct smtp_reply *out,
    struct str *out_lines, struct err *err) WARN_UNUSED;
/* Something has arrived that nobody read. */
bool smtp_wire_has_input(const struct smtp_wire *wire);
/* Time for the next step starts now. */
void smtp_wire_step(struct smtp_wire *wire);

#endif
