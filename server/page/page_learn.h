#ifndef PAGE_PAGE_LEARN_H
#define PAGE_PAGE_LEARN_H
/* Whom somebody wrote to, read from the Sent folder. */
#include "page/page_people.h"

/* Messages that are looked at, the newest. */
#define LEARN_MESSAGES 2000u

/*
 * Recipients of the newest messages in Sent are collected, each message a use
 * at its date. *out_added: how many were not known yet. ERR_NOT_FOUND: there is
 * no Sent folder.
 */
enum err_code page_learn(
    struct request *req, uint64_t *out_added, struct err *err) WARN_UNUSED;

#endif
