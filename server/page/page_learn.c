#include "page/page_learn.h"

#include "base/limits.h"
#include "os/clock.h"
#include "page/page_identity.h"

#define LEARN_ADDRESSES 20000u /* of all messages together */

struct learn {
	struct request *req;
	struct page_identity *own;
	size_t own_count;
	struct learned {
		struct mime_address address;
		int64_t date_s;
	} * list;
	size_t count, capacity;
};

static void
learn_add(struct learn *in, const struct mime_addresses *list, int64_t date_s)
{
	for (size_t i = 0; i < list->count; i++) {
		struct str address = list->list[i].address.s;

		if (address.len == 0 || in->count >= LEARN_ADDRESSES ||
		    page_identity_is_own(in->own, in->own_count, address))
			continue;
		in->list = arena_grow(in->req->arena, in->list, in->count,
		    &in->capacity, sizeof(*in->list));
		if (in->list == NULL) {
			in->count = 0;
			return;
		}
		in->list[in->count].address = list->list[i];
		in->list[in->count++].date_s = date_s;
	}
}

static void
learn_found(void *ctx, const struct mime_header *header)
{
	struct learn *in = ctx;

	learn_add(in, &header->to, header->date_s);
	learn_add(in, &header->cc, header->date_s);
	learn_add(in, &header->bcc, header->date_s);
}

static int
learn_compare(const void *a, const void *b)
{
	const struct learned *left = a;
	const struct learned *right = b;

	return left->date_s < right->date_s ? -1 : left->date_s > right->date_s;
}

/* Oldest first, as they were written; dates to come are no better than now. */
static enum err_code
learn_store(struct learn *in, uint64_t *out_added, struct err *err)
{
	int64_t now_s = clock_now_s();
	struct arena *arena = in->req->arena;
	struct store_use *uses =
	    ARENA_ARRAY(arena, in->count, struct store_use);

	if (uses == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "learn_store");
	if (in->count == 0)
		return ERR_OK;
	qsort(in->list, in->count, sizeof(*in->list), learn_compare);
	for (size_t i = 0; i < in->count; i++) {
		int64_t date_s = in->list[i].date_s;

		people_use(arena, &in->list[i].address,
		    date_s > now_s || date_s < 0 ? now_s : date_s, true,
		    &uses[i]);
		uses[i].is_old = true;
	}
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "learn_store");
	return store_people_use(in->req->app->store, in->req->session->account,
	    uses, in->count, out_added, err);
}

enum err_code
page_learn(struct request *req, uint64_t *out_added, struct err *err)
{
	struct learn in = {.req = req};
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	const struct mail_folder *sent;
	enum err_code rc = mail_folders(&mail, &folders, err);

	*out_added = 0;
	if (rc != ERR_OK)
		return rc;
	sent = mail_special_find(&mail, &folders, MAIL_SENT);
	if (sent == NULL)
		return err_set(err, ERR_NOT_FOUND,
		    "There is no folder of sent messages.", "page_learn");
	rc = page_identity_list(req, &in.own, &in.own_count, err);
	if (rc == ERR_OK)
		rc = mail_recipients(
		    &mail, sent->name, LEARN_MESSAGES, learn_found, &in, err);
	return rc == ERR_OK ? learn_store(&in, out_added, err) : rc;
}
