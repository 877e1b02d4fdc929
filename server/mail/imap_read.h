#ifndef MAIL_IMAP_READ_H
#define MAIL_IMAP_READ_H
/*
 * Our reader of responses: one line with its literals at a time, in memory
 * that is used again, and flat tokens over it. A large literal can go to a
 * sink instead. Everything has a limit; nothing recurses.
 */
#include "base/buf.h"
#include "mail/stream.h"

enum imap_token_kind {
	IMAP_ATOM,   /* also numbers and NIL */
	IMAP_STRING, /* quoted or literal */
	IMAP_LIST    /* its tokens follow up to `end` */
};
struct imap_token {
	struct str s; /* of atoms and strings */
	uint32_t end; /* index of the token after this one */
	enum imap_token_kind kind;
};
struct imap_tokens {
	const struct imap_token *list;
	uint32_t count;
	bool is_cut; /* deeper or more than we keep: parts are missing */
};

enum imap_status {
	IMAP_NO_STATUS,
	IMAP_OK,
	IMAP_NO,
	IMAP_BAD,
	IMAP_BYE,
	IMAP_PREAUTH
};

/* Valid until the next is read. */
struct imap_response {
	bool is_continue; /* "+" */
	bool is_untagged; /* "*" */
	uint32_t tag;     /* of ours, when neither */
	enum imap_status status;
	struct str code; /* inside of [], "UIDNEXT 7", or empty */
	struct str text; /* of a status, behind the code */
	bool has_number; /* "* 12 FETCH" */
	uint32_t number;
	struct str name; /* "FETCH", "LIST", … */
	struct str rest; /* behind the name, without CR LF */
};

struct imap_reader {
	struct stream *stream; /* borrowed; NULL: reads `bytes` */
	struct str bytes;
	imap_line_fn *on_line; /* sees each line's beginning; may be NULL */
	void *ctx;
	/* The next literal of a BODY[…] goes there; NULL: kept. */
	bool (*sink)(void *ctx, struct str bytes);
	void *sink_ctx;
	uint64_t sunk_bytes; /* given to the sink since it was set */
	bool has_sunk;
	/* private */
	struct buf line;
	struct imap_token *tokens; /* owned */
	uint32_t token_capacity;
	uint64_t kept_bytes;
	uint64_t literal_bytes; /* of them in literals, of this line */
};

void imap_reader_init(struct imap_reader *reader, struct stream *stream,
    imap_line_fn *on_line, void *ctx);
void imap_reader_end(struct imap_reader *reader);
/* Before the commands of a batch: counting starts anew. */
void imap_reader_begin(struct imap_reader *reader);
/*
 * Waits for the next response. ERR_AWAY: closed or too slow. ERR_MAIL: not
 * IMAP, or past a limit; the connection is then of no use.
 */
enum err_code imap_read(struct imap_reader *reader, struct imap_response *out,
    struct err *err) WARN_UNUSED;
/* Tokens of response->rest, once per response; valid as long as it is. */
struct imap_tokens imap_read_tokens(
    struct imap_reader *reader, const struct imap_response *response);

/* ---- pure parts ---- */
/* A whole line (without CR LF) taken apart; false: not IMAP. */
bool imap_response_parse(struct str line, struct imap_response *out);
/*
 * Tokens over `bytes`, which is changed in place (escapes). At most
 * `capacity`; `depth` of lists at most LIMIT_IMAP_DEPTH.
 */
struct imap_tokens imap_tokens_parse(
    char *bytes, size_t len, struct imap_token *list, uint32_t capacity);

/* Bytes of an atom or string; NIL and lists give the empty string. */
struct str imap_token_str(const struct imap_tokens *tokens, uint32_t at);
bool imap_token_is(
    const struct imap_tokens *tokens, uint32_t at, struct str atom);
bool imap_token_is_list(const struct imap_tokens *tokens, uint32_t at);
uint64_t imap_token_u64(const struct imap_tokens *tokens, uint32_t at);
/* The token after this one and all in it; count at the end. */
uint32_t imap_token_next(const struct imap_tokens *tokens, uint32_t at);

#endif
