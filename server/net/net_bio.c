#include "net/net_bio.h"

enum {
	BYTES_LEAST = 4096
};

/* ---- bytes that wait ---- */

bool
net_bytes_room(struct net_bytes *bytes, size_t capacity)
{
	char *ptr = NULL;

	if (capacity <= bytes->capacity)
		return true;
	ptr = realloc(bytes->ptr, capacity);
	if (ptr == NULL)
		return false;
	bytes->ptr = ptr;
	bytes->capacity = capacity;
	return true;
}

bool
net_bytes_add(
    struct net_bytes *bytes, const void *ptr, size_t len, size_t max_bytes)
{
	size_t capacity =
	    bytes->capacity < BYTES_LEAST ? BYTES_LEAST : bytes->capacity;

	if (len > max_bytes || net_bytes_left(bytes) > max_bytes - len)
		return false;
	if (bytes->at > 0 && bytes->len + len > bytes->capacity) {
		memmove(
		    bytes->ptr, bytes->ptr + bytes->at, net_bytes_left(bytes));
		bytes->len -= bytes->at;
		bytes->at = 0;
	}
	while (capacity < bytes->len + len)
		capacity *= 2;
	if (!net_bytes_room(bytes, capacity))
		return false;
	memcpy(bytes->ptr + bytes->len, ptr, len);
	bytes->len += len;
	return true;
}

void
net_bytes_end(struct net_bytes *bytes)
{
	free(bytes->ptr);
	memset(bytes, 0, sizeof(*bytes));
}

bool
net_bytes_write(struct net_bytes *bytes, sock_t sock, bool *out_is_broken)
{
	while (bytes->at < bytes->len) {
		const size_t left = net_bytes_left(bytes);
		const int64_t put =
		    socket_write(sock, bytes->ptr + bytes->at, left);

		if (put == -2)
			*out_is_broken = true;
		if (put < 0)
			return false;
		bytes->at += (size_t)put;
	}
	bytes->at = 0;
	bytes->len = 0;
	return true;
}

/* ---- the BIO ---- */

static int
bio_read(BIO *bio, char *buf, size_t len, size_t *out_len)
{
	struct net_bio *state = BIO_get_data(bio);
	int64_t got = -1;

	*out_len = 0;
	BIO_clear_retry_flags(bio);
	if (!state->is_drained)
		got = socket_read(state->sock, buf, len);
	if (got > 0) {
		/*
		 * epoll(7): a short read of a stream empties it, and whatever
		 * comes later is a new edge. Not so once the end is near: it
		 * may have come with the bytes.
		 */
		if ((size_t)got < len && state->has_edges && !state->is_gone)
			state->is_drained = true;
		*out_len = (size_t)got;
		return 1;
	}
	if (got == -1) {
		state->is_drained = state->has_edges;
		BIO_set_retry_read(bio);
	} else if (got == 0) {
		state->is_end = true;
	} else {
		state->is_broken = true;
	}
	return 0;
}

static int
bio_write(BIO *bio, const char *buf, size_t len, size_t *out_len)
{
	struct net_bio *state = BIO_get_data(bio);
	int64_t put = 0;

	*out_len = 0;
	BIO_clear_retry_flags(bio);
	if (state->out != NULL) {
		if (!net_bytes_add(
		        state->out, buf, len, state->out_max_bytes)) {
			state->is_broken = true;
			return 0;
		}
		*out_len = len;
		return 1;
	}
	put = socket_write(state->sock, buf, len);
	if (put >= 0) {
		*out_len = (size_t)put;
		return 1;
	}
	if (put == -1)
		BIO_set_retry_write(bio);
	else
		state->is_broken = true;
	return 0;
}

static long
bio_ctrl(BIO *bio, int command, long number, void *ptr)
{
	const struct net_bio *state = BIO_get_data(bio);

	(void)number;
	(void)ptr;
	if (command == BIO_CTRL_FLUSH)
		return 1;
	if (command == BIO_CTRL_EOF)
		return state->is_end ? 1 : 0;
	return 0;
}

BIO_METHOD *
net_bio_method_new(void)
{
	BIO_METHOD *method = BIO_meth_new(
	    BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "iwebmsg socket");

	if (method != NULL) {
		(void)BIO_meth_set_read_ex(method, bio_read);
		(void)BIO_meth_set_write_ex(method, bio_write);
		(void)BIO_meth_set_ctrl(method, bio_ctrl);
	}
	return method;
}

BIO *
net_bio_new(const BIO_METHOD *method, struct net_bio *state)
{
	BIO *bio = BIO_new(method);

	if (bio == NULL)
		return NULL;
	BIO_set_data(bio, state);
	BIO_set_init(bio, 1);
	return bio;
}
