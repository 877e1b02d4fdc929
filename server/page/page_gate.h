#ifndef PAGE_PAGE_GATE_H
#define PAGE_PAGE_GATE_H
/*
 * Lets one request at a time work on one composition: a double click waits
 * for the first click and then sees what it did.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct page_gate;

struct page_gate *page_gate_new(void); /* NULL: no memory */
void page_gate_free(struct page_gate *gate);
/*
 * Waits until nobody else is inside with `key` (22 letters). ERR_BUSY after
 * the deadline, or when very many compositions are worked on at once.
 */
enum err_code page_gate_enter(struct page_gate *gate, struct str key,
    int64_t deadline_mono_ms, struct err *err) WARN_UNUSED;
void page_gate_leave(struct page_gate *gate, struct str key);

#endif
