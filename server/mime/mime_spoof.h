#ifndef MIME_SPOOF_H
#define MIME_SPOOF_H
/*
 * Within mime/: labels of host names that can be taken for others. The only
 * file that knows ICU (data of Unicode Technical Standard 39).
 */
#include "base/str.h"

/*
 * `label`: UTF-8, lower case, without dots. True when it mixes scripts as no
 * language does (UTS 39, "highly restrictive"), holds what is not seen, or
 * looks like an ASCII label as a whole. That last is no fault where
 * `is_foreign_top`: the name ends in a top domain that is not ASCII.
 * True, too, when it cannot be told. Any thread.
 */
bool mime_spoof_is_confusable(struct str label, bool is_foreign_top);

#endif
