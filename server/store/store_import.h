#ifndef STORE_STORE_IMPORT_H
#define STORE_STORE_IMPORT_H
/* Imports of messages, each of them once, and what came of them. Any thread. */
#include "store/store.h"

/*
 * Begins it: *out_is_new false when it was begun before. Kept until ends_s,
 * the newest 50 of an account; what ended before now_s goes.
 */
enum err_code store_import_begin(struct store *store, struct str account,
    struct str id, struct str sealed, int64_t now_s, int64_t ends_s,
    bool *out_is_new, struct err *err) WARN_UNUSED;
/* How far it is. ERR_NOT_FOUND. */
enum err_code store_import_set(struct store *store, struct str account,
    struct str id, struct str sealed, struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND: never begun, of another account, or ended. */
enum err_code store_import_get(struct store *store, struct str account,
    struct str id, struct arena *arena, struct str *out_sealed,
    struct err *err) WARN_UNUSED;

#endif
