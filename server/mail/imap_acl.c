#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_acl.h"
#include "mail/imap_message.h"

/* ---- answers ---- */
static bool
acl_is_ours(const struct imap_acl *acl, const struct imap_tokens *tokens)
{
	struct str name = imap_token_str(tokens, 0);

	return str_eq(name, acl->folder) ||
	       (str_eq_nocase(name, STR("INBOX")) &&
	           str_eq_nocase(acl->folder, STR("INBOX")));
}

/*
 * "-name" takes rights away; "#" is what Dovecot puts before rows of its
 * administrator. A name that cannot be told in words is shown, not changed.
 */
static void
acl_row(
    const struct imap_acl *acl, struct str name, struct mail_rights_row *out)
{
	bool is_negative = str_starts(name, STR("-"));
	struct str plain = is_negative ? str_slice(name, 1, name.len) : name;

	/* The response's own bytes are gone with the next one. */
	out->who = text_line(acl->arena, str_dup(acl->arena, plain));
	out->is_negative = is_negative;
	out->is_self = mail_rights_is_self(plain, acl->login);
	out->is_fixed = !str_eq(out->who.s, plain) ||
	                str_starts(plain, STR("#")) ||
	                mail_rights_check_name(out->who, NULL) != ERR_OK;
}

/* acl-data = "ACL" SP mailbox *(SP identifier SP rights) */
static void
acl_list(struct imap_acl *acl, const struct imap_tokens *tokens)
{
	struct mail_rights *out = acl->out;
	size_t room = tokens->count / 2;

	room = room > MAIL_RIGHTS_MOST ? MAIL_RIGHTS_MOST : room;
	/* Told twice: the first one counts, so that no flood fills memory. */
	if (out->has_list || !acl_is_ours(acl, tokens))
		return;
	out->list = ARENA_ARRAY(acl->arena, room + 1, struct mail_rights_row);
	if (out->list == NULL)
		return;
	out->has_list = true;
	out->is_cut = tokens->is_cut;
	for (uint32_t at = 1; at + 1 < tokens->count; at += 2) {
		struct str name = imap_token_str(tokens, at);

		if (imap_token_is_list(tokens, at) ||
		    imap_token_is_list(tokens, at + 1))
			break;
		if (name.len == 0 || name.len > MAIL_RIGHTS_NAME_BYTES + 1 ||
		    out->count == room) {
			out->is_cut = true;
			continue;
		}
		acl_row(acl, name, &out->list[out->count]);
		out->list[out->count++].rights =
		    mail_rights_parse(imap_token_str(tokens, at + 1));
	}
}

/* listrights-data = "LISTRIGHTS" SP mailbox SP identifier *(SP rights) */
static void
acl_offered(struct imap_acl *acl, const struct imap_tokens *tokens)
{
	if (!acl_is_ours(acl, tokens))
		return;
	for (uint32_t at = 2; at < tokens->count; at++)
		acl->out->offered |=
		    mail_rights_parse(imap_token_str(tokens, at));
}

void
imap_acl_untagged(struct imap_acl *acl, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct imap_tokens tokens;

	if (str_eq_nocase(response->name, STR("ACL"))) {
		tokens = imap_read_tokens(reader, response);
		acl_list(acl, &tokens);
	} else if (str_eq_nocase(response->name, STR("MYRIGHTS"))) {
		tokens = imap_read_tokens(reader, response);
		if (acl_is_ours(acl, &tokens) && tokens.count > 1) {
			acl->out->is_known = true;
			acl->out->mine =
			    mail_rights_parse(imap_token_str(&tokens, 1));
		}
	} else if (str_eq_nocase(response->name, STR("LISTRIGHTS"))) {
		tokens = imap_read_tokens(reader, response);
		acl_offered(acl, &tokens);
	}
}

static enum err_code
acl_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_acl *acl = ctx;

	imap_acl_untagged(acl, reader, response);
	return imap_arena_check(acl->arena, err);
}

/* ---- asking ---- */
static void
acl_ask(struct imap_acl *acl, struct imap_batch *batch)
{
	struct imap_writer *writer = &batch->writer;

	imap_write_begin(writer, "MYRIGHTS ");
	imap_write_string(writer, acl->folder);
	imap_write_end(writer);
	/* Refused to who may not give rights (RFC 4314, 4). */
	imap_write_begin(writer, "GETACL ");
	imap_write_string(writer, acl->folder);
	imap_write_end(writer);
	imap_write_begin(writer, "LISTRIGHTS ");
	imap_write_string(writer, acl->folder);
	imap_write_raw(writer, " ");
	imap_write_string(writer, acl->login);
	imap_write_end(writer);
}

static enum err_code
acl_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct imap_acl *acl = ctx;
	struct imap_batch batch;
	enum err_code rc;

	*acl->out = (struct mail_rights){0};
	if (!imap_conn_has(conn, IMAP_CAP_ACL))
		return ERR_OK;
	imap_batch_init(&batch, conn, acl_untagged, acl);
	acl_ask(acl, &batch);
	rc = imap_batch_run(&batch, acl->arena, err);
	if (rc == ERR_OK) {
		acl->out->is_known =
		    acl->out->is_known && imap_batch_is_ok(&batch, 0);
		acl->out->has_list = acl->out->has_list && acl->out->is_known &&
		                     imap_batch_is_ok(&batch, 1);
		/* Nobody but who may give rights looks at the list. */
		if (!acl->out->has_list)
			acl->out->count = 0;
		if (!imap_batch_is_ok(&batch, 2) || acl->out->offered == 0)
			acl->out->offered = MAIL_RIGHTS_KNOWN;
	}
	imap_batch_end(&batch);
	return rc;
}

enum err_code
mail_rights(struct mail *mail, struct text folder, struct mail_rights *out,
    struct err *err)
{
	struct imap_acl acl = {
	    .arena = mail->arena, .login = mail->account->login, .out = out};
	enum err_code rc;

	*out = (struct mail_rights){0};
	rc = imap_folder_wire(mail, folder, &acl.folder, err);
	if (rc != ERR_OK)
		return rc;
	return account_run(mail, (struct str){0}, true, acl_step, &acl, err);
}

/* ---- changing ---- */
struct acl_change {
	struct mail *mail;
	struct str folder; /* as on the wire */
	const struct mail_rights_row *row;
};

static void
acl_write(struct imap_batch *batch, const struct acl_change *change)
{
	struct imap_writer *writer = &batch->writer;
	struct arena *arena = change->mail->arena;
	const struct mail_rights_row *row = change->row;
	bool is_old = !imap_conn_has(batch->conn, IMAP_CAP_RIGHTS);
	struct str parts[] = {STR("-"), row->who.s};

	imap_write_begin(writer, row->rights == 0 ? "DELETEACL " : "SETACL ");
	imap_write_string(writer, change->folder);
	imap_write_raw(writer, " ");
	imap_write_string(
	    writer, row->is_negative ? str_join(arena, parts, 2) : row->who.s);
	if (row->rights != 0) {
		imap_write_raw(writer, " ");
		imap_write_string(
		    writer, mail_rights_letters(arena, row->rights, is_old));
	}
	imap_write_end(writer);
}

static enum err_code
acl_set_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct acl_change *change = ctx;
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, NULL, NULL);
	acl_write(&batch, change);
	rc = imap_batch_run(&batch, change->mail->arena, err);
	if (rc == ERR_OK && imap_said_is(&batch.ends[0].said, STR("NOPERM")))
		rc = err_set(err, ERR_FORBIDDEN,
		    "The mail server does not allow you to change who may use "
		    "this folder.",
		    "imap: NOPERM to SETACL");
	if (rc == ERR_OK)
		rc = imap_batch_need(
		    &batch, 0, "change who may use the folder", err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
mail_rights_set(struct mail *mail, struct text folder,
    const struct mail_rights_row *row, struct err *err)
{
	struct acl_change change = {.mail = mail, .row = row};
	enum err_code rc = mail_rights_check_name(row->who, err);

	if (rc == ERR_OK)
		rc = imap_folder_wire(mail, folder, &change.folder, err);
	if (rc != ERR_OK)
		return rc;
	return account_run(
	    mail, (struct str){0}, true, acl_set_step, &change, err);
}
