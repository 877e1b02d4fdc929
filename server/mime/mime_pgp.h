#ifndef MIME_MIME_PGP_H
#define MIME_MIME_PGP_H
/*
 * OpenPGP written into a text (RFC 9580, 6.2 and 7): its lines are taken out,
 * so that the text can be read, and what it was is said.
 */
#include "mime/mime.h"

struct mime_pgp {
	bool is_signed;    /* some of it; nobody has checked that */
	bool is_encrypted; /* some of it; left out */
	struct text text;  /* the rest */
};
/* A text without any comes back as it is. */
struct mime_pgp mime_pgp_read(struct arena *arena, struct text text);

#endif
