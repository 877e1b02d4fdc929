#ifndef STORE_STORE_UNDO_H
#define STORE_STORE_UNDO_H
/* What can be taken back and is too long for an address. Any thread. */
#include "store/store.h"

/*
 * Keeps it until ends_s, the newest 20 of an account; what ended before now_s
 * goes. id: random.
 */
enum err_code store_undo_put(struct store *store, struct str account,
    struct str id, struct str sealed, int64_t now_s, int64_t ends_s,
    struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND: never there, of another account, or ended. */
enum err_code store_undo_get(struct store *store, struct str account,
    struct str id, struct arena *arena, struct str *out_sealed,
    struct err *err) WARN_UNUSED;

#endif
