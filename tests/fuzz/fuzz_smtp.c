/*
 * Replies of a submission server: however the network cuts them, the same is
 * read, and its words are words.
 */
#include <stdint.h>

#include "base/limits.h"
#include "mail/smtp_wire.h"

#define REPLIES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* ---- a connection that brings the input, `step` bytes at a time ---- */
struct net_client {
	struct str left;
	size_t step;
};

void
net_client_set_wait(
    struct net_client *client, int64_t deadline_mono_ms, struct cancel *cancel)
{
	(void)client;
	(void)deadline_mono_ms;
	(void)cancel;
}

int64_t
net_client_read(struct net_client *client, void *buf, size_t len)
{
	size_t take = len < client->step ? len : client->step;

	take = take < client->left.len ? take : client->left.len;
	if (take == 0)
		return -1;
	memcpy(buf, client->left.ptr, take);
	client->left = str_slice(client->left, take, client->left.len);
	return (int64_t)take;
}

int64_t
net_client_write(struct net_client *client, const void *buf, size_t len)
{
	(void)client;
	(void)buf;
	return (int64_t)len;
}

enum err_code
net_client_error(const struct net_client *client, struct err *err)
{
	(void)client;
	return err_set(err, ERR_AWAY, "It is gone.", NULL);
}

/* ---- what is read of it ---- */
struct heard {
	enum err_code rc;
	struct smtp_reply reply;
	struct str lines;
};

/* How many replies there were, with the one that was none. */
static size_t
listen_to(struct str input, size_t step, struct arena *arena,
    struct heard out[REPLIES])
{
	struct net_client client = {input, step};
	struct mail_wait wait = {0};
	struct smtp_wire *wire = ARENA_NEW(arena, struct smtp_wire);
	size_t count = 0;

	ensure(wire != NULL);
	wire->client = &client;
	wire->wait = &wait;
	wire->arena = arena;
	while (count < REPLIES) {
		struct heard *one = &out[count++];

		*one = (struct heard){0};
		one->rc = smtp_wire_reply(wire, &one->reply, &one->lines, NULL);
		if (one->rc != ERR_OK)
			break;
		ensure(one->reply.code >= 200 && one->reply.code <= 599);
		ensure(str_is_utf8(one->reply.words.s));
		ensure(!str_has_line_break(one->reply.words.s));
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct str input = str_of((const char *)data, len);
	struct heard whole[REPLIES];
	struct heard cut[REPLIES];
	size_t count;

	ensure(arena != NULL);
	count = listen_to(input, SIZE_MAX, arena, whole);
	ensure(listen_to(input, 1 + len % 7, arena, cut) == count);
	for (size_t i = 0; i < count; i++) {
		ensure(whole[i].rc == cut[i].rc);
		ensure(whole[i].reply.code == cut[i].reply.code);
		ensure(str_eq(whole[i].reply.words.s, cut[i].reply.words.s));
		ensure(str_eq(whole[i].lines, cut[i].lines));
	}
	arena_free(arena);
	return 0;
}
