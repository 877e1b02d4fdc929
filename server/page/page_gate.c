#include "page/page_gate.h"

#include "base/lock.h"
#include "os/clock.h"

#define GATE_KEYS      1024 /* more than there can be workers */
#define GATE_KEY_BYTES 22

struct page_gate {
	struct lock lock; /* guards keys */
	struct lock_cond left;
	struct {
		char key[GATE_KEY_BYTES];
		bool is_taken;
	} keys[GATE_KEYS];
};

struct page_gate *
page_gate_new(void)
{
	struct page_gate *gate = calloc(1, sizeof(*gate));

	if (gate == NULL)
		return NULL;
	lock_init(&gate->lock);
	lock_cond_init(&gate->left);
	return gate;
}

void
page_gate_free(struct page_gate *gate)
{
	if (gate == NULL)
		return;
	lock_cond_end(&gate->left);
	lock_end(&gate->lock);
	free(gate);
}

/* The slot that holds `key`, or GATE_KEYS; *out_free is some free one. */
static size_t
page_gate_find(struct page_gate *gate, struct str key, size_t *out_free)
{
	size_t found = GATE_KEYS;

	*out_free = GATE_KEYS;
	for (size_t i = 0; i < GATE_KEYS; i++) {
		if (!gate->keys[i].is_taken)
			*out_free = i;
		else if (memcmp(gate->keys[i].key, key.ptr, GATE_KEY_BYTES) ==
		         0)
			found = i;
	}
	return found;
}

enum err_code
page_gate_enter(struct page_gate *gate, struct str key,
    int64_t deadline_mono_ms, struct err *err)
{
	size_t slot = GATE_KEYS;
	bool in_time = true;

	ensure(key.len == GATE_KEY_BYTES);
	lock_take(&gate->lock);
	while (page_gate_find(gate, key, &slot) < GATE_KEYS && in_time)
		in_time = lock_cond_wait_ms(&gate->left, &gate->lock,
		    deadline_mono_ms - clock_mono_ms());
	if (in_time && slot < GATE_KEYS) {
		memcpy(gate->keys[slot].key, key.ptr, GATE_KEY_BYTES);
		gate->keys[slot].is_taken = true;
	}
	lock_give(&gate->lock);
	if (!in_time || slot == GATE_KEYS)
		return err_set(err, ERR_BUSY,
		    "This message is still being worked on.", "gate");
	return ERR_OK;
}

void
page_gate_leave(struct page_gate *gate, struct str key)
{
	size_t unused;
	size_t slot;

	lock_take(&gate->lock);
	slot = page_gate_find(gate, key, &unused);
	ensure(slot < GATE_KEYS);
	gate->keys[slot].is_taken = false;
	lock_cond_broadcast(&gate->left);
	lock_give(&gate->lock);
}
