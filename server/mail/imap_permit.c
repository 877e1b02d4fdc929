#include "mail/imap_permit.h"

#include "base/tr.h"
#include "mail/imap_etpan.h"

static bool
permit_is_keyword(const struct mailimap_flag *flag, struct str keyword)
{
	return flag->fl_type == MAILIMAP_FLAG_KEYWORD &&
	       str_eq_nocase(str_c(flag->fl_data.fl_keyword), keyword);
}

static bool
permit_is_system(const struct mailimap_flag *flag, const char *word)
{
	static const struct {
		const char *word;
		int type;
	} table[] = {
	    {"\\Seen", MAILIMAP_FLAG_SEEN},
	    {"\\Deleted", MAILIMAP_FLAG_DELETED},
	    {"\\Flagged", MAILIMAP_FLAG_FLAGGED},
	    {"\\Answered", MAILIMAP_FLAG_ANSWERED},
	    {"\\Draft", MAILIMAP_FLAG_DRAFT},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].word, word) == 0)
			return flag->fl_type == table[i].type;
	return false;
}

/* `word`: of a system flag; NULL: the keyword. */
static bool
permit_has(const struct imap_conn *conn, const char *word, struct str keyword)
{
	const struct mailimap_selection_info *info =
	    conn->etpan->imap_selection_info;
	bool is_told = false;

	if (word != NULL && word[0] != '\\') { /* $Junk, $Forwarded */
		keyword = str_c(word);
		word = NULL;
	}

	if (info == NULL)
		return true;
	for (clistiter *at = info->sel_perm_flags == NULL
	                         ? NULL
	                         : clist_begin(info->sel_perm_flags);
	     at != NULL; at = clist_next(at)) {
		const struct mailimap_flag_perm *perm = clist_content(at);

		is_told = true;
		if (perm->fl_type == MAILIMAP_FLAG_PERM_ALL) {
			if (word == NULL)
				return true;
			continue;
		}
		if (perm->fl_flag != NULL &&
		    (word != NULL ? permit_is_system(perm->fl_flag, word)
		                  : permit_is_keyword(perm->fl_flag, keyword)))
			return true;
	}
	/*
	 * Not told: all that there is may be changed (RFC 9051, 7.1), unless
	 * the folder is open for reading only.
	 */
	return !is_told && info->sel_perm != MAILIMAP_MAILBOX_READONLY;
}

bool
imap_permit_keyword(const struct imap_conn *conn, struct str keyword)
{
	return permit_has(conn, NULL, keyword);
}

/* Opens the folder anew. */
static enum err_code
permit_again(struct imap_conn *conn, struct err *err)
{
	struct arena *arena = arena_new(16 << 10);
	struct str folder;
	enum err_code rc;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "imap_permit");
	folder = str_dup(arena, str_c(conn->folder));
	imap_conn_deselect(conn);
	rc = imap_select(conn, folder, err);
	arena_free(arena);
	return rc;
}

static const char *
permit_words(const char *flag)
{
	if (strcmp(flag, "\\Seen") == 0)
		return N_("The mail server does not allow you to mark messages "
		          "as read or unread in this folder. Nothing was "
		          "changed.");
	if (strcmp(flag, "\\Deleted") == 0)
		return N_("The mail server does not allow you to delete "
		          "messages in this folder. Nothing was deleted.");
	return N_("The mail server does not allow you to mark messages in "
	          "this folder. Nothing was changed.");
}

enum err_code
imap_permit_flag(struct imap_conn *conn, const char *flag, struct err *err)
{
	enum err_code rc;

	if (conn->folder == NULL || permit_has(conn, flag, (struct str){0}))
		return ERR_OK;
	rc = permit_again(conn, err);
	if (rc != ERR_OK || permit_has(conn, flag, (struct str){0}))
		return rc;
	return err_setf(err, ERR_FORBIDDEN, permit_words(flag),
	    "imap: PERMANENTFLAGS without %s", flag);
}
