#ifndef STORE_STORE_IDENTITY_H
#define STORE_STORE_IDENTITY_H
/*
 * Who else somebody writes as, and texts that are used again. Any thread;
 * results live in the arena given.
 */
#include "store/store.h"

struct store_identity {
	struct str id; /* random, 22 letters */
	struct str name, address;
	struct str reply_to, bcc; /* address lists as typed, or empty */
	struct str organization;
	struct str signature;      /* plain text */
	struct str signature_html; /* clean HTML, or empty */
	bool is_verified;          /* the mail server took the address */
	int64_t created_s;
};
/*
 * Adds it, or replaces the account's own of that id. ERR_FORBIDDEN of another
 * account, ERR_LIMIT past LIMIT_IDENTITIES.
 */
enum err_code store_identity_put(struct store *store, struct str account,
    const struct store_identity *identity, struct err *err) WARN_UNUSED;
/* In the order in which they were made. */
enum err_code store_identity_list(struct store *store, struct str account,
    struct arena *arena, struct store_identity **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
/* One that is not there is no error. */
enum err_code store_identity_delete(struct store *store, struct str account,
    struct str id, struct err *err) WARN_UNUSED;

struct store_response {
	struct str id; /* random, 22 letters */
	struct str name, subject, body;
	int64_t changed_s;
};
/* As above; ERR_LIMIT past LIMIT_RESPONSES. */
enum err_code store_response_put(struct store *store, struct str account,
    const struct store_response *response, struct err *err) WARN_UNUSED;
/* By name. */
enum err_code store_response_list(struct store *store, struct str account,
    struct arena *arena, struct store_response **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
enum err_code store_response_delete(struct store *store, struct str account,
    struct str id, struct err *err) WARN_UNUSED;

#endif
