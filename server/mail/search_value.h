#ifndef MAIL_SEARCH_VALUE_H
#define MAIL_SEARCH_VALUE_H
/* Values of a typed search: dates, ages, sizes. For this room only. Pure. */
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * "2026-11-21", "2026/11/21", "today", "yesterday", or an age as below: to
 * days since 1970-01-01.
 */
bool search_value_date(struct str s, int64_t today, int64_t *out_day);
/* "3d", "2w", "1m", "1y" before today: the same. */
bool search_value_age(struct str s, int64_t today, int64_t *out_day);
/* "500", "10K", "5M", "1G", with "B" or not; what IMAP can say at most. */
bool search_value_size(struct str s, int64_t *out_bytes);

#endif
