#ifndef MAIL_IMAP_WRITE_H
#define MAIL_IMAP_WRITE_H
/*
 * The one writer of commands. Arguments go out as atoms, quoted strings or
 * literals; CR, LF and NUL never. Several commands may stand in one batch;
 * where a literal needs the server's "+", the batch has a pause.
 * The first failure is remembered: ERR_INPUT for CR, LF, NUL.
 */
#include "base/buf.h"

#define IMAP_WRITE_PAUSES 64

struct imap_pause {
	size_t offset;  /* bytes to send before waiting */
	size_t command; /* which command waits, counted from 0 */
	size_t resume;  /* where the next command starts */
};

struct imap_writer {
	struct buf out; /* wiped at the end */
	struct imap_pause pauses[IMAP_WRITE_PAUSES];
	size_t pause_count;
	size_t command_count;
	uint32_t first_tag;
	size_t free_literal_bytes; /* up to here no "+" is needed */
	bool changes; /* a command may change folders or messages */
	bool moves;   /* and not only marks */
	bool fills;   /* messages may come into being or end */
};

/*
 * Tags count from first_tag. Literals up to `free_literal_bytes` need no
 * "+": all with LITERAL+, 4096 with LITERAL- (RFC 7888), 0 without.
 */
void imap_writer_init(
    struct imap_writer *writer, uint32_t first_tag, size_t free_literal_bytes);
void imap_writer_end(struct imap_writer *writer);

/* "i12 " and our own words, as they are; may hold spaces. */
void imap_write_begin(struct imap_writer *writer, const char *words);
/* Our own words or characters. */
void imap_write_raw(struct imap_writer *writer, const char *words);
void imap_write_number(struct imap_writer *writer, uint64_t number);
/* Quoted where that is possible, else a literal. */
void imap_write_string(struct imap_writer *writer, struct str s);
/* "1,3:7,9"; sorted or not. */
void imap_write_set(
    struct imap_writer *writer, const uint32_t *uids, size_t count);
/* The server must say "+" before what follows. */
void imap_write_pause(struct imap_writer *writer);
/* CRLF. */
void imap_write_end(struct imap_writer *writer);

/* Printable ASCII without quote and backslash trouble: libetpan may have it. */
bool imap_write_is_plain(struct str s);

#endif
