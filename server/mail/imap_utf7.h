#ifndef MAIL_IMAP_UTF7_H
#define MAIL_IMAP_UTF7_H
/*
 * Names of folders: modified UTF-7 on the wire (RFC 3501, 5.1.3), UTF-8 for
 * people. Every name of a server comes back as it was: one that is no proper
 * modified UTF-7 is carried as U+F8F0 and its bytes, those past ASCII and
 * controls as U+F700 plus the byte.
 */
#include "base/arena.h"
#include "base/str.h"

/* Of the wire; ptr NULL when the arena is used up. */
struct text imap_utf7_decode(struct arena *arena, struct str wire);
/* For the wire; ptr NULL when used up, or when CR, LF or NUL would go out. */
struct str imap_utf7_encode(struct arena *arena, struct text name);

#endif
