#ifndef PAGE_PAGE_REMOTE_H
#define PAGE_PAGE_REMOTE_H
/*
 * "Show the images from the internet, this time": an address that says so
 * carries a token of this session and message. A link in a mail could say
 * remote=1 as well, and one click on it would tell its sender who reads.
 */
#include "page/page.h"

/*
 * The value of "remote" in an address for this message; uid_validity must be
 * known. ptr NULL: cannot be made.
 */
struct str page_remote_token(struct request *req, const struct mail_id *id);
/* Does the query carry such a token for this session and message? */
bool page_remote_is_allowed(struct request *req, const struct mail_id *id);

#endif
