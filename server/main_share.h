#ifndef MAIN_SHARE_H
#define MAIN_SHARE_H
/* Where our own templates and static files are. */
#include "base/err.h"

#define MAIN_SHARE_BYTES 3072

struct main_share {
	char folder[MAIN_SHARE_BYTES];
	char templates[MAIN_SHARE_BYTES];
	char statics[MAIN_SHARE_BYTES];
	char words[MAIN_SHARE_BYTES]; /* may be missing: English alone */
};

/*
 * Beside the program: the source tree it was built in, or share/iwebmsg of
 * where it was installed; else where `make install` puts them.
 * ERR_CONFIG names all places that were tried.
 */
enum err_code main_share_find(
    struct main_share *out, struct err *err) WARN_UNUSED;
/*
 * As the user the server became: when the path cannot be walked (a tree in a
 * home of root), the names relative to the working folder, which root set.
 */
void main_share_settle(struct main_share *share);
/* Makes it the working folder, so that main_share_settle can. */
void main_share_enter(const struct main_share *share);

#endif
