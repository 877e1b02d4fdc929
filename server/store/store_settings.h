#ifndef STORE_STORE_SETTINGS_H
#define STORE_STORE_SETTINGS_H
/* Many settings of an account at once, all of them or none. Any thread. */
#include "store/store_identity.h"
#include "store/store_search.h"

/* What goes is named by its id (a sender by the address), and goes first. */
struct store_settings_change {
	struct store_pref *prefs; /* content.ptr NULL: chosen no more */
	size_t pref_count;
	struct store_identity *identities;
	size_t identity_count;
	struct str *identities_gone;
	size_t identity_gone_count;
	struct store_response *responses;
	size_t response_count;
	struct str *responses_gone;
	size_t response_gone_count;
	struct store_search *searches;
	size_t search_count;
	struct str *searches_gone;
	size_t search_gone_count;
	struct store_trust *senders;
	size_t sender_count;
	struct str *senders_gone;
	size_t sender_gone_count;
};
/*
 * In one transaction. What is there by its id is replaced; ERR_FORBIDDEN when
 * it is another account's. ERR_LIMIT in words: more than an account may have.
 */
enum err_code store_settings_apply(struct store *store, struct str account,
    const struct store_settings_change *change, struct err *err) WARN_UNUSED;

#endif
