#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H
/* Values as they stand in the ini file, with units. For this room only. */
#include "config/config_table.h"

/*
 * Reads a value into its place. Texts are copied into `arena`; a path which
 * is not absolute is made so with `folder`. False: `why` says what is wrong
 * and what is allowed.
 */
bool config_value_read(const struct config_key *key, struct str value,
    struct str folder, struct arena *arena, void *place, struct buf *why);
/* "a time from 1s to 5m" */
void config_value_allowed(const struct config_key *key, struct buf *out);

#endif
