#ifndef MAIL_OUTBOX_INSIDE_H
#define MAIL_OUTBOX_INSIDE_H
/* Steps of the outbox; its files only. */
#include "mail/outbox.h"
#include "mail/smtp.h"

/* The header of a draft that names its composition. */
#define OUTBOX_HEADER "X-Iwebmsg-Compose"

/* "spool/FILE"; NULL without memory. */
char *outbox_path(
    const char *spool_folder, struct str file, struct arena *arena);
/* Builds the message into an open file, which is not synced yet. */
enum err_code outbox_build(struct mail *mail, struct outbox_item *item, int fd,
    bool write_bcc, struct mime_built *out, struct err *err) WARN_UNUSED;
/* Why nobody got it: whom the server refused, or the message, and its words. */
struct text outbox_refusal_words(
    const struct smtp_result *result, size_t recipients, struct arena *arena);
/* The folder of that kind, made when there is none. */
enum err_code outbox_folder_name(struct mail *mail, enum mail_special special,
    struct text *out, struct err *err) WARN_UNUSED;
/* The copies of a composition in Drafts, which is made when there is none. */
enum err_code outbox_find_drafts(struct mail *mail, struct str compose_id,
    struct text *out_folder, struct mail_uids *out, uint32_t *out_validity,
    struct err *err) WARN_UNUSED;
/* For good where only these can go (UIDPLUS), else to Trash. */
enum err_code outbox_remove_drafts(struct mail *mail, struct text folder,
    uint32_t validity, struct mail_uids uids, struct err *err) WARN_UNUSED;
/* The id in the store of a file of outbox_open_files. */
struct str outbox_file_id(const struct mime_draft_file *file);
/*
 * Puts a message from a file into Drafts in place of this composition's older
 * copies: those go when it is in.
 */
enum err_code outbox_put_draft(struct mail *mail, struct str compose_id, int fd,
    uint64_t bytes, struct err *err) WARN_UNUSED;

#endif
