#include "store/store_settings.h"

#include "base/limits.h"
#include "store/store_pool.h"

static const char SQL_PREF[] =
    "INSERT INTO pref (account, name, content) VALUES ($1, $2, $3) "
    "ON CONFLICT (account, name) DO UPDATE SET content = excluded.content";
static const char SQL_PREF_GONE[] =
    "DELETE FROM pref WHERE account = $1 AND name = $2";
static const char SQL_IDENTITY[] =
    "INSERT INTO identity (id, account, name, address, reply_to, "
    "organization, signature, signature_html, bcc, is_verified, created_s) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "address = excluded.address, reply_to = excluded.reply_to, "
    "organization = excluded.organization, signature = excluded.signature, "
    "signature_html = excluded.signature_html, bcc = excluded.bcc, "
    "is_verified = excluded.is_verified, created_s = excluded.created_s "
    "WHERE identity.account = excluded.account";
static const char SQL_IDENTITY_GONE[] =
    "DELETE FROM identity WHERE account = $1 AND id = $2";
static const char SQL_RESPONSE[] =
    "INSERT INTO response (id, account, name, subject, body, changed_s) "
    "VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "subject = excluded.subject, body = excluded.body, "
    "changed_s = excluded.changed_s "
    "WHERE response.account = excluded.account";
static const char SQL_RESPONSE_GONE[] =
    "DELETE FROM response WHERE account = $1 AND id = $2";
static const char SQL_SEARCH[] =
    "INSERT INTO saved_search (id, account, name, words, scope, folder, "
    "created_s, removed_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "words = excluded.words, scope = excluded.scope, "
    "folder = excluded.folder, created_s = excluded.created_s, "
    "removed_s = excluded.removed_s "
    "WHERE saved_search.account = excluded.account";
static const char SQL_SEARCH_GONE[] =
    "DELETE FROM saved_search WHERE account = $1 AND id = $2";
static const char SQL_SENDER[] =
    "INSERT INTO trust (account, sender, added_s) VALUES ($1, $2, $3) "
    "ON CONFLICT (account, sender) DO UPDATE SET added_s = excluded.added_s";
static const char SQL_SENDER_GONE[] =
    "DELETE FROM trust WHERE account = $1 AND sender = $2";

static const char SQL_IDENTITIES[] =
    "SELECT COUNT(*) FROM identity WHERE account = $1";
static const char SQL_RESPONSES[] =
    "SELECT COUNT(*) FROM response WHERE account = $1";
static const char SQL_SEARCHES[] =
    "SELECT COUNT(*) FROM saved_search WHERE account = $1";
static const char SQL_SENDERS[] =
    "SELECT COUNT(*) FROM trust WHERE account = $1";

struct applying {
	struct sql_conn *conn;
	struct str account;
	const struct store_settings_change *change;
	struct err *err;
};

static enum err_code
apply_gone(
    struct applying *in, const char *sql, const struct str *ids, size_t count)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		rc = sql_run(in->conn, sql,
		    SQL_PARAMS(SQL_TEXT(in->account), SQL_TEXT(ids[i])), NULL,
		    in->err);
	return rc;
}

/* Nothing was put: the id is another account's. */
static enum err_code
apply_owned(struct applying *in, enum err_code rc, int64_t changed)
{
	if (rc == ERR_OK && changed == 0)
		return err_set(in->err, ERR_FORBIDDEN,
		    "This belongs to somebody else.", "store_settings");
	return rc;
}

static enum err_code
apply_prefs(struct applying *in)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < in->change->pref_count; i++) {
		const struct store_pref *at = &in->change->prefs[i];

		if (at->content.ptr == NULL)
			rc = apply_gone(in, SQL_PREF_GONE, &at->name, 1);
		else
			rc = sql_run(in->conn, SQL_PREF,
			    SQL_PARAMS(SQL_TEXT(in->account),
			        SQL_TEXT(at->name), SQL_BYTES(at->content)),
			    NULL, in->err);
	}
	return rc;
}

static enum err_code
apply_identities(struct applying *in)
{
	const struct store_settings_change *change = in->change;
	enum err_code rc = apply_gone(in, SQL_IDENTITY_GONE,
	    change->identities_gone, change->identity_gone_count);

	for (size_t i = 0; rc == ERR_OK && i < change->identity_count; i++) {
		const struct store_identity *at = &change->identities[i];
		int64_t changed = 0;

		rc = sql_run(in->conn, SQL_IDENTITY,
		    SQL_PARAMS(SQL_TEXT(at->id), SQL_TEXT(in->account),
		        SQL_TEXT(at->name), SQL_TEXT(at->address),
		        SQL_TEXT(at->reply_to), SQL_TEXT(at->organization),
		        SQL_TEXT(at->signature), SQL_TEXT(at->signature_html),
		        SQL_TEXT(at->bcc), SQL_NUMBER(at->is_verified),
		        SQL_NUMBER(at->created_s)),
		    &changed, in->err);
		rc = apply_owned(in, rc, changed);
	}
	return rc;
}

static enum err_code
apply_responses(struct applying *in)
{
	const struct store_settings_change *change = in->change;
	enum err_code rc = apply_gone(in, SQL_RESPONSE_GONE,
	    change->responses_gone, change->response_gone_count);

	for (size_t i = 0; rc == ERR_OK && i < change->response_count; i++) {
		const struct store_response *at = &change->responses[i];
		int64_t changed = 0;

		rc = sql_run(in->conn, SQL_RESPONSE,
		    SQL_PARAMS(SQL_TEXT(at->id), SQL_TEXT(in->account),
		        SQL_TEXT(at->name), SQL_TEXT(at->subject),
		        SQL_TEXT(at->body), SQL_NUMBER(at->changed_s)),
		    &changed, in->err);
		rc = apply_owned(in, rc, changed);
	}
	return rc;
}

static enum err_code
apply_searches(struct applying *in)
{
	const struct store_settings_change *change = in->change;
	enum err_code rc = apply_gone(in, SQL_SEARCH_GONE,
	    change->searches_gone, change->search_gone_count);

	for (size_t i = 0; rc == ERR_OK && i < change->search_count; i++) {
		const struct store_search *at = &change->searches[i];
		int64_t changed = 0;

		rc = sql_run(in->conn, SQL_SEARCH,
		    SQL_PARAMS(SQL_TEXT(at->id), SQL_TEXT(in->account),
		        SQL_TEXT(at->name), SQL_TEXT(at->words),
		        SQL_TEXT(at->scope), SQL_TEXT(at->folder),
		        SQL_NUMBER(at->created_s), SQL_NUMBER(at->removed_s)),
		    &changed, in->err);
		rc = apply_owned(in, rc, changed);
	}
	return rc;
}

static enum err_code
apply_senders(struct applying *in)
{
	const struct store_settings_change *change = in->change;
	enum err_code rc = apply_gone(in, SQL_SENDER_GONE, change->senders_gone,
	    change->sender_gone_count);

	for (size_t i = 0; rc == ERR_OK && i < change->sender_count; i++)
		rc = sql_run(in->conn, SQL_SENDER,
		    SQL_PARAMS(SQL_TEXT(in->account),
		        SQL_TEXT(change->senders[i].sender),
		        SQL_NUMBER(change->senders[i].added_s)),
		    NULL, in->err);
	return rc;
}

static enum err_code
apply_count(struct applying *in, const char *sql, int64_t most)
{
	struct sql_rows rows;
	int64_t count = 0;
	enum err_code rc = sql_query(
	    in->conn, sql, SQL_PARAMS(SQL_TEXT(in->account)), &rows, in->err);

	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows))
		count = sql_rows_number(&rows);
	rc = sql_rows_end(&rows, NULL, in->err);
	if (rc == ERR_OK && count > most)
		return err_sayf(in->err, ERR_LIMIT,
		    "With these there would be %u of a kind of which there can "
		    "be %u at most. Nothing was changed. Please remove some "
		    "that you no longer need.",
		    (unsigned)count, (unsigned)most);
	return rc;
}

enum err_code
store_settings_apply(struct store *store, struct str account,
    const struct store_settings_change *change, struct err *err)
{
	struct store_change all;
	struct applying in = {.account = account, .change = change, .err = err};
	enum err_code rc = store_pool_change_begin(store, &all, err);

	if (rc != ERR_OK)
		return rc;
	in.conn = all.conn;
	rc = apply_prefs(&in);
	if (rc == ERR_OK)
		rc = apply_identities(&in);
	if (rc == ERR_OK)
		rc = apply_responses(&in);
	if (rc == ERR_OK)
		rc = apply_searches(&in);
	if (rc == ERR_OK)
		rc = apply_senders(&in);
	if (rc == ERR_OK && change->identity_count > 0)
		rc = apply_count(&in, SQL_IDENTITIES, LIMIT_IDENTITIES);
	if (rc == ERR_OK && change->response_count > 0)
		rc = apply_count(&in, SQL_RESPONSES, LIMIT_RESPONSES);
	if (rc == ERR_OK && change->search_count > 0)
		rc = apply_count(&in, SQL_SEARCHES, LIMIT_SAVED_SEARCHES);
	if (rc == ERR_OK && change->sender_count > 0)
		rc = apply_count(&in, SQL_SENDERS, LIMIT_TRUSTED);
	return store_pool_change_end(&all, rc, err);
}
