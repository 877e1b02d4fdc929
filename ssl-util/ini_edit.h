#ifndef SSL_UTIL_INI_EDIT_H
#define SSL_UTIL_INI_EDIT_H
/*
 * Changes one key of an ini file's text and nothing else: comments, order,
 * line ends and the byte order mark stay.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct ini_edit {
	struct str section; /* "SSL", "Host mail.example.org" */
	struct str key;
	struct str value;
};

/*
 * The line of the key in its section gets the value, and keeps how the key is
 * written and what follows as a comment. Without one, a new line comes after
 * the one where it stands commented out (";Key="), else after the section's
 * last key; without the section, it is appended. EnableSSL and ForceSSL are
 * the server's in any section, so they are looked for in all.
 *
 * out  lives in `arena`, or is `bytes` when nothing changes
 * ERR_INPUT: the value cannot be told in an ini file (line break, blank at an
 * end, " ;"). ERR_NO_MEMORY.
 */
enum err_code ini_edit_set(struct str bytes, const struct ini_edit *edit,
    struct arena *arena, struct str *out, struct err *err) WARN_UNUSED;

#endif
