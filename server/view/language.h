#ifndef VIEW_LANGUAGE_H
#define VIEW_LANGUAGE_H
/*
 * The languages of a site: English, and one for each file FOLDER/CODE.mo. A
 * host's own folder may have files of the same names: their words come first,
 * so that one sentence can be another there (in English, too: en.mo).
 */
#include "base/tr_words.h"

#define LANGUAGES_MAX 64u

struct languages; /* immutable, counted */

/*
 * `override_folder`: NULL or a folder without such files: none. A `folder`
 * that is not there: English alone. ERR_CONFIG names the file.
 */
enum err_code languages_new(const char *folder, const char *override_folder,
    struct languages **out, struct err *err) WARN_UNUSED;
struct languages *languages_ref(struct languages *languages);
void languages_unref(struct languages *languages); /* NULL accepted */

size_t languages_count(const struct languages *languages);
/* 0 is English; never NULL below the count. */
struct tr_words *languages_at(const struct languages *languages, size_t at);
/* By its code, or NULL. */
const struct tr_words *languages_find(
    const struct languages *languages, struct str code);
/*
 * What the browser's Accept-Language (RFC 9110, 12.5.4) wants most of what
 * there is: "de-AT" takes "de". English when nothing fits.
 */
const struct tr_words *languages_choose(
    const struct languages *languages, struct str accept);

#endif
