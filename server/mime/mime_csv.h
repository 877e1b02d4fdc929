#ifndef MIME_MIME_CSV_H
#define MIME_MIME_CSV_H
/* Tables of text (RFC 4180), with the liberties that programs take. */
#include "base/buf.h"
#include "base/str.h"

#define MIME_CSV_CELLS      250u /* of one row; more are left out */
#define MIME_CSV_CELL_BYTES ((size_t)64 << 10)

struct mime_csv {
	struct str in;
	size_t at;
	char separator;
	uint32_t line; /* lines read so far */
	uint32_t row;  /* rows read so far, empty ones too */
};
struct mime_csv_row {
	struct str cells[MIME_CSV_CELLS];
	size_t count;
	uint32_t line;      /* its first, from 1 */
	uint32_t row;       /* from 1 */
	const char *broken; /* why it cannot be trusted, for people; or NULL */
};

/* Finds the separator: comma, semicolon or tab; "sep=;" is understood. */
struct mime_csv mime_csv_of(struct str in);
/*
 *   row  = cell *( separator cell ) ( CRLF / LF / CR / end )
 *   cell = DQUOTE *( any but DQUOTE / 2DQUOTE ) DQUOTE / *any
 *
 * The next row that is not empty; false at the end. Cells live in the arena or
 * borrow. A quote that is not closed ends its row at the end of its line.
 */
bool mime_csv_next(
    struct mime_csv *csv, struct arena *arena, struct mime_csv_row *out);

/*
 * Adds a cell, quoted where needed. One that a spreadsheet would run as a
 * formula gets an apostrophe in front, which mime_csv_unguarded() takes off.
 */
void mime_csv_add(struct buf *out, struct str cell);
struct str mime_csv_unguarded(struct str cell);

#endif
