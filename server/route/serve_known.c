#include "route/serve_known.h"

#define SESSION_HALF UINT64_C(0xffffffff00000000)

void
serve_known_learn(struct serve_known *known, uint64_t session, uint32_t server)
{
	_Atomic uint64_t *slot = &known->slots[session % SERVE_KNOWN_SLOTS];
	uint64_t value = (session & SESSION_HALF) | server;

	/* Hardly ever changes: the cache line stays shared. */
	if (atomic_load_explicit(slot, memory_order_relaxed) != value)
		atomic_store_explicit(slot, value, memory_order_relaxed);
}

uint32_t
serve_known_find(
    const struct serve_known *known, uint64_t session, uint32_t or_else)
{
	const _Atomic uint64_t *slot =
	    &known->slots[session % SERVE_KNOWN_SLOTS];
	uint64_t value = atomic_load_explicit(slot, memory_order_relaxed);
	uint32_t server = (uint32_t)value;

	return server != 0 && (value & SESSION_HALF) == (session & SESSION_HALF)
	           ? server
	           : or_else;
}
