#ifndef MAIL_IMAP_APPEND_H
#define MAIL_IMAP_APPEND_H
/* Pieces of APPEND, for a message as it is and for one put together. */
#include "mail/imap_batch.h"

/* " (\Draft \Seen)" */
void imap_append_flags(struct imap_writer *writer, unsigned flags);
/* Bytes as they are; a failure leaves the connection broken. */
enum err_code imap_append_write(
    struct imap_conn *conn, struct str bytes, struct err *err) WARN_UNUSED;
/* Exactly these bytes of a file, in constant memory. */
enum err_code imap_append_file(struct imap_conn *conn, int fd, uint64_t offset,
    uint64_t bytes, struct err *err) WARN_UNUSED;
/* What became of the first command of the batch; *out_uid 0: not told. */
enum err_code imap_append_end(
    struct imap_batch *batch, uint32_t *out_uid, struct err *err) WARN_UNUSED;

#endif
