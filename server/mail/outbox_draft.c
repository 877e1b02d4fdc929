#include "mail/outbox.h"

#include "base/num.h"
#include "mail/outbox_inside.h"
#include "os/file.h"

/* What it is called when it is not there yet. */
static struct text
outbox_default(const struct mail *mail, enum mail_special special)
{
	const struct config_site *site =
	    mail_server_site(account_server(mail->account));
	struct str configured = special == MAIL_SENT    ? site->sent_folder
	                        : special == MAIL_TRASH ? site->trash_folder
	                                                : site->drafts_folder;

	if (configured.len > 0)
		return text_line(mail->arena, configured);
	if (special == MAIL_TRASH)
		return TEXT("Trash");
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
	return mail_folder_make(mail, *out, out, err);
}

enum err_code
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

/*
 * Without UIDPLUS they go to Trash: a bare EXPUNGE would take what others
 * have marked, too.
 */
enum err_code
outbox_remove_drafts(struct mail *mail, struct text folder, uint32_t validity,
    struct mail_uids uids, struct err *err)
{
	bool can_catenate = false;
	bool can_expunge = false;
	struct text trash;
	enum err_code rc = mail_can(mail, &can_catenate, &can_expunge, err);

	if (rc != ERR_OK)
		return rc;
	if (can_expunge)
		return mail_expunge(mail, folder, validity, uids, err);
	rc = outbox_folder_name(mail, MAIL_TRASH, &trash, err);
	if (rc != ERR_OK)
		return rc;
	return mail_move(mail, folder, validity, uids, trash, NULL, NULL, err);
}

struct outbox_mark
outbox_mark_parse(struct str header)
{
	static const char name[] = "X-Iwebmsg-Compose:";
	struct outbox_mark mark = {.version = 0};

	while (header.len > 0) {
		struct str line = str_trim(str_cut(&header, '\n'));

		if (!str_starts_nocase(line, str_c(name)))
			continue;
		line = str_trim(str_slice(line, sizeof(name) - 1, line.len));
		mark.id = str_cut(&line, ' ');
		err_ignore(num_u64(
		    str_trim(line), 0, UINT32_MAX, &mark.version, NULL));
		break;
	}
	return mark;
}

/* The newest by version; of equal ones the one that came last. */
static enum err_code
outbox_newest(struct mail *mail, struct text folder, uint32_t validity,
    struct mail_uids all, uint32_t *out_uid, struct err *err)
{
	uint64_t best = 0;

	*out_uid = 0;
	for (size_t i = 0; i < all.count; i++) {
		struct mail_id id = {folder, all.list[i], validity};
		struct str raw = {0};
		bool is_cut = false;
		uint64_t version;
		enum err_code rc =
		    mail_header(mail, &id, NULL, &raw, &is_cut, err);

		if (rc != ERR_OK)
			return rc;
		version = outbox_mark_parse(raw).version;
		if (*out_uid != 0 &&
		    (version < best || (version == best && id.uid < *out_uid)))
			continue;
		best = version;
		*out_uid = id.uid;
	}
	return ERR_OK;
}

enum err_code
outbox_merge_drafts(struct mail *mail, struct str compose_id,
    struct text *out_folder, uint32_t *out_uid, uint32_t *out_validity,
    struct err *err)
{
	struct mail_uids all = {0};
	struct mail_uids others = {0};
	uint32_t *list;
	enum err_code rc = outbox_find_drafts(
	    mail, compose_id, out_folder, &all, out_validity, err);

	*out_uid = rc == ERR_OK && all.count > 0 ? all.list[0] : 0;
	if (rc != ERR_OK || all.count < 2)
		return rc;
	rc = outbox_newest(mail, *out_folder, *out_validity, all, out_uid, err);
	list = ARENA_ARRAY(mail->arena, all.count, uint32_t);
	if (rc != ERR_OK || list == NULL)
		return rc;
	for (size_t i = 0; i < all.count; i++)
		if (all.list[i] != *out_uid)
			list[others.count++] = all.list[i];
	others.list = list;
	return outbox_remove_drafts(
	    mail, *out_folder, *out_validity, others, err);
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
		err_ignore(
		    outbox_remove_drafts(mail, folder, validity, old, NULL));
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
	return outbox_remove_drafts(mail, folder, validity, old, err);
}
