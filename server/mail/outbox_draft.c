#include "mail/outbox.h"
#include "mail/outbox_inside.h"
#include "os/file.h"

/* What it is called when it is not there yet. */
static struct text
outbox_default(const struct mail *mail, enum mail_special special)
{
	const struct config_site *site =
	    mail_server_site(account_server(mail->account));
	struct str configured =
	    special == MAIL_SENT ? site->sent_folder : site->drafts_folder;

	if (configured.len > 0)
		return text_line(mail->arena, configured);
	return special == MAIL_SENT ? TEXT("Sent") : TEXT("Drafts");
}

static const struct mail_folder *
outbox_folder(struct mail *mail, enum mail_special special,
    struct text *out_name, struct err *err)
{
	struct mail_folders folders;
	const struct mail_folder *folder = NULL;

	*out_name = outbox_default(mail, special);
	if (mail_folders(mail, &folders, err) != ERR_OK)
		return NULL;
	folder = mail_special_find(mail, &folders, special);
	if (folder != NULL)
		*out_name = folder->name;
	return folder;
}

/* The folder of that kind, made when there is none. */
enum err_code
outbox_folder_name(struct mail *mail, enum mail_special special,
    struct text *out, struct err *err)
{
	struct err why = ERR_NONE;

	if (outbox_folder(mail, special, out, &why) != NULL)
		return ERR_OK;
	if (why.code != ERR_OK)
		return err_set(err, why.code, why.message, why.detail);
	return mail_folder_make(mail, *out, err);
}

static enum err_code
outbox_find_drafts(struct mail *mail, struct str compose_id,
    struct text *out_folder, struct mail_uids *out, uint32_t *out_validity,
    struct err *err)
{
	enum err_code rc =
	    outbox_folder_name(mail, MAIL_DRAFTS, out_folder, err);

	if (rc != ERR_OK)
		return rc;
	return mail_find_header(mail, *out_folder, STR(OUTBOX_HEADER),
	    compose_id, out, out_validity, err);
}

enum err_code
outbox_put_draft(struct mail *mail, struct str compose_id, int fd,
    uint64_t bytes, struct err *err)
{
	struct mail_uids old = {0};
	struct text folder;
	uint32_t validity = 0;
	uint32_t uid = 0;
	enum err_code rc =
	    outbox_find_drafts(mail, compose_id, &folder, &old, &validity, err);

	if (rc == ERR_OK)
		rc = mail_append(
		    mail, folder, MAIL_DRAFT | MAIL_SEEN, fd, bytes, &uid, err);
	/* It is saved; older copies are looked for again next time. */
	if (rc == ERR_OK && old.count > 0)
		err_ignore(mail_expunge(mail, folder, validity, old, NULL));
	return rc;
}

enum err_code
outbox_save_draft(struct mail *mail, struct outbox_item *item, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	struct mime_built built = {0};
	enum err_code rc = file_open_spool(item->spool_folder, &fd, err);

	item->draft->compose_id = item->compose_id;
	item->draft->is_draft = true;
	if (rc == ERR_OK)
		rc = outbox_build(mail, item, fd, true, &built, err);
	if (rc == ERR_OK)
		rc = outbox_put_draft(
		    mail, item->compose_id, fd, built.bytes, err);
	return rc;
}

enum err_code
outbox_drop_draft(struct mail *mail, struct str compose_id, struct err *err)
{
	struct mail_uids old = {0};
	struct text folder;
	uint32_t validity = 0;
	struct err why = ERR_NONE;
	enum err_code rc;

	/* Without a folder for drafts there is none to remove. */
	if (outbox_folder(mail, MAIL_DRAFTS, &folder, &why) == NULL)
		return why.code == ERR_OK
		           ? ERR_OK
		           : err_set(err, why.code, why.message, why.detail);
	rc = mail_find_header(
	    mail, folder, STR(OUTBOX_HEADER), compose_id, &old, &validity, err);
	if (rc != ERR_OK || old.count == 0)
		return rc;
	return mail_expunge(mail, folder, validity, old, err);
}
