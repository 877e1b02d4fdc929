#ifndef STORE_STORE_SEARCH_H
#define STORE_STORE_SEARCH_H
/* Searches that people keep. */
#include "store/store.h"

struct store_search {
	struct str id; /* random */
	struct str name, words;
	struct str scope, folder; /* where it looks, as addresses have it */
	int64_t created_s;
	int64_t removed_s; /* 0: it is there */
};
/*
 * Keeps one more; those removed before `forgotten_s` go for good. ERR_LIMIT
 * past LIMIT_SAVED_SEARCHES.
 */
enum err_code store_search_put(struct store *store, struct str account,
    const struct store_search *search, int64_t forgotten_s,
    struct err *err) WARN_UNUSED;
/* By name; those that were removed, too. In the arena. */
enum err_code store_search_list(struct store *store, struct str account,
    struct arena *arena, struct store_search **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
/* Removes it at `removed_s`; 0 brings it back. ERR_NOT_FOUND. */
enum err_code store_search_remove(struct store *store, struct str account,
    struct str id, int64_t removed_s, struct err *err) WARN_UNUSED;

#endif
