#include "mail/imap_etpan.h"

#include "base/limits.h"
#include "mail/account.h"
#include "os/clock.h"

#define ETPAN_OTHERS_MS 60000 /* how long somebody else's stays open */

/* ---- around every call ---- */
void
imap_etpan_begin(struct imap_conn *conn)
{
	conn->said = (struct imap_said){0};
	conn->hinted = (struct imap_said){0};
	stream_begin_etpan(conn->stream);
	imap_conn_command(conn);
}

/* Translates libetpan's code; what the server said decides. */
enum err_code
imap_etpan_end(
    struct imap_conn *conn, int code, const char *what, struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc = stream_error(conn->stream, &why);

	stream_wipe_etpan(conn->stream);
	if (code == MAILIMAP_NO_ERROR)
		return ERR_OK;
	if (code == MAILIMAP_ERROR_PARSE || code == MAILIMAP_ERROR_MEMORY ||
	    code == MAILIMAP_ERROR_FATAL || rc != ERR_OK)
		conn->is_broken = true;
	if (rc == ERR_AWAY)
		return err_set(err, rc,
		    "The mail server does not answer or closed the "
		    "connection. Please try again in a moment.",
		    why.detail);
	if (rc != ERR_OK)
		return err_set(err, rc, why.message, why.detail);
	/* Something beside it was beyond libetpan, but it was done. */
	if (conn->said.status == IMAP_OK)
		return ERR_OK;
	if (conn->said.status == IMAP_NO || conn->said.status == IMAP_BAD)
		return imap_said_err(conn->server, &conn->said, what, err);
	conn->is_broken = true;
	return err_setf(err, ERR_MAIL,
	    "The mail server sent something that cannot be understood. Please "
	    "try again.",
	    "libetpan: error %d", code);
}

/* A NUL-terminated copy on the caller's stack. */
struct etpan_name {
	char c[LIMIT_FOLDER_BYTES * 4];
};

static enum err_code
etpan_name(struct str s, struct etpan_name *out, struct err *err)
{
	if (str_has_line_break(s) || s.len >= sizeof(out->c))
		return err_set(err, ERR_INPUT,
		    "The folder's name is too long or holds a line break.",
		    "folder name");
	if (s.len > 0)
		memcpy(out->c, s.ptr, s.len);
	out->c[s.len] = '\0';
	return ERR_OK;
}

static enum err_code
etpan_no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, NULL, "libetpan: no memory");
}

/* Before and after what may change the counts of folders. */
static void
etpan_changes(struct imap_conn *conn, enum account_change change)
{
	if (conn->account != NULL)
		account_counts_forget(&conn->account->counts, change);
}

/* ---- folders ---- */
/*
 * Who may see somebody else's folder is looked at when it is opened: one that
 * stays open for ever would be seen for ever.
 */
static bool
etpan_is_stale(const struct imap_conn *conn, struct str folder)
{
	const struct imap_space *space = imap_space_find(&conn->spaces, folder);

	return space != NULL && space->kind != MAIL_SPACE_OWN &&
	       clock_mono_ms() - conn->selected_mono_ms > ETPAN_OTHERS_MS;
}

enum err_code
imap_select(struct imap_conn *conn, struct str folder, struct err *err)
{
	struct etpan_name name;
	enum err_code rc = etpan_name(folder, &name, err);
	int code;

	if (rc != ERR_OK)
		return rc;
	if (conn->folder != NULL && strcmp(conn->folder, name.c) == 0 &&
	    !conn->is_miscounted && !etpan_is_stale(conn, folder))
		return ERR_OK;
	imap_conn_deselect(conn);
	imap_etpan_begin(conn);
	code = mailimap_select(conn->etpan, name.c);
	rc = imap_etpan_end(conn, code, "open the folder", err);
	if (rc == ERR_OK && !conn->has_exists) {
		conn->is_broken = true;
		return err_set(err, ERR_MAIL,
		    "The mail server sent something that cannot be "
		    "understood. Please try again.",
		    "imap: SELECT without EXISTS");
	}
	/* One that is refused leaves none open (RFC 9051, 6.3.2). */
	conn->has_view = false;
	if (rc == ERR_OK) {
		conn->folder = strdup(name.c);
		conn->selected_mono_ms = clock_mono_ms();
		conn->selected_changes = conn->changes;
		return conn->folder == NULL ? etpan_no_memory(err) : ERR_OK;
	}
	if (rc == ERR_MAIL && !conn->is_broken &&
	    conn->said.status == IMAP_NO &&
	    !imap_said_is(&conn->said, STR("NOPERM")) &&
	    !imap_said_is(&conn->said, STR("SERVERBUG")) &&
	    !imap_said_is(&conn->said, STR("INUSE"))) {
		/* What is kept of the tree is not true any more. */
		if (conn->account != NULL) {
			account_folders_forget(&conn->account->folders);
			account_counts_forget(
			    &conn->account->counts, ACCOUNT_CHANGE_MARKS);
		}
		return err_set(err, ERR_NOT_FOUND,
		    "There is no such folder. It may have been renamed or "
		    "deleted.",
		    "imap: SELECT refused");
	}
	return rc;
}

enum err_code
imap_create(struct imap_conn *conn, struct str folder, struct err *err)
{
	struct etpan_name name;
	enum err_code rc = etpan_name(folder, &name, err);
	int code;

	if (rc != ERR_OK)
		return rc;
	etpan_changes(conn, ACCOUNT_CHANGE_MARKS);
	imap_etpan_begin(conn);
	code = mailimap_create(conn->etpan, name.c);
	rc = imap_etpan_end(conn, code, "make the folder", err);
	if (rc == ERR_MAIL && imap_said_is(&conn->said, STR("ALREADYEXISTS")))
		rc = ERR_OK;
	if (rc != ERR_OK || conn->is_broken)
		return rc;
	imap_etpan_begin(conn);
	code = mailimap_subscribe(conn->etpan, name.c);
	/* The folder is there; not being subscribed hides nothing here. */
	rc = imap_etpan_end(conn, code, "subscribe the folder", err);
	etpan_changes(conn, ACCOUNT_CHANGE_MARKS);
	return rc == ERR_MAIL ? ERR_OK : rc;
}

bool
imap_is_worth_again(struct imap_conn *conn, enum err_code rc)
{
	return rc == ERR_MAIL && !conn->is_broken &&
	       conn->said.status == IMAP_NO &&
	       imap_said_is(&conn->said, STR("EXPUNGEISSUED")) &&
	       imap_noop(conn, NULL) == ERR_OK;
}

/* ---- messages ---- */
static struct mailimap_set *
etpan_set(struct mail_uids uids)
{
	struct mailimap_set *set = mailimap_set_new_empty();

	for (size_t i = 0; set != NULL && i < uids.count;) {
		size_t end = i;

		while (end + 1 < uids.count &&
		       uids.list[end + 1] == uids.list[end] + 1)
			end++;
		if (mailimap_set_add_interval(set, uids.list[i],
		        uids.list[end]) != MAILIMAP_NO_ERROR) {
			mailimap_set_free(set);
			return NULL;
		}
		i = end + 1;
	}
	return set;
}

static struct mailimap_flag *
etpan_flag(unsigned flag)
{
	switch (flag) {
	case MAIL_SEEN:
		return mailimap_flag_new_seen();
	case MAIL_FLAGGED:
		return mailimap_flag_new_flagged();
	case MAIL_ANSWERED:
		return mailimap_flag_new_answered();
	case MAIL_DRAFT:
		return mailimap_flag_new_draft();
	case MAIL_DELETED:
		return mailimap_flag_new_deleted();
	case MAIL_JUNK_MARK:
		return mailimap_flag_new_flag_keyword(strdup("$Junk"));
	case MAIL_NOT_JUNK_MARK:
		return mailimap_flag_new_flag_keyword(strdup("$NotJunk"));
	case MAIL_RECEIPT_SENT:
		return mailimap_flag_new_flag_keyword(strdup("$MDNSent"));
	default:
		return mailimap_flag_new_flag_keyword(strdup("$Forwarded"));
	}
}

static struct mailimap_store_att_flags *
etpan_flags(unsigned flags, bool on)
{
	struct mailimap_flag_list *list = mailimap_flag_list_new_empty();
	struct mailimap_store_att_flags *store = NULL;

	if (list == NULL)
		return NULL;
	for (unsigned flag = MAIL_SEEN; flag <= MAIL_RECEIPT_SENT; flag <<= 1) {
		struct mailimap_flag *one;

		if ((flags & flag) == 0)
			continue;
		one = etpan_flag(flag);
		if (one == NULL ||
		    mailimap_flag_list_add(list, one) != MAILIMAP_NO_ERROR) {
			mailimap_flag_list_free(list);
			return NULL;
		}
	}
	store = on ? mailimap_store_att_flags_new_add_flags_silent(list)
	           : mailimap_store_att_flags_new_remove_flags_silent(list);
	if (store == NULL)
		mailimap_flag_list_free(list);
	return store;
}

enum err_code
imap_store(struct imap_conn *conn, struct mail_uids uids, unsigned flags,
    bool on, struct err *err)
{
	struct mailimap_set *set = etpan_set(uids);
	struct mailimap_store_att_flags *store = etpan_flags(flags, on);
	enum err_code rc = ERR_NO_MEMORY;

	if (set != NULL && store != NULL) {
		etpan_changes(conn, ACCOUNT_CHANGE_MARKS);
		imap_etpan_begin(conn);
		rc = imap_etpan_end(conn,
		    mailimap_uid_store(conn->etpan, set, store),
		    "change the messages", err);
		etpan_changes(conn, ACCOUNT_CHANGE_MARKS);
	} else {
		rc = etpan_no_memory(err);
	}
	if (set != NULL)
		mailimap_set_free(set);
	if (store != NULL)
		mailimap_store_att_flags_free(store);
	return rc;
}

static void
etpan_uids(struct mailimap_set *set, struct arena *arena, struct mail_uids *out)
{
	uint32_t *list = ARENA_ARRAY(arena, LIMIT_LIST_ROWS, uint32_t);
	size_t count = 0;

	if (list == NULL || set == NULL)
		return;
	for (clistiter *at = clist_begin(set->set_list); at != NULL;
	     at = clist_next(at)) {
		struct mailimap_set_item *item = clist_content(at);

		for (uint64_t uid = item->set_first;
		     uid <= item->set_last && count < LIMIT_LIST_ROWS; uid++)
			list[count++] = (uint32_t)uid;
	}
	*out = (struct mail_uids){.list = list, .count = count};
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
imap_copy(struct imap_conn *conn, struct mail_uids uids, struct str to_folder,
    bool is_move, struct arena *arena, struct mail_uids *out_uids,
    uint32_t *out_uid_validity, struct err *err)
{
	struct mailimap_set *set = NULL;
	struct mailimap_set *from = NULL;
	struct mailimap_set *to = NULL;
	struct etpan_name name;
	enum account_change change =
	    is_move ? ACCOUNT_CHANGE_MOVE : ACCOUNT_CHANGE_SPACE;
	int code;
	enum err_code rc = etpan_name(to_folder, &name, err);

	*out_uids = (struct mail_uids){0};
	*out_uid_validity = 0;
	if (rc != ERR_OK)
		return rc;
	set = etpan_set(uids);
	if (set == NULL)
		return etpan_no_memory(err);
	etpan_changes(conn, change);
	imap_etpan_begin(conn);
	code = is_move ? mailimap_uidplus_uid_move(conn->etpan, set, name.c,
	                     out_uid_validity, &from, &to)
	               : mailimap_uidplus_uid_copy(conn->etpan, set, name.c,
	                     out_uid_validity, &from, &to);
	rc = imap_etpan_end(conn, code,
	    is_move ? "move the messages" : "copy the messages", err);
	etpan_changes(conn, change);
	if (code == MAILIMAP_NO_ERROR) {
		etpan_uids(to, arena, out_uids);
		if (from != NULL)
			mailimap_set_free(from);
		if (to != NULL)
			mailimap_set_free(to);
	}
	mailimap_set_free(set);
	if (rc == ERR_MAIL &&
	    (imap_said_is(&conn->said, STR("TRYCREATE")) ||
	        imap_said_is(&conn->said, STR("NONEXISTENT"))))
		return err_set(err, ERR_NOT_FOUND,
		    "The folder to put the messages in does not exist.",
		    "imap: target missing");
	return rc;
}

enum err_code
imap_uid_expunge(struct imap_conn *conn, struct mail_uids uids, struct err *err)
{
	struct mailimap_set *set = etpan_set(uids);
	enum err_code rc;

	if (set == NULL)
		return etpan_no_memory(err);
	etpan_changes(conn, ACCOUNT_CHANGE_SPACE);
	imap_etpan_begin(conn);
	rc = imap_etpan_end(conn, mailimap_uid_expunge(conn->etpan, set),
	    "delete the messages", err);
	etpan_changes(conn, ACCOUNT_CHANGE_SPACE);
	mailimap_set_free(set);
	return rc;
}
