#ifndef BASE_NUM_H
#define BASE_NUM_H
/* Numbers from text, the whole text, within a range. */
#include "base/err.h"
#include "base/str.h"

/* ERR_INPUT with a message that names the range. */
enum err_code num_u32(struct str s, uint32_t min, uint32_t max, uint32_t *out,
    struct err *err) WARN_UNUSED;
enum err_code num_u64(struct str s, uint64_t min, uint64_t max, uint64_t *out,
    struct err *err) WARN_UNUSED;
enum err_code num_i64(struct str s, int64_t min, int64_t max, int64_t *out,
    struct err *err) WARN_UNUSED;

#endif
