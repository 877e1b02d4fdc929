#ifndef MIME_MIME_H
#define MIME_MIME_H
/*
 * Messages and their parts, without any type of the library behind it. What
 * strangers sent is decoded to text here, with hard limits before the parser.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary, unknown */
	MIME_BASE64,
	MIME_QUOTED_PRINTABLE
};

enum mime_disposition {
	MIME_NO_DISPOSITION,
	MIME_INLINE,
	MIME_ATTACHMENT
};

/* A parameter as it came: of Content-Type or BODYSTRUCTURE, quotes removed. */
struct mime_param {
	struct str name; /* "name", "filename*0*" */
	struct str value;
};

struct mime_header;

/* One part, from BODYSTRUCTURE (mail/) or a full parse; all text decoded. */
struct mime_part {
	struct str section;  /* "1.2" as IMAP names it; "1" for a lone body */
	struct str type;     /* lower case ASCII: "text" */
	struct str subtype;  /* lower case ASCII: "plain" */
	struct text charset; /* as labelled, lower case; may be empty */
	struct text name;    /* file name, path and controls removed */
	struct text content_id; /* without <> */
	struct text description;
	enum mime_disposition disposition;
	enum mime_encoding encoding;
	uint64_t bytes; /* as transferred, before decoding */
	bool is_flowed; /* text/plain; format=flowed (RFC 3676) */
	bool is_delsp;
	struct mime_part *parts; /* of multipart and message/rfc822 */
	size_t part_count;
	struct str content; /* full parse only: encoded bytes; else empty */
	/* Of Content-Type: protocol, report-type, method, number, total, … */
	const struct mime_param *params;
	size_t param_count;
	/*
	 * Of message/rfc822 and message/global: what its header says, as far as
	 * ENVELOPE tells (a full parse: all of it); NULL: not known.
	 */
	const struct mime_header *message;
};

/*
 * Hard limits on one message, of the [Reading] section; mail/ and page/ take
 * them from mime_limits_of(). Past a limit what can be shown is shown.
 */
struct mime_limits {
	size_t parse_bytes;  /* of a message that is parsed whole */
	size_t header_bytes; /* of a header block */
	uint32_t depth;      /* parts within parts */
	uint32_t parts;
	size_t text_bytes; /* of a text that is shown */
	size_t html_bytes; /* of HTML that is cleaned */
	int64_t time_ms;   /* of reading one message, CPU of this thread */
};
/* What the ini file says without a word in it; for tests and utilities. */
extern const struct mime_limits mime_limits_default;

struct mime_address {
	struct text name;    /* display name, decoded; may be empty */
	struct text address; /* "local@domain"; empty for a group's name */
};

struct mime_addresses {
	struct mime_address *list;
	size_t count;
};

/* What a message page shows of the header. */
struct mime_header {
	struct text subject;
	struct mime_addresses from, sender, reply_to, to, cc, bcc;
	struct text message_id; /* with <> */
	struct text in_reply_to;
	struct text references; /* ids separated by spaces */
	int64_t date_s;         /* Unix; 0: none or unreadable */
	int date_offset_minutes;
	/*
	 * The block as it came, for mime_auth.h, mime_list.h and "all headers";
	 * cut at the limit. Empty where only an ENVELOPE is known.
	 */
	struct str raw;
	/* Addresses left out of the lists above, by the limit; 0: none. */
	size_t left_out;
};

struct mime_message {
	struct mime_header header;
	struct mime_part *root;
	/* A limit was met: some parts, or their text, are not there. */
	bool is_incomplete;
};

/* Once at start, before any thread. */
void mime_init(void);

/*
 * Parses a whole message. Never refuses what is broken: what cannot be read
 * is shown as one text part. ERR_LIMIT only past hard limits of memory.
 * Results live in the arena and borrow from `bytes`.
 */
enum err_code mime_parse(struct str bytes, const struct mime_limits *limits,
    struct arena *arena, struct mime_message *out, struct err *err) WARN_UNUSED;
/* Only a header block (RFC 5322 fields, then an empty line or the end). */
enum err_code mime_parse_header(struct str bytes, struct arena *arena,
    struct mime_header *out, struct err *err) WARN_UNUSED;

/* ---- decoding pieces (used by mail/ for ENVELOPE and BODYSTRUCTURE) ---- */
/* Unstructured text: RFC 2047 words, raw UTF-8 or else windows-1252. */
struct text mime_decode_text(struct arena *arena, struct str raw);
/* A file name parameter: RFC 2231 or 2047 forms or raw; path removed. */
struct text mime_decode_name(struct arena *arena, struct str raw);
/*
 * The value of `name` among parameters: RFC 2231 (extended, continued) goes
 * before a plain one, which may hold RFC 2047 words or raw bytes. Empty when
 * there is none. For a file name use mime_param_file_name().
 */
struct text mime_param_find(struct arena *arena,
    const struct mime_param *params, size_t count, struct str name);
/*
 * The file name of a part: "filename" of the disposition's parameters, else
 * "name" of the type's; path and controls removed.
 */
struct text mime_param_file_name(struct arena *arena,
    const struct mime_param *disposition, size_t disposition_count,
    const struct mime_param *type, size_t type_count);
/* Raw address list ("A <a@b>, c@d"), as in a header or typed by a person. */
enum err_code mime_parse_addresses(struct str raw, struct arena *arena,
    struct mime_addresses *out, struct err *err) WARN_UNUSED;
/*
 * The same for what a person typed in To/Cc/Bcc: each must be a sendable
 * address; one without @ gets `default_domain` (may be empty). A domain in
 * other letters becomes what DNS has for it ("xn--…"); letters beyond ASCII
 * before the @ stay, and need SMTPUTF8. ERR_INPUT names what is wrong.
 */
enum err_code mime_check_recipients(struct str typed, struct str default_domain,
    struct arena *arena, struct mime_addresses *out,
    struct err *err) WARN_UNUSED;
/* Unix seconds of an RFC 5322 date, obsolete forms too; 0 if unreadable. */
int64_t mime_parse_date(struct str raw, int *out_offset_minutes);

/*
 * What Content-Transfer-Encoding means, as a header or BODYSTRUCTURE has it:
 * in any case, in quotes, with comments; unknown ones are none.
 */
enum mime_encoding mime_encoding_of(struct str field);
/*
 * Decodes a part's transfer encoding piece by piece: constant memory. Output
 * goes to a function; it returns false to stop.
 */
typedef bool mime_sink_fn(void *ctx, struct str bytes);
struct mime_decoder {
	enum mime_encoding encoding;
	mime_sink_fn *sink;
	void *ctx;
	/* private */
	uint32_t bits;
	unsigned bit_count;
	unsigned char held[80];
	size_t held_len;
	enum {
		MIME_PADDING_NONE,
		MIME_PADDING_SEEN,
		MIME_PADDING_LINE, /* and the end of its line */
		MIME_PADDING_END
	} padding; /* of base64 */
	bool stopped;
};
void mime_decoder_init(struct mime_decoder *decoder,
    enum mime_encoding encoding, mime_sink_fn *sink, void *ctx);
bool mime_decoder_add(struct mime_decoder *decoder, struct str bytes);
bool mime_decoder_end(struct mime_decoder *decoder);
/* All at once, into the arena, at most `max_bytes` of output. */
struct str mime_decode_transfer(struct arena *arena,
    enum mime_encoding encoding, struct str bytes, size_t max_bytes);
/*
 * Bytes of a text part to text: WHATWG labels, iconv, U+FFFD for what cannot
 * be; unknown or lying label: UTF-8 when valid, else windows-1252.
 */
struct text mime_decode_charset(
    struct arena *arena, struct str label, struct str bytes);
/*
 * What HTML itself says of its charset, for a part without a label: a byte
 * order mark, or <meta charset> or its older form in the first 1024 bytes
 * (HTML, 13.2.3). Borrows from `bytes` or is static; empty: it does not say.
 */
struct str mime_html_charset(struct str bytes);
/* Does mime_decode_charset() know the label? */
bool mime_charset_is_known(struct str label);
/* Charsets to choose from when a text was labelled wrong. */
struct mime_charset_choice {
	const char *label;
	const char *name; /* for people */
};
const struct mime_charset_choice *mime_charset_menu(size_t *out_count);
/* format=flowed lines joined (RFC 3676); quote depth kept as "> ". */
struct text mime_unflow(struct arena *arena, struct text text, bool delsp);

/* ---- choosing what is shown ---- */
struct mime_choice {
	const struct mime_part *plain; /* NULL: none */
	const struct mime_part *html;  /* NULL: none */
	const struct mime_part *
	    *attachments; /* in order, without those shown */
	size_t attachment_count;
	/*
	 * Images of a multipart/related with a Content-ID: shown within `html`,
	 * and not listed above. List them too where only `plain` is shown.
	 */
	const struct mime_part **inline_images;
	size_t inline_image_count;
};
/* The best text part(s) of alternatives, and what counts as attachment. */
enum err_code mime_choose(const struct mime_part *root, struct arena *arena,
    struct mime_choice *out, struct err *err) WARN_UNUSED;
/* The part of that section, or NULL. */
const struct mime_part *mime_part_find(
    const struct mime_part *root, struct str section);
const struct mime_part *mime_part_by_cid(
    const struct mime_part *root, struct str content_id);
/* May be shown inline by a browser: fixed list of image types. */
bool mime_is_safe_image(const struct mime_part *part);

/* ---- building ---- */
struct mime_draft_file {
	struct text name;
	struct str type; /* "image/png"; broken or empty: octet-stream */
	/* Reads at `offset`: count, 0 at the end, -1 on error. */
	int64_t (*read)(void *ctx, uint64_t offset, void *buf, size_t len);
	void *ctx;
	uint64_t bytes;
	/*
	 * Without <>: a picture in `html` ("cid:…"), so a related part. What
	 * `html` does not name is an attachment; "cid:" there is not escaped.
	 */
	struct str content_id; /* empty: an attachment */
	bool is_message;       /* message/rfc822, whatever `type` says */
	/*
	 * Not NULL: the part (an attachment, no message) is left out, header
	 * and contents; here is where it belongs, in bytes of what is written.
	 */
	uint64_t *left_out_at;
};
enum mime_priority {
	MIME_PRIORITY_NORMAL,
	MIME_PRIORITY_HIGH,
	MIME_PRIORITY_LOW
};
struct mime_draft {
	struct mime_address from;
	struct mime_addresses to, cc, bcc; /* bcc is written if write_bcc */
	/*
	 * A draft is kept whatever stands in it: what is no sendable address
	 * ("Bob") is written so that it comes back as typed, as a name without
	 * address; `from` may be empty. Otherwise that is ERR_INPUT.
	 */
	bool is_draft;
	bool write_bcc; /* drafts and the copy in Sent keep Bcc */
	struct text subject;
	struct text body; /* plain text; lines are wrapped as format=flowed */
	/*
	 * Empty, or the same as `body` formatted: clean HTML of html_clean.
	 * Then both are sent as multipart/alternative (RFC 2046, 5.1.4), HTML
	 * with its pictures as multipart/related (RFC 2387).
	 */
	struct str html;
	struct text message_id; /* with <> */
	struct text in_reply_to, references;
	struct mime_addresses reply_to; /* may be none */
	struct text organization;       /* may be empty */
	enum mime_priority priority;
	bool asks_receipt; /* Disposition-Notification-To (RFC 8098) */
	/* "X-Iwebmsg-Compose: ID VERSION", found by its id; or empty. */
	struct str compose_id;
	uint64_t version; /* of the composition */
	int64_t date_s;
	struct mime_draft_file *files;
	size_t file_count;
	/*
	 * Nothing beyond ASCII: for a server without 8BITMIME. An attached
	 * message that has it goes as a file (application/octet-stream).
	 */
	bool is_7bit_only;
};
/* What was written. */
struct mime_built {
	uint64_t bytes; /* all of it */
	/* Of the Bcc lines, which stand first: SMTP sends what follows. */
	uint64_t head_bytes;
	bool is_8bit;    /* some bytes are beyond ASCII: needs 8BITMIME */
	bool needs_utf8; /* some in the header: needs SMTPUTF8 (RFC 6532) */
};
/*
 * Writes the message (CRLF lines, Bcc never unless asked) to an open file
 * descriptor, reading files piece by piece: constant memory. All is 7-bit but
 * attached messages, which must not be encoded (RFC 2046, 5.2.1), and
 * addresses with letters beyond ASCII before the @. An attached message with
 * lines past 998 bytes, NUL or a CR alone goes as application/octet-stream.
 * No field can inject a header: CR, LF and NUL cannot get in.
 * ERR_LIMIT: more than max_bytes. ERR_INPUT: a bad address.
 */
enum err_code mime_build(const struct mime_draft *draft, int fd,
    uint64_t max_bytes, struct mime_built *out, struct err *err) WARN_UNUSED;
/* "<random@domain>", with our own randomness. */
struct text mime_new_message_id(struct arena *arena, struct str domain);
/* Text for a quoted reply: "> " before each line. */
struct text mime_quote(struct arena *arena, struct text text);
/* Readable plain text of HTML, for quoting and for previews. */
struct text mime_html_to_text(struct arena *arena, struct str html);
/* "Re: x" once, whatever prefixes were there; likewise "Fwd: x". */
struct text mime_reply_subject(struct arena *arena, struct text subject);
struct text mime_forward_subject(struct arena *arena, struct text subject);

#endif
