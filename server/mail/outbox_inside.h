#ifndef MAIL_OUTBOX_INSIDE_H
#define MAIL_OUTBOX_INSIDE_H
/* Steps of the outbox; its files only. */
#include "mail/outbox.h"

/* "spool/ID.eml"; the id is letters, digits, - and _ (checked by pages). */
char *outbox_path(const struct outbox_item *item, struct arena *arena);
/* Builds the message into an open file and makes it durable. */
enum err_code outbox_build(struct mail *mail, struct outbox_item *item, int fd,
    bool write_bcc, uint64_t *out_bytes, struct err *err) WARN_UNUSED;
/* The folder of that kind, made when there is none. */
enum err_code outbox_folder_name(struct mail *mail, enum mail_special special,
    struct text *out, struct err *err) WARN_UNUSED;

#endif
