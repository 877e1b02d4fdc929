#ifndef MIME_HOST_H
#define MIME_HOST_H
/* Within mime/: host names of other alphabets; see mime_sender.h. */
#include "mime/mime.h"

/*
 * As mime_address_shown(). *out_is_confusable: its domain looks like another,
 * mixes alphabets, or cannot be one.
 */
struct text mime_host_address(
    struct arena *arena, struct text address, bool *out_is_confusable);
/*
 * What DNS has for a host name in other letters ("xn--…"); the same where it
 * has none; empty where there is no such name. In the arena, or borrowed.
 */
struct str mime_host_ascii(struct arena *arena, struct str host);

#endif
