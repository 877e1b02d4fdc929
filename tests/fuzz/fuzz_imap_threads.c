/*
 * Conversations: what a server tells of them (THREAD), and what is made of
 * the headers of strangers. No message is twice in a conversation; of headers
 * each is in one.
 */
#include "base/limits.h"
#include "mail/imap_thread_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int
by_uid(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return *left < *right ? -1 : *left > *right;
}

static void
check_order(const struct imap_thread_order *order, struct arena *arena)
{
	uint32_t at = 0;
	uint32_t newest = UINT32_MAX;

	for (uint32_t i = 0; i < order->thread_count; i++) {
		uint32_t size = order->sizes[i];
		uint32_t *one = ARENA_ARRAY(arena, size, uint32_t);

		ensure(size > 0 && size <= order->uid_count - at);
		/* A long one is in pieces, each of which is in its place. */
		ensure(order->uids[at] <= newest);
		newest = order->uids[at];
		if (one == NULL)
			return;
		memcpy(one, order->uids + at, size * sizeof(*one));
		qsort(one, size, sizeof(*one), by_uid);
		for (uint32_t k = 0; k < size; k++)
			ensure(one[k] != 0 && (k == 0 || one[k] != one[k - 1]));
		at += size;
	}
	ensure(at == order->uid_count);
}

/* Of the open folder. */
static void
told_one(struct str input, struct arena *arena)
{
	struct imap_threads threads = {0};

	imap_threads_read(&threads, 1, input);
	for (uint32_t uid = 1; threads.is_known && uid < 20; uid++) {
		uint32_t *uids = NULL;
		size_t count = imap_threads_find(&threads, uid, arena, &uids);
		bool is_in = count == 0;

		for (size_t i = 0; i < count; i++) {
			is_in = is_in || uids[i] == uid;
			ensure(i == 0 || uids[i] >= uids[i - 1]);
		}
		ensure(is_in);
	}
	imap_threads_end(&threads);
}

/* Each message is a block of lines up to an empty one. */
static size_t
read_headers(struct imap_thread_maker *maker, struct str input)
{
	uint32_t uid = 0;

	while (input.len > 0 && uid < 300) {
		size_t end = str_find(input, STR("\n\n"), 0);

		imap_thread_read(maker, ++uid, str_slice(input, 0, end));
		input = str_slice(input,
		    end + 2 < input.len ? end + 2 : input.len, input.len);
	}
	imap_thread_join(maker);
	return uid;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct imap_thread_maker maker = {.arena = arena};
	struct imap_thread_order order = {0};
	struct str input = str_of((const char *)bytes, len);
	size_t count = 0;
	bool is_told = len > 0 && (bytes[0] == '(' || bytes[0] == ' ');

	if (arena != NULL && len < 65536) {
		if (is_told) {
			imap_thread_told(&maker, input);
			told_one(input, arena);
		} else {
			count = read_headers(&maker, input);
		}
		if (imap_thread_made(&maker, &order)) {
			check_order(&order, arena);
			ensure(is_told || order.uid_count == count);
		}
	}
	arena_free(arena);
	return 0;
}
